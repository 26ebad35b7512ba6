"""Proof that history is intact: the chain of hashes, and that the states kept are what the log says.

A chain shows that nothing before its head was altered. It cannot show by itself that the tail was cut off or
that all of it was written anew; so note the head's hash in a second place and have it checked from there.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cmdb.canonical import canonical
from cmdb.errors import CmdbError, Fault, TakesTooLong
from cmdb.model import Commit, Item, Relation, RelationId
from cmdb.operations import step_as_data
from cmdb.patience import check_patience, patiently
from cmdb.stores.base import Logged, Planned, Progress, State, Store, Transaction, in_silence
from cmdb.stores.bodies import body_hash, chained, operations_of
from cmdb.stores.staging import Present, Staged, stage


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


def verify(store: Store, noted: str | None = None, progress: Progress = in_silence) -> Verification:
    """Prove a store's history.

    Parameters
    ----------
    noted
        The hash of a commit as it was noted elsewhere; it has to stand in the log.
    """
    log = store.log()
    replay = Replay()
    faults = [*broken_chain(log)]
    for done, one in enumerate(log):
        progress("revisions", done, len(log))
        faults += replay.apply(one, store.body(one.commit.revision))
    progress("revisions", len(log), len(log))
    faults += replay.differences(store.states())
    hashes = [one.commit.hash for one in log]
    if noted is not None and noted not in hashes:
        faults.append(Fault("the log", f"no commit has the hash {noted}: it was cut off or written anew"))
    return Verification(len(log), hashes[-1] if hashes else "", tuple(faults))


def broken_chain(log: Iterable[Logged]) -> Iterator[Fault]:
    """Where commits do not follow from each other."""
    previous, time = "", ""
    for number, (commit, _, hashed) in enumerate(log, start=1):
        where = _where(commit)
        if commit.revision != number:
            yield Fault(where, f"revision {number} was expected here")
        if chained(previous, commit.revision, commit.time, commit.id, hashed) != commit.hash:
            yield Fault(where, "its hash does not follow from what it holds and the hash before it")
        if commit.time < time:
            yield Fault(where, "it is older than the revision before it")
        previous, time = commit.hash, commit.time


def _where(commit: Commit) -> str:
    return f"revision {commit.revision}"


_Place = str | RelationId | tuple[str, str | RelationId]
"""An item, a relation, or a step of a plan."""


@dataclass
class Replay:
    """The graph and its plans as the log alone makes them.

    `present` is what there is now and `since` from which revision on; `sums` adds up, by place, the hashes
    of all states that ended, so that a store's states can be compared in whatever order they come.
    """

    present: Present = field(default_factory=Present)
    since: dict[_Place, int] = field(default_factory=dict)
    sums: dict[_Place, int] = field(default_factory=lambda: defaultdict(int))

    def apply(self, logged: Logged, parts: Sequence[bytes]) -> Iterator[Fault]:
        """Do what a commit did."""
        commit = logged.commit
        where = _where(commit)
        if body_hash(commit.author, commit.message, parts) != logged.body_hash:
            yield Fault(where, "what it did, who did it or why is not what was written")
        try:
            operations = list(patiently(operations_of(parts)))
            again = Transaction(operations, commit.author, commit.message, time=commit.time)
            staged = stage(again, self.present, commit.time)
        except TakesTooLong:
            raise
        except (ValueError, KeyError, TypeError):
            yield Fault(where, "what it did cannot be read")
        except CmdbError as error:
            yield Fault(where, f"it cannot have been done: {error.detail}")
        else:
            self._take(staged, commit.revision)

    def differences(self, states: Iterable[State]) -> Iterator[Fault]:
        """Where the states that a store keeps are not those of the log."""
        for what in self._held():
            self._add(State(what, self.since[_place(what)], None), 1)
        for state in states:
            self._add(state, -1)
        wrong = {_item_at(place) for place, total in self.sums.items() if total}
        named = {self.present.items[uid].key if uid in self.present.items else uid for uid in wrong}
        for name in sorted(named):
            yield Fault(name, "what is kept of it, its relations or its plan is not what the log says")

    def _held(self) -> Iterator[Item | Relation | Planned]:
        yield from self.present.items.values()
        yield from self.present.relations.values()
        for (owner, _), step in self.present.steps.items():
            yield Planned(owner, step)

    def _take(self, staged: Staged, revision: int) -> None:
        present = self.present
        for uid in staged.items:
            was = present.items.get(uid)
            self._replace(uid, was, revision)
            if was and present.holders.get(was.key) == uid:
                del present.holders[was.key]
        for item in staged.items.values():
            present.items[item.uid] = item
            present.holders[item.key] = item.uid
        for one, relation in staged.relations.items():
            self._replace(one, present.relations.pop(one, None), revision)
            if relation is not None:
                present.relations[one] = relation
                present.removed[one] = relation.version
        for place, step in staged.steps.items():
            before = present.steps.pop(place, None)
            self._replace(place, None if before is None else Planned(place[0], before), revision)
            if step is not None:
                present.steps[place] = step

    def _replace(self, place: _Place, was: Item | Relation | Planned | None, revision: int) -> None:
        if was is not None:
            self._add(State(was, self.since[place], revision), 1)
        self.since[place] = revision

    def _add(self, state: State, sign: int) -> None:
        check_patience()
        content = canonical([state.since, state.until, _facts(state.what)])
        hashed = int.from_bytes(hashlib.blake2b(content, digest_size=16).digest())
        self.sums[_place(state.what)] += sign * hashed


def _place(what: Item | Relation | Planned) -> _Place:
    if isinstance(what, Planned):
        return what.owner, what.step.target
    return what.uid if isinstance(what, Item) else what.id


def _item_at(place: _Place) -> str:
    """The uid by which a fault is told: an item's own, a relation's source, a plan's owner."""
    return place if isinstance(place, str) else place[0]


def _facts(what: Item | Relation | Planned) -> list[object]:
    if isinstance(what, Planned):
        return [step_as_data(what.step)]
    origins = {name: list(origin) for name, origin in what.provenance.items()}
    own = [what.key, what.class_name, what.name] if isinstance(what, Item) else []
    return [*own, what.attributes, origins, what.version]
