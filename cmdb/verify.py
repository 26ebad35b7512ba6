"""Proof that history is intact: the chain of hashes, and that the states kept are what the log says.

A chain shows that nothing before its head was altered. It cannot show by itself that the tail was cut off or
that all of it was written anew; so note the head's hash in a second place and have it checked from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from cmdb.errors import CmdbError, Fault
from cmdb.model import Commit, Item, Relation, RelationId
from cmdb.operations import ItemOperation, Operation, apply_to_item, apply_to_relation, from_data
from cmdb.stores.base import Logged, Store, canonical, chained, digest


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes
    ----------
    revisions
        How many commits the log holds.
    hash
        The hash of the last one, empty where there is none.
    faults
        Everything that is not as it was written.
    """

    revisions: int
    hash: str
    faults: tuple[Fault, ...]


def verify(store: Store, noted: str | None = None) -> Verification:
    """Prove a store's history.

    Parameters
    ----------
    noted
        The hash of a commit as it was noted elsewhere; it has to stand in the log.
    """
    log = store.log()
    replay = _Replay()
    faults = [*_broken_chain(log), *(fault for one in log for fault in replay.apply(one))]
    faults += replay.differences(store)
    hashes = [one.commit.hash for one in log]
    if noted is not None and noted not in hashes:
        faults.append(Fault("the log", f"no commit has the hash {noted}: it was cut off or written anew"))
    return Verification(len(log), hashes[-1] if hashes else "", tuple(faults))


def _broken_chain(log: Sequence[Logged]) -> Iterator[Fault]:
    previous, time = "", ""
    for number, (commit, body, body_hash) in enumerate(log, start=1):
        where = f"revision {commit.revision}"
        if commit.revision != number:
            yield Fault(where, f"revision {number} was expected here")
        if digest(body) != body_hash:
            yield Fault(where, "what it did is not what was written")
        if chained(previous, commit.revision, commit.time, commit.id, body_hash) != commit.hash:
            yield Fault(where, "its hash does not follow from what it holds and the hash before it")
        if commit.time < time:
            yield Fault(where, "it is older than the revision before it")
        previous, time = commit.hash, commit.time


@dataclass
class _Replay:
    """The graph as the log alone makes it, and every state that items and relations had on the way."""

    items: dict[str, Item] = field(default_factory=dict)
    relations: dict[RelationId, Relation] = field(default_factory=dict)
    states: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def apply(self, logged: Logged) -> Iterator[Fault]:
        """Do what a commit did."""
        commit, where = logged.commit, f"revision {logged.commit.revision}"
        try:
            body = orjson.loads(logged.body)
            operations = from_data(body["operations"])
            said = body["author"], body["identity"], body["message"]
        except (ValueError, KeyError, TypeError):
            yield Fault(where, "what it did cannot be read")
            return
        if said != (commit.author.name, commit.author.identity, commit.message):
            yield Fault(where, "author or message are not those that were written")
        try:
            self._apply(operations, commit)
        except CmdbError as error:
            yield Fault(where, f"it cannot have been done: {error.detail}")

    def differences(self, store: Store) -> Iterator[Fault]:
        """Where the states that the store keeps are not those of the log."""
        items = store.read().items
        for uid in sorted(items.keys() | self.items.keys()):
            kept = [_item_state(commit, item) for commit, item in store.item_history(uid)]
            for commit, relation, removed in store.relation_history(uid):
                if relation.id.source == uid:
                    kept.append(_relation_state(commit, relation.id, None if removed else relation))
            if sorted(kept) != sorted(self.states[uid]):
                name = items[uid].key if uid in items else uid
                yield Fault(name, "what is kept of it or its relations is not what the log says")

    def _apply(self, operations: Sequence[Operation], commit: Commit) -> None:
        items: set[str] = set()
        relations: dict[RelationId, Relation | None] = {}
        for one in operations:
            if isinstance(one, ItemOperation):
                self.items[one.uid] = apply_to_item(self.items.get(one.uid), one, commit.time)
                items.add(one.uid)
            else:
                relations.setdefault(one.id, self.relations.get(one.id))
                self._put(one.id, apply_to_relation(self.relations.get(one.id), one, commit.time))
        for uid in items:
            self.states[uid].append(_item_state(commit, self.items[uid]))
        for relation, before in relations.items():
            now = self.relations.get(relation)
            if now or before:
                self.states[relation.source].append(_relation_state(commit, relation, now))

    def _put(self, one: RelationId, relation: Relation | None) -> None:
        if relation is None:
            self.relations.pop(one, None)
        else:
            self.relations[one] = relation


def _item_state(commit: Commit, item: Item) -> bytes:
    origins = {name: list(origin) for name, origin in item.provenance.items()}
    facts = [item.key, item.class_name, item.name, item.attributes, origins]
    return canonical([commit.revision, "item", facts])


def _relation_state(commit: Commit, one: RelationId, relation: Relation | None) -> bytes:
    if relation is None:
        return canonical([commit.revision, list(one), None])
    origins = {name: list(origin) for name, origin in relation.provenance.items()}
    return canonical([commit.revision, list(one), [relation.attributes, origins]])
