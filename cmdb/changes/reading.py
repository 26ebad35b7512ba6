"""Reading what somebody wrote down as a change: every fault is listed at once, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cmdb.changes.form import AFFECTS_PART, OPERATIONS_PART, Said, parts_of, unknown
from cmdb.changes.record import AFFECTS, CLASS, UNREGISTERED, UTC_ZONE
from cmdb.changes.times import deadline_in, offset_in, time_in, zone_of
from cmdb.changes.unregistered import Unregistered
from cmdb.errors import Fault, NotFound, Rejected
from cmdb.model import Item
from cmdb.operations import Changes
from cmdb.values import Value, moment, normalise
from cmdb.vocabulary import Field, Vocabulary

KEY = "key"
ACTION = "action"
_WHO = (KEY, UNREGISTERED)
_TIMES = {"planned_start": time_in, "planned_end": time_in, "due_at": deadline_in}
_WINDOW = ("planned_start", "planned_end")
_ZONE = "zone"


@dataclass(frozen=True)
class Draft:
    """A change as it is to be, checked.

    Attributes
    ----------
    values
        By field of the record, its value; `None` for what it has not.
    affects
        By uid of an item that it touches, the values of that relation.
    operations
        What it means to alter in the graph, unread; `None` if nothing is said of that.
    """

    values: Changes
    affects: Mapping[str, Changes]
    operations: Sequence[object] | None


def read_change(said: Mapping[str, object], vocabulary: Vocabulary, find: Callable[[str], Item]) -> Draft:
    """Read a change.

    Parameters
    ----------
    find
        Gives the item with a key, or raises `NotFound` with what is close to it.

    Raises
    ------
    Rejected
        If anything is wrong with it; every fault is listed.
    """
    reader = _Reader(vocabulary, find)
    draft = reader.read(said)
    if reader.faults:
        raise refused(reader.faults)
    return draft


def refused(faults: Sequence[Fault]) -> Rejected:
    """The error that says what is wrong with a change."""
    number = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return Rejected(
        f"The change is refused: {number}. {faults[0].pointer}: {faults[0].detail}", tuple(faults)
    )


@dataclass
class _Reader:
    vocabulary: Vocabulary
    find: Callable[[str], Item]
    faults: list[Fault] = field(default_factory=list)

    def read(self, said: Mapping[str, object]) -> Draft:
        parts = {one.field: one for one in parts_of(said, self.faults)}
        values = dict(self._plain(parts)) | self._times(parts)
        if values.get("name") is None and not any(one.pointer == "title" for one in self.faults):
            self._fault("title", "this is missing: say in a few words what is done")
        affects, unregistered = self._affects(said.get(AFFECTS_PART))
        values[UNREGISTERED] = [str(one) for one in unregistered] or None
        operations = said.get(OPERATIONS_PART)
        entries = None if operations is None else self._entries(operations, OPERATIONS_PART)
        return Draft(values, affects, entries)

    def _fault(self, pointer: str, what: str) -> None:
        self.faults.append(Fault(pointer, what))

    def _plain(self, parts: Mapping[str, Said]) -> Iterator[tuple[str, Value | None]]:
        """Every field but those that are times, as far as it is right."""
        fields = self.vocabulary.item_fields(CLASS)
        for name, one in parts.items():
            if name not in _TIMES and one.value is not None:
                try:
                    yield name, _title(one.value) if name == "name" else fields[name].check(one.value)
                except ValueError as error:
                    self._fault(one.pointer, str(error))

    def _times(self, parts: Mapping[str, Said]) -> dict[str, Value | None]:
        """The window, the zone in which it is told, and the deadline."""
        there = {name: one for name, one in parts.items() if one.value is not None}
        zone, is_known = self._zone(there)
        found: dict[str, Value | None] = {_ZONE: zone}
        for name in (name for name in _TIMES if name in there and is_known):
            try:
                found[name] = _TIMES[name](str(normalise("text", there[name].value)), zone)
            except ValueError as error:
                self._fault(there[name].pointer, str(error))
        self._check_window(there, found)
        given = there.get("planned_start")
        if zone is None and given is not None:
            found[_ZONE] = offset_in(str(given.value)) or UTC_ZONE
        return found

    def _zone(self, there: Mapping[str, Said]) -> tuple[str | None, bool]:
        """The zone that is given, if one is; and whether times can be read in it."""
        if _ZONE not in there:
            return None, True
        name = there[_ZONE].value
        try:
            zone_of(str(normalise("text", name)))
        except ValueError as error:
            self._fault(there[_ZONE].pointer, str(error))
            return None, False
        return str(name), True

    def _check_window(self, there: Mapping[str, Said], found: Changes) -> None:
        given = [name for name in _WINDOW if name in there]
        if len(given) == 1:
            missing = "end" if given == ["planned_start"] else "start"
            self._fault(f"window.{missing}", "this is missing: a window has a start and an end")
        start, end = (found.get(name) for name in _WINDOW)
        if start is not None and end is not None and moment(str(end)) <= moment(str(start)):
            self._fault("window.end", f"the window ends at {end}, and only starts at {start}")

    def _affects(self, said: object) -> tuple[dict[str, Changes], list[Unregistered]]:
        known = self.vocabulary.relation_fields(AFFECTS)
        fields = {name: known[name] for name in self.vocabulary.relations[AFFECTS].fields}
        items: dict[str, Changes] = {}
        nameless: list[Unregistered] = []
        places: dict[str, str] = {}
        for place, entry in enumerate(self._entries(said, AFFECTS_PART)):
            pointer = f"{AFFECTS_PART}[{place}]"
            if not isinstance(entry, Mapping):
                self._fault(pointer, "this is not a mapping with a key and an action")
                continue
            self.faults += unknown(entry, (*_WHO, *fields), f"{pointer}.")
            values = self._values(entry, fields, pointer)
            who = self._who(entry, pointer)
            name = who.uid if isinstance(who, Item) else f"“{who}”"
            if who is not None and places.setdefault(name, pointer) != pointer:
                called = who.key if isinstance(who, Item) else who
                self._fault(pointer, f"“{called}” stands at {places[name]} already")
            elif isinstance(who, Item):
                items[who.uid] = values
            elif who is not None:
                nameless.append(Unregistered.of(who, values))
        return items, nameless

    def _values(self, entry: Mapping[str, object], fields: Mapping[str, Field], pointer: str) -> Changes:
        found: dict[str, Value | None] = {"step": 1}
        for name in fields:
            value = entry.get(name)
            if value is None:
                continue
            try:
                found[name] = fields[name].check(value)
            except ValueError as error:
                self._fault(f"{pointer}.{name}", str(error))
        if entry.get(ACTION) is None:
            one_of = ", ".join(map(str, fields[ACTION].one_of or ()))
            self._fault(f"{pointer}.{ACTION}", f"this is missing: say what is done to it, one of {one_of}")
        return found

    def _who(self, entry: Mapping[str, object], pointer: str) -> Item | str | None:
        """The item that an entry names, or the name of what is not registered; `None` if it names nothing."""
        given = [name for name in _WHO if entry.get(name) is not None]
        if len(given) != 1:
            what = "either a key or the name of something unregistered, not both" if given else "no key"
            self._fault(
                f"{pointer}.{KEY}", f"this has {what}" + ("" if given else "; or unregistered: a name")
            )
            return None
        try:
            text = str(normalise("text", entry[given[0]])).strip()
            return self._item(text) if given == [KEY] else self._stranger(text)
        except (ValueError, NotFound) as error:
            self._fault(f"{pointer}.{given[0]}", str(error))
            return None

    def _item(self, key: str) -> Item:
        item = self.find(key)
        if item.retired:
            raise ValueError(f"{key} is retired: it has been taken out of use, and a change cannot touch it")
        reason = self.vocabulary.refusal(AFFECTS, CLASS, item.class_name)
        if reason:
            raise ValueError(f"{key}: {reason}")
        return item

    def _stranger(self, name: str) -> str:
        if not name:
            raise ValueError("its name holds nothing but blanks")
        try:
            self.find(name)
        except NotFound:
            return name
        raise ValueError(f"“{name}” is registered: write key: {name}")

    def _entries(self, said: object, pointer: str) -> list[object]:
        if said is None:
            return []
        if not isinstance(said, list):
            self._fault(pointer, "this is not a list")
            return []
        return said


def _title(value: object) -> Value:
    title = normalise("text", value)
    if not str(title).strip():
        raise ValueError("it holds nothing but blanks")
    return title
