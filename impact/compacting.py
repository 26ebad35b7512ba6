"""Compacting: what only earlier pictures still own is left behind."""

from __future__ import annotations

from dataclasses import replace

from impact.arrays.ranges import Ranges
from impact.arrays.texts import Texts
from impact.picture import Picture


def is_crowded(picture: Picture) -> bool:
    """Whether much of what a picture's rows stand among belongs to earlier pictures only."""
    return any(ranges.crowded for ranges in _ranges(picture))


def compacted(picture: Picture) -> Picture:
    """The same picture with its rows next to each other."""
    relations, backwards, out, into, *others = (
        ranges.compacted() if ranges.crowded else ranges for ranges in _ranges(picture)
    )
    uids, keys, names, details, folded = map(Texts, others)
    return replace(
        picture,
        relations=relations,
        backwards=backwards,
        out=out,
        into=into,
        special=(picture.special - picture.out.start) + out.start,
        uids=uids,
        keys=keys,
        names=names,
        details=details,
        folded=folded,
    )


def _ranges(picture: Picture) -> list[Ranges]:
    texts = (picture.uids, picture.keys, picture.names, picture.details, picture.folded)
    rows = (picture.relations, picture.backwards, picture.out, picture.into)
    return [*rows, *(one.ranges for one in texts)]
