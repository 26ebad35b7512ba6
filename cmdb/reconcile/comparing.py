"""Comparing: what all that is told of one item makes of it, each field by the word of the right source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cmdb.model import CORE, STATUS, Item, Provenance
from cmdb.operations import ChangeItem, CreateItem, value_of
from cmdb.reconcile.draft import Draft, Told, given
from cmdb.reconcile.judging import changes_anything, note_lost
from cmdb.reconcile.precedence import UNLISTED, Claim, Verdict
from cmdb.values import Attributes, Value
from cmdb.vocabulary import Field
from cmdb.words import listed

CLASS = "class"
NAME = "name"

Wanted = Mapping[str, Value | None]


def create(draft: Draft, uid: str, told: Sequence[Told]) -> None:
    """Plan a new item.

    Of several sources the one whose word counts for its class makes it; each other one gives it what counts
    of its own.
    """
    if len(told) == 1:
        _create(draft, uid, told[0], told[0].values)
        return
    after = _Judging(draft, uid, told).after()
    (source, class_name), *_ = [(one, values[CLASS]) for one, values in after.items() if CLASS in values]
    maker = next(one for one in told if (one.identity.source, one.item.class_name) == (source, class_name))
    own = {name: value for name, value in after.pop(source).items() if name not in CORE}
    made = _create(draft, uid, maker, own)
    for other, values in after.items():
        before = {name: made.after.get(name) for name in values}
        draft.operations.append(ChangeItem(uid, before, values, other))


def compare(draft: Draft, item: Item, told: Sequence[Told]) -> str:
    """Plan what changes of an item that is there; return what happens to it."""
    if len(told) == 1 and not draft.rules.planned:
        plain = _undisputed(draft, item, told[0])
        if plain is not None:
            _change(draft, item, plain, told[0].identity.source)
            return "changed" if plain else "unchanged"
    judging = _Judging(draft, item.uid, told)
    for source, values in judging.after().items():
        _change(draft, item, values, source)
    return "changed" if judging.differs else "unchanged"


def _change(draft: Draft, item: Item, values: Wanted, source: str) -> None:
    if values:
        before = {name: value_of(item, name) for name in values}
        draft.operations.append(ChangeItem(item.uid, before, values, source))


def _create(draft: Draft, uid: str, told: Told, values: Wanted) -> CreateItem:
    key = draft.names[uid]
    core: Attributes = {"key": key, CLASS: told.item.class_name, NAME: told.item.name or key}
    made = CreateItem(uid, core | given(values), told.identity.source)
    draft.operations.append(made)
    draft.created[uid] = made
    return made


def _undisputed(draft: Draft, item: Item, told: Told) -> Wanted | None:
    """What changes where no other source has a say; `None` where one might. Nearly every item is so."""
    if item.class_name != told.item.class_name or item.retired:
        return None
    source, origins, attributes = told.identity.source, item.provenance, item.attributes
    after = {name: value for name, value in told.values.items() if attributes.get(name) != value}
    if told.item.name and told.item.name != item.name:
        after[NAME] = told.item.name
    if any(name in origins and origins[name].source != source for name in after):
        return None
    if draft.rules.precedence.may_take_over(source) and _takes_over(draft, told, origins):
        return None
    return dict(sorted(after.items())) if len(after) > 1 else after


def _takes_over(draft: Draft, told: Told, origins: Mapping[str, Provenance]) -> bool:
    """Whether the source answers for more of what it says than before."""
    source, precedence = told.identity.source, draft.rules.precedence
    others = [name for name, origin in origins.items() if origin.source != source]
    return bool(others) and any(
        precedence.takes_over(name, origins[name].source, source) for name in _wanted(told).keys() & others
    )


def _wanted(told: Told) -> Wanted:
    """The fields that an observed item speaks of."""
    name = {NAME: told.item.name} if told.item.name else {}
    return {CLASS: told.item.class_name, **name, **told.values}


@dataclass
class _Judging:
    """Weighs what several sources say of one item, or of one that is to be made.

    Attributes
    ----------
    differs
        Whether anything is to be other than it is: a value, or who answers for it.
    """

    draft: Draft
    uid: str
    told: Sequence[Told]
    differs: bool = False

    @cached_property
    def item(self) -> Item | None:
        return self.draft.known.graph.items.get(self.uid)

    def after(self) -> dict[str, dict[str, Value | None]]:
        """By source, the values that it gives."""
        claims = _claims(self.told)
        if self.item is not None and self.item.retired and STATUS not in claims:
            claims[STATUS] = [Claim(self.told[0].identity.source, None, self.told[0].item.where)]
        after: dict[str, dict[str, Value | None]] = defaultdict(dict)
        verdict = self._judge(after, CLASS, claims.pop(CLASS))
        fields = self._class(after, verdict)
        for name in sorted(claims):
            if name in fields or name == NAME:
                self._judge(after, name, claims[name])
        self._say_left_out(claims.keys() - fields.keys() - {NAME})
        return after

    def _class(self, after: dict[str, dict[str, Value | None]], verdict: Verdict) -> Mapping[str, Field]:
        """Give it its class, without what such items do not have; return the fields that they have."""
        draft, item, class_name = self.draft, self.item, str(verdict.value)
        draft.enter(self.uid, draft.names[self.uid], class_name)
        fields = draft.item_kinds[class_name].fields
        if item is not None and item.class_name != class_name:
            gone = {name: None for name in item.attributes if name not in fields}
            after[str(verdict.source)].update(gone)
        return fields

    def _say_left_out(self, names: Collection[str]) -> None:
        if names:
            kind, key = self.draft.item_kinds[self.draft.classes[self.uid]], self.draft.names[self.uid]
            self.draft.warnings.append(
                f"{key}: {listed(sorted(names))} left out: {kind.a} has no such fields."
            )

    def _judge(
        self, after: dict[str, dict[str, Value | None]], name: str, claims: Sequence[Claim]
    ) -> Verdict:
        rules, item, now = self.draft.rules, self.item, self._now(name)
        verdict = rules.precedence.judge(
            name,
            None if rules.planned else now,
            claims,
            empty_counts=rules.planned or (name == STATUS and item is not None and item.retired),
        )
        if verdict.source is not None:
            key = self.draft.names[self.uid]
            note_lost(self.draft, key, key, name, verdict)
            changes = changes_anything(rules, name, now, verdict)
            self.differs |= changes
            if changes or (rules.planned and item):
                after[verdict.source][name] = verdict.value
        return verdict

    def _now(self, name: str) -> Claim | None:
        """The value that is there, and whose it is."""
        value = value_of(self.item, name) if self.item else None
        if self.item is None or value is None:
            return None
        origin = self.item.provenance.get(name)
        return Claim(origin.source if origin else UNLISTED, value)


def _claims(told: Iterable[Told]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = defaultdict(list)
    for one in told:
        for name, value in _wanted(one).items():
            found[name].append(Claim(one.identity.source, value, one.item.where))
    return found
