"""Matching: which item is meant by an observed one that its source's own name for it leads to nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cmdb.model import Identity, Item
from cmdb.operations import new_uid
from cmdb.reconcile.draft import Draft, Told
from cmdb.reconcile.identification import Mark
from cmdb.reconcile.precedence import UNLISTED
from cmdb.values import Value
from cmdb.words import listed

SHARED_BY_MOST = 20
"""A value that more items have, or that one teller gives to more, identifies nothing: nobody keeps it up."""

Teller = tuple[str, str]
"""Who lists items: a source, and the format in which it does. What it lists twice are two things."""


class _Stranger(NamedTuple):
    """An observed item that is known by no name yet, and the values that identify it."""

    told: Told
    marks: Sequence[Mark]


class _Found(NamedTuple):
    """What a rule found: the items that have the value of a mark."""

    mark: Mark
    uids: Sequence[str]


@dataclass
class _Index:
    """Who has the values that are asked for, and nobody else: a large graph has many more.

    Attributes
    ----------
    holders
        By value that is asked for, the uids of those who have it.
    marks
        By uid of these, all values that identify it.
    tellers
        By uid of these, who lists it in this import.
    retired
        Those of these that are retired.
    """

    holders: dict[Mark, dict[str, None]]
    marks: dict[str, set[Mark]] = field(default_factory=dict)
    tellers: dict[str, set[Teller]] = field(default_factory=lambda: defaultdict(set))
    retired: set[str] = field(default_factory=set)

    def enter(self, uid: str, marks: Iterable[Mark]) -> None:
        """Note the values of an item, if any of them is asked for."""
        every = set(marks)
        asked = every & self.holders.keys()
        if asked:
            self.marks.setdefault(uid, set()).update(every)
        for mark in asked:
            self.holders[mark][uid] = None


@dataclass(frozen=True)
class Matches:
    """Who is meant by observed items that are known by no name yet.

    Attributes
    ----------
    uids
        By the name that its source has for it: the uid of an item that is there, or of a new one that is
        described by several.
    keys
        By uid of such a new one, the key that a file gives it.
    ambiguous
        Names of those that several items could be.
    """

    uids: Mapping[Identity, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    ambiguous: frozenset[Identity] = frozenset()


def match(draft: Draft, every: Sequence[Told], uids: Sequence[str | None]) -> Matches:
    """Find the items that are meant by what no name leads to.

    Nothing is looked for where everything is known by name, or where there is nobody it could be.

    Parameters
    ----------
    every
        What is told of items, the highest source first; all that one teller says of one item is one.
    uids
        In the same order, who is meant by the name; `None` where that leads to nobody.
    """
    strangers = [_Stranger(told, marks) for told, marks in _unknown(draft, every, uids)]
    if not strangers or not _could_be_known(draft, strangers):
        return Matches()
    worn = _worn(strangers)
    index = _Index({mark: {} for one in strangers for mark in one.marks if mark not in worn})
    _enter_graph(draft, index, _told_of_known(draft, every, uids))
    worn |= {mark for mark, holders in index.holders.items() if len(holders) > SHARED_BY_MOST}
    for mark in sorted(worn):
        draft.warnings.append(_shared(draft, mark))
        index.holders[mark] = {}
    for told, uid in zip(every, uids, strict=True):
        if uid in index.marks:
            index.tellers[uid].add(_teller(told))
    return _Matching(draft, index).run(strangers)


def _unknown(
    draft: Draft, every: Sequence[Told], uids: Sequence[str | None]
) -> Iterator[tuple[Told, list[Mark]]]:
    for told, uid in zip(every, uids, strict=True):
        marks = draft.marks.of(told.item.class_name, told.values) if uid is None else []
        if marks:
            yield told, marks


def _could_be_known(draft: Draft, strangers: Sequence[_Stranger]) -> bool:
    """Whether anybody else is there: no teller lists one thing twice."""
    return bool(draft.known.graph.items) or len({_teller(one.told) for one in strangers}) > 1


def _worn(strangers: Sequence[_Stranger]) -> set[Mark]:
    """Values that one teller gives to too many of its items."""
    given = Counter((mark, _teller(one.told)) for one in strangers for mark in one.marks)
    return {mark for (mark, _), number in given.items() if number > SHARED_BY_MOST}


def _shared(draft: Draft, mark: Mark) -> str:
    what = draft.marks.rules[mark.rule].what
    return f"The {what} “{mark.value}” is that of more than {SHARED_BY_MOST} items, so it identifies none."


def _teller(told: Told) -> Teller:
    return told.identity.source, told.seen.format


def _told_of_known(
    draft: Draft, every: Sequence[Told], uids: Sequence[str | None]
) -> dict[str, dict[str, Value | None]]:
    """By uid, the identifying values that this import changes of items that are known."""
    fresh: dict[str, dict[str, Value | None]] = defaultdict(dict)
    items = draft.known.graph.items
    for told, uid in zip(every, uids, strict=True):
        item = None if uid is None else items.get(uid)
        for name in draft.marks.fields(told.item.class_name) if item else ():
            if item and name in told.values and _changes(draft, item, told, name):
                fresh[item.uid].setdefault(name, told.values[name])
    return fresh


def _changes(draft: Draft, item: Item, told: Told, name: str) -> bool:
    if told.values[name] == item.attributes.get(name):
        return False
    rank, origin = draft.rules.precedence.rank, item.provenance.get(name)
    return rank(told.identity.source, name) <= rank(origin.source if origin else UNLISTED, name)


def _enter_graph(draft: Draft, index: _Index, fresh: Mapping[str, Mapping[str, Value | None]]) -> None:
    marks = draft.marks
    for uid, item in draft.known.graph.items.items():
        values = {**item.attributes, **fresh[uid]} if uid in fresh else item.attributes
        found = marks.of(item.class_name, values)
        if found:
            index.enter(uid, found)
            if item.retired:
                index.retired.add(uid)


@dataclass
class _Matching:
    """Goes through the strangers, those with the most to be known by first."""

    draft: Draft
    index: _Index
    uids: dict[Identity, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    ambiguous: set[Identity] = field(default_factory=set)

    def run(self, strangers: Sequence[_Stranger]) -> Matches:
        named = [one for one in strangers if one.told.seen.global_keys]
        others = [one for one in strangers if not one.told.seen.global_keys]
        for one in named:
            self._enter_named(one)
        for one in sorted(others, key=lambda one: -len({mark.rule for mark in one.marks})):
            self._match(one)
        meant = set(self.uids.values())
        keys = {uid: key for uid, key in self.keys.items() if uid in meant}
        return Matches(self.uids, keys, frozenset(self.ambiguous))

    def _enter_named(self, one: _Stranger) -> None:
        """Note an item that a file gives a key of its own: it is that one, whoever else is like it."""
        found = self._first(one)
        key = one.told.item.source_id
        if found:
            others = f"{self._said(found.mark)} is that of {self._listed(found)}"
            self.draft.warnings.append(f"{key}: {others}. If they are one thing, give it that key.")
        uid = new_uid()
        self.keys[uid] = self.called[uid] = key
        self._enter(uid, one)

    def _match(self, one: _Stranger) -> None:
        found = self._first(one)
        if found and len(found.uids) > 1:
            self._reject(one, found)
            return
        uid = found.uids[0] if found else self._new(one)
        self.uids[one.told.identity] = uid
        self._enter(uid, one)

    def _new(self, one: _Stranger) -> str:
        uid = new_uid()
        self.called[uid] = f"{one.told.identity.source}'s {one.told.item.source_id}"
        return uid

    def _enter(self, uid: str, one: _Stranger) -> None:
        self.index.enter(uid, one.marks)
        self.index.tellers[uid].add(_teller(one.told))

    def _first(self, one: _Stranger) -> _Found | None:
        """What the first rule finds that finds anything: items in use, else retired ones."""
        by_rule: dict[int, list[Mark]] = defaultdict(list)
        for mark in one.marks:
            by_rule[mark.rule].append(mark)
        for rule, marks in by_rule.items():
            holders = {uid: mark for mark in marks for uid in self.index.holders[mark]}
            able = [uid for uid in holders if self._may_be(one, rule, uid)]
            found = [uid for uid in able if uid not in self.index.retired] or able
            if found:
                return _Found(holders[found[0]], sorted(found, key=self._name))
        return None

    def _may_be(self, one: _Stranger, rule: int, uid: str) -> bool:
        if _teller(one.told) in self.index.tellers.get(uid, ()):
            return False
        return not self.draft.marks.contradict(rule, one.marks, self.index.marks[uid])

    def _reject(self, one: _Stranger, found: _Found) -> None:
        self.ambiguous.add(one.told.identity)
        self.draft.refused.add(one.told.item.source_id)
        called = one.told.item.name or one.told.item.source_id
        reason = (
            f"“{called}” could be several items: {self._said(found.mark)} is that of {self._listed(found)}."
            " Correct it where it is wrong, or retire what is not in use."
        )
        self.draft.fault(one.told.seen, one.told.item.where, reason)

    def _listed(self, found: _Found) -> str:
        return listed([self._name(uid) for uid in found.uids])

    def _said(self, mark: Mark) -> str:
        return f"its {self.draft.marks.rules[mark.rule].what} “{mark.value}”"

    def _name(self, uid: str) -> str:
        """The key of an item; of a new one, what its source calls it."""
        return self.draft.names.get(uid) or self.called[uid]
