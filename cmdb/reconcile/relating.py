"""Relating: what all that is told of one relation makes of it, each field by the word of the right source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cmdb.model import Relation, RelationId
from cmdb.operations import AddRelation, ChangeRelation
from cmdb.reconcile.draft import Draft, given
from cmdb.reconcile.ends import shown
from cmdb.reconcile.judging import changes_anything, note_lost
from cmdb.reconcile.precedence import UNLISTED, Claim
from cmdb.values import Value

Values = Mapping[str, Value | None]


class Heard(NamedTuple):
    """What one source says of a relation, and where first."""

    source: str
    values: Values
    where: str


def relate(draft: Draft, one: RelationId, heard: Sequence[Heard]) -> None:
    """Plan what a relation of which something is told adds or changes; the highest source comes first."""
    for each in heard:
        draft.sightings.see(each.source, one)
    now = draft.known.graph.relations.get(one)
    if now is None:
        _add(draft, one, heard)
        return
    if len(heard) == 1 and not draft.rules.planned and _says_what_is_so(draft, now, heard[0]):
        draft.relations["unchanged"] += 1
        return
    after = _after(draft, one, now, heard)
    for source, values in after.given.items():
        before = {name: now.attributes.get(name) for name in values}
        draft.operations.append(ChangeRelation(one, before, values, source))
    draft.relations["changed" if after.differs else "unchanged"] += 1


def _add(draft: Draft, one: RelationId, heard: Sequence[Heard]) -> None:
    first, *others = heard
    after = _after(draft, one, None, heard).given if others else {first.source: first.values}
    own = after.pop(first.source, {})
    draft.operations.append(AddRelation(one, given(own), first.source))
    for source, values in after.items():
        draft.operations.append(ChangeRelation(one, dict.fromkeys(values), values, source))
    draft.relations["added"] += 1


def _says_what_is_so(draft: Draft, now: Relation, heard: Heard) -> bool:
    attributes, precedence = now.attributes, draft.rules.precedence
    if any(attributes.get(name) != value for name, value in heard.values.items()):
        return False
    if not heard.values or not precedence.may_take_over(heard.source):
        return True
    origins = ((name, now.provenance[name].source) for name in heard.values if name in now.provenance)
    return not any(precedence.takes_over(name, holder, heard.source) for name, holder in origins)


class _After(NamedTuple):
    """By source, the values that it gives, and whether anything is to be other than it is."""

    given: dict[str, Values]
    differs: bool


def _after(draft: Draft, one: RelationId, now: Relation | None, heard: Sequence[Heard]) -> _After:
    rules, differs = draft.rules, False
    after: dict[str, dict[str, Value | None]] = defaultdict(dict)
    source, target = draft.names[one.source], draft.names[one.target]
    for name in sorted({name for each in heard for name in each.values}):
        claims = [Claim(each.source, each.values[name], each.where) for each in heard if name in each.values]
        there = _there(now, name)
        before = None if rules.planned else there
        verdict = rules.precedence.judge(name, before, claims, empty_counts=rules.planned)
        if verdict.source is not None:
            note_lost(draft, (source, one.type, target), shown(draft, one), name, verdict)
            changes = changes_anything(rules, name, there, verdict)
            differs |= changes
            if changes or (rules.planned and now):
                after[verdict.source][name] = verdict.value
    return _After({**after}, differs)


def _there(now: Relation | None, name: str) -> Claim | None:
    """The value that is there, and whose it is."""
    value = now.attributes.get(name) if now else None
    if now is None or value is None:
        return None
    origin = now.provenance.get(name)
    return Claim(origin.source if origin else UNLISTED, value)
