"""A change assessed, beside hundreds of other open ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

from api.service import open_service
from api.service.changes.assessing import worked_out
from api.settings import Settings
from benchmarks.filling import ACTOR
from benchmarks.ground import Ground
from benchmarks.lines import Line
from cmdb.harm import State
from cmdb.model import RelationId
from cmdb.operations import AddRelation, CreateItem, Operation, new_uid
from cmdb.stores.base import Transaction
from cmdb.values import instant
from impact.answer import floor
from impact.sweep import sweep

OTHERS = 500
TOUCHED = 20
DAYS = 90
"""Over how many days the others are spread."""
SOURCE = "benchmark"


def assess(ground: Ground) -> Iterator[Line]:
    """Assess a change that touches so many items, while so many others are open."""
    with ground.scratch() as folder:
        ground.copy_store(folder / "store.db")
        with open_service(Settings(folder / "store.db", cache=ground.cache)) as service:
            workspace = service.workspace
            picture, now = workspace.scene().picture, workspace.now()
            usual = [picture.uids[root.place] for root in ground.roots.usual]
            operations, uids = changes(usual, now, Random(ground.estate.seed))
            revision = workspace.store.commit(Transaction(operations, ACTOR, f"{len(uids)} changes")).revision
            picture, least = workspace.scene().picture, floor(workspace.scene().picture)
            root = picture.number_of_uid(usual[0])
            causes = {root: State.OUT} if root is not None else {}
            ms, peer_ms = ground.pace.side_by_side(
                partial(worked_out, workspace, uids[0], revision, now),
                partial(sweep, picture, causes, least),
            )
    yield ground.line("assess", ms, "sweep", peer_ms, changes=OTHERS)


def changes(items: Sequence[str], now: datetime, rng: Random) -> tuple[list[Operation], list[str]]:
    """One change that touches twenty items and hundreds that touch three each, and their uids."""
    operations: list[Operation] = []
    uids = [new_uid() for _ in range(OTHERS + 1)]
    for number, uid in enumerate(uids):
        start = (
            now + timedelta(days=1) if not number else now + timedelta(minutes=rng.randrange(DAYS * 24 * 60))
        )
        after = {
            "key": f"CHG-{number + 1}",
            "class": "change",
            "name": f"Work {number + 1}",
            "planned_start": instant(start),
            "planned_end": instant(start + timedelta(hours=4)),
        }
        operations.append(CreateItem(uid, after, SOURCE))
        touched = rng.sample(items, 3 if number else TOUCHED)
        operations += [
            AddRelation(RelationId(uid, "affects", one), {"action": "restart", "step": step}, SOURCE)
            for step, one in enumerate(touched, start=1)
        ]
    return operations, uids
