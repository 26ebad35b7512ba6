"""The use cases of changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api.service.changes.altering import altered
from api.service.changes.assessing import assessed, replayed
from api.service.changes.clean import without_secrets
from api.service.changes.ground import Ground
from api.service.changes.listing import Filter, listing
from api.service.changes.moving import CANCEL, SUBMIT, moved
from api.service.changes.prepared import Prepared
from api.service.changes.registering import registered
from api.service.changes.standing import conflicts_of
from api.service.changes.telling import tell
from api.service.changes.wanted import EditChange, Move, NewChange
from api.service.workspace import Workspace
from api.service.writing import Once, check_seen, persistently
from cmdb.errors import Unavailable
from cmdb.model import Actor
from impact.documents.brief import Document

TRIES = 100
"""How often a change is numbered anew because somebody else has written meanwhile."""


@dataclass(frozen=True)
class Changes:
    """What can be done with changes."""

    workspace: Workspace

    def new(self, wanted: NewChange) -> Document:
        """Register a change: its record, and what it means to alter, as one commit.

        It gets the next number; two who register at once never get the same.

        Raises
        ------
        Rejected
            If anything is wrong with what is written; every fault is listed.
        Conflict
            If what it means to alter does not fit what is there; every conflict is listed.
        """
        said, warnings = without_secrets(wanted.said)

        def prepare(ground: Ground) -> Prepared:
            return registered(ground, said, wanted.actor, warnings)

        return self._written(prepare, wanted.actor, wanted.once)

    def edit(self, wanted: EditChange) -> Document:
        """Alter what is written of a change: its parts, each as far as something is said of it.

        Raises
        ------
        NotFound
            If nothing has the key, or what has it is no change.
        Rejected
            If anything is wrong with what is written; every fault is listed.
        Conflict
            If its stage does not allow it, or what it means to alter does not fit what is there.
        Stale
            If it is at another edition than was seen.
        """
        said, warnings = without_secrets(wanted.said)

        def prepare(ground: Ground) -> Prepared:
            return altered(ground, self._seen(ground, wanted.key, wanted.edition), said, warnings)

        return self._written(prepare, wanted.actor, Once(None, ()))

    def submit(self, key: str, wanted: Move) -> Document:
        """Submit a change: from then on what it touches is frozen. It raises like `cancel`."""
        return self._moved(key, SUBMIT, wanted)

    def cancel(self, key: str, wanted: Move) -> Document:
        """Cancel a change.

        Raises
        ------
        NotFound
            If nothing has the key, or what has it is no change.
        Conflict
            If its stage does not allow it, or something stands in the way; it names what is possible.
        Stale
            If it is at another edition than was seen.
        """
        return self._moved(key, CANCEL, wanted)

    def assess(self, key: str, wanted: Move) -> Document:
        """Assess a change: what it does as planned, if a step fails and if all of it does, and what is known.

        What it was worked out from is kept with the change, so that it can be worked out again.

        Raises
        ------
        NotFound
            If nothing has the key, or what has it is no change.
        Conflict
            If the change is over.
        Stale
            If it is at another edition than was seen.
        """
        store = self.workspace.store

        def attempt() -> Document:
            ground = Ground.of(self.workspace)
            document, prepared = assessed(ground, self._seen(ground, key, wanted.edition))
            prepared.commit(store, wanted.actor, Once(None, ()))
            return ground.scene.answered(document)

        return persistently(store, attempt, TRIES)

    def replay(self, key: str) -> Document:
        """The last assessment of a change, worked out again from what was there then.

        Raises
        ------
        NotFound
            If nothing has the key, what has it is no change, or it was never assessed.
        """
        ground = Ground.of(self.workspace)
        return ground.scene.answered(replayed(ground, ground.place(key)))

    def show(self, key: str) -> Document:
        """One change: its record, what it touches step by step, its plan, and what conflicts with that.

        Raises
        ------
        NotFound
            If nothing has the key, or what has it is no change.
        """
        ground = Ground.of(self.workspace)
        place = ground.place(key)
        try:
            plan = ground.plan(ground.picture.uids[place])
            return tell(ground, place, plan, conflicts_of(ground, place, plan))
        except Unavailable:
            return tell(ground, place, None, None)

    def list(self, wanted: Filter | None = None, *, limit: int = 50, cursor: str | None = None) -> Document:
        """The changes, the newest number first.

        Parameters
        ----------
        wanted
            Which of them; all by default.
        limit, cursor
            How many to tell of at most, and where to go on.

        Raises
        ------
        WrongUsage
            If there is no such stage or type, or a limit or cursor is malformed.
        NotFound
            If nothing has the key of what they are to touch.
        """
        return listing(Ground.of(self.workspace), wanted or Filter(), limit, cursor)

    def _moved(self, key: str, verb: str, wanted: Move) -> Document:
        def prepare(ground: Ground) -> Prepared:
            return moved(ground, self._seen(ground, key, wanted.edition), verb)

        return self._written(prepare, wanted.actor, wanted.once(verb, key))

    def _written(self, prepare: Callable[[Ground], Prepared], actor: Actor, once: Once) -> Document:
        store = self.workspace.store

        def attempt() -> Document:
            known = once.recall(store)
            if known is not None:
                return known
            return prepare(Ground.of(self.workspace)).commit(store, actor, once)

        return persistently(store, attempt, TRIES)

    def _seen(self, ground: Ground, key: str, edition: str | None) -> int:
        """The number of a change, if it is at the edition that was seen."""
        place = ground.place(key)
        if edition is not None:
            now = ground.edition(place, ground.plan(ground.picture.uids[place]))
            check_seen(key, edition, now)
        return place
