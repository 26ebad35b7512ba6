"""The record of a change, as everything that asks about changes reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cmdb.changes.rules import Action, Stage, action, life, state_of
from cmdb.changes.times import local
from cmdb.changes.unregistered import Unregistered
from cmdb.harm import State
from cmdb.model import Item, Relation
from cmdb.values import Value, instant, moment

CLASS = "change"
AFFECTS = "affects"
STAGE = "stage"
UNREGISTERED = "unregistered"

NORMAL = "normal"
UTC_ZONE = "UTC"


@dataclass(frozen=True)
class Affected:
    """Something that a change touches.

    Attributes
    ----------
    uid, key
        The item's; `None` for what is not registered and known by its name alone.
    action
        What is done to it; `None` where nobody has said.
    step
        When it is its turn, from 1 on.
    effect
        The state it is planned to be in, where that is not the one of its action.
    minutes
        How long it is in that state, if that is known.
    """

    uid: str | None
    key: str | None
    name: str
    action: str | None
    step: int = 1
    effect: str | None = None
    minutes: int | None = None

    @property
    def state(self) -> State:
        """The state it is planned to be in while it is its turn."""
        return state_of(self.action, self.effect)

    @property
    def does(self) -> Action:
        """What the action does besides: whether it ends the item, and whether it is one act on all."""
        return action(self.action)


@dataclass(frozen=True)
class Work:
    """From when to when something was done.

    Attributes
    ----------
    start, end
        Instants in UTC; there is no end while the work goes on.
    zone
        The time zone in which people speak of it.
    """

    start: datetime
    end: datetime | None
    zone: str

    @property
    def minutes(self) -> int | None:
        """How long it lasts."""
        return None if self.end is None else int((self.end - self.start).total_seconds() // 60)

    @property
    def local_start(self) -> datetime:
        """The start on the clocks of its zone."""
        return local(self.start, self.zone)

    @property
    def local_end(self) -> datetime | None:
        """The end on the clocks of its zone."""
        return None if self.end is None else local(self.end, self.zone)


@dataclass(frozen=True)
class Window(Work):
    """From when to when something is planned; it always has an end."""

    end: datetime

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.end - self.start).total_seconds() // 60)


@dataclass(frozen=True)
class Procedure:
    """How something is done: the implementation, the test or the backout.

    Attributes
    ----------
    evidence
        What shows that it works.
    minutes
        How long it takes.
    tested
        Of a backout: whether it was tried.
    point_of_no_return
        Of a backout: how many minutes after its start the change can still be backed out.
    """

    text: str | None = None
    evidence: str | None = None
    minutes: int | None = None
    tested: bool = False
    point_of_no_return: int | None = None


@dataclass(frozen=True)
class Plans:
    """How a change is done, how it is seen to work, and how it is taken back."""

    implementation: Procedure = Procedure()
    test: Procedure = Procedure()
    backout: Procedure = Procedure()


@dataclass(frozen=True)
class NotDoing:
    """What happens if a change is not done, and by when it has to be done."""

    text: str | None
    deadline: datetime | None


@dataclass(frozen=True)
class Change:
    """A change.

    Attributes
    ----------
    item
        The item it is.
    affects
        What it touches, in order of their steps, then of their keys; what is not registered last.
    window, actual
        When it is planned, and when it was done.
    zone
        The time zone in which people speak of it.
    """

    item: Item
    title: str
    type: str
    stage: str
    reason: str | None
    risk_of_not_doing: NotDoing
    affects: tuple[Affected, ...]
    window: Window | None
    actual: Work | None
    plans: Plans
    zone: str
    requester: str | None
    implementer: str | None
    outcome: str | None
    review: str | None

    @property
    def key(self) -> str:
        """Its number, such as CHG-7."""
        return self.item.key

    @property
    def at(self) -> Stage:
        """What may be done in the stage it is in."""
        return life().stage(self.stage)

    @property
    def steps(self) -> tuple[tuple[Affected, ...], ...]:
        """What acts together, one step after the other.

        Where an action is one act on all that share what is altered, it is done to all of them in the first
        of the steps that they were given.
        """
        found: dict[int, list[Affected]] = {}
        for one in self.affects:
            found.setdefault(self._turn(one), []).append(one)
        return tuple(tuple(some) for _, some in sorted(found.items()))

    @property
    def unregistered(self) -> tuple[Affected, ...]:
        """What it touches that is no item here."""
        return tuple(one for one in self.affects if one.uid is None)

    def _turn(self, one: Affected) -> int:
        same = [other.step for other in self.affects if other.action == one.action]
        return min(same) if one.does.shared else one.step


def change_of(item: Item, affects: Iterable[tuple[Relation, Item]]) -> Change:
    """Read the record that an item is.

    Parameters
    ----------
    item
        An item of the class `change`.
    affects
        Its relations `affects`, each with the item at the other end.
    """
    fields = item.attributes
    return Change(
        item=item,
        title=item.name,
        type=_text(fields, "change_type") or NORMAL,
        stage=stage_of(item),
        reason=_text(fields, "reason"),
        risk_of_not_doing=NotDoing(_text(fields, "risk_of_not_doing"), _moment(fields, "due_at")),
        affects=_affected(item, affects),
        window=_window(fields),
        actual=_work(fields),
        plans=Plans(*(_procedure(fields, name) for name in ("implementation", "test", "backout"))),
        zone=_zone(fields),
        requester=_text(fields, "requester"),
        implementer=_text(fields, "implementer"),
        outcome=_text(fields, "outcome"),
        review=_text(fields, "review"),
    )


def stage_of(item: Item) -> str:
    """The stage that a change is in."""
    return _text(item.attributes, STAGE) or life().first


def _affected(item: Item, affects: Iterable[tuple[Relation, Item]]) -> tuple[Affected, ...]:
    found = [_registered(relation.attributes, other) for relation, other in affects]
    found += [_nameless(text) for text in _texts(item.attributes, UNREGISTERED)]
    return tuple(sorted(found, key=lambda one: (one.step, one.key is None, one.key or one.name)))


def _registered(fields: Mapping[str, Value], other: Item) -> Affected:
    return Affected(
        other.uid,
        other.key,
        other.name,
        _text(fields, "action"),
        _number(fields, "step") or 1,
        _text(fields, "effect"),
        _number(fields, "minutes"),
    )


def _nameless(text: str) -> Affected:
    one = Unregistered.read(text)
    return Affected(None, None, one.name, one.action, one.step, one.effect, one.minutes)


def _window(fields: Mapping[str, Value]) -> Window | None:
    start, end = _moment(fields, "planned_start"), _moment(fields, "planned_end")
    return None if start is None or end is None else Window(start, end, _zone(fields))


def _work(fields: Mapping[str, Value]) -> Work | None:
    start = _moment(fields, "actual_start")
    return None if start is None else Work(start, _moment(fields, "actual_end"), _zone(fields))


def _zone(fields: Mapping[str, Value]) -> str:
    return _text(fields, "zone") or UTC_ZONE


def _procedure(fields: Mapping[str, Value], name: str) -> Procedure:
    return Procedure(
        _text(fields, f"{name}_plan"),
        _text(fields, f"{name}_evidence"),
        _number(fields, f"{name}_minutes"),
        name == "backout" and fields.get("backout_tested") is True,
        _number(fields, "point_of_no_return") if name == "backout" else None,
    )


def _text(fields: Mapping[str, Value], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _number(fields: Mapping[str, Value], name: str) -> int | None:
    value = fields.get(name)
    return value if isinstance(value, int) else None


def _moment(fields: Mapping[str, Value], name: str) -> datetime | None:
    text = _text(fields, name)
    return None if text is None else moment(text)


def _texts(fields: Mapping[str, Value], name: str) -> list[str]:
    value = fields.get(name)
    return [str(one) for one in value] if isinstance(value, list) else []


def said(moment_told: datetime | None) -> str | None:
    """A moment as documents tell it."""
    return None if moment_told is None else instant(moment_told)
