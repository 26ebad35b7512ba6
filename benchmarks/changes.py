"""What people commit: a mix of small changes to an estate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from random import Random

import numpy as np

from cmdb.model import RelationId
from cmdb.operations import AddRelation, ChangeItem, CreateItem, Operation, RemoveRelation, new_uid
from impact.picture import Picture

SOURCE = "benchmark"
_NEW = count()


def changes(picture: Picture, number: int, rng: Random) -> list[Operation]:
    """So many operations on a picture's graph, of four kinds in turn.

    An item gets another tier, something new depends on another item, a relation goes, a new item comes. No
    item is taken twice; where none is left, a new one comes instead.
    """
    cis = np.flatnonzero(picture.cis).tolist()
    rng.shuffle(cis)
    some = iter(cis)
    first = rng.randrange(len(_KINDS))
    kinds = (_KINDS[kind % len(_KINDS)] for kind in range(first, first + number))
    return [next(kind(picture, some), None) or next(_new_item(picture, some)) for kind in kinds]


def _other_tier(picture: Picture, some: Iterator[int]) -> Iterator[Operation]:
    for place in some:
        tier = picture.tier(place)
        other = 1 if tier is None else tier % 4 + 1
        yield ChangeItem(picture.uids[place], {"tier": tier}, {"tier": other}, SOURCE)


def _new_relation(picture: Picture, some: Iterator[int]) -> Iterator[Operation]:
    for source, target in zip(some, some, strict=False):
        if not any(link.target == target for link in picture.relations_at(source)):
            yield AddRelation(
                RelationId(picture.uids[source], "depends_on", picture.uids[target]), {}, SOURCE
            )


def _no_relation(picture: Picture, some: Iterator[int]) -> Iterator[Operation]:
    for place in some:
        for link in picture.relations_at(place):
            if link.source == place:
                relation = picture.relation(link)
                yield RemoveRelation(relation.id, relation.attributes, SOURCE)
                break


def _new_item(_: Picture, __: Iterator[int]) -> Iterator[Operation]:
    for number in _NEW:
        uid = new_uid()
        key = f"new-{number:06}-{uid[:16]}"
        yield CreateItem(uid, {"key": key, "class": "virtual_machine", "name": key}, SOURCE)


_KINDS = (_other_tier, _new_relation, _no_relation, _new_item)
