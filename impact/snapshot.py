"""Snapshots: the picture of today on disk, as arrays that are mapped into memory and not read.

A snapshot is a cache. It is used only if it is whole, speaks the vocabulary in use, and the store's commit of
its revision has the hash it was made with; anything else is made again from the store.
"""

from __future__ import annotations

import logging
import mmap
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson
from isal import isal_zlib

from cmdb.harm import State
from cmdb.stores.base import Store
from cmdb.values import moment
from cmdb.vocabulary import Vocabulary
from impact.answer import HurtAnyway, floor, hurt_anyway, last_context
from impact.arrays.ordering import Ordering
from impact.arrays.pool import Column, Pool, room_for
from impact.arrays.ranges import Ranges
from impact.arrays.texts import Distinct, Texts
from impact.arrays.uids import Lot, Uids
from impact.codes import Codes
from impact.context import Moment, context
from impact.coverage import Survey, survey
from impact.picture import FACETS, Groups, Picture, blank
from impact.rules import rules_digest
from impact.sweep import Harm

log = logging.getLogger(__name__)

MAGIC = b"cmdb picture\n"
FORMAT = "3"
"""To be raised when the header tells something else; which arrays there are is compared anyway."""
ALIGNED = 4096
FEW_RELATIONS = 20_000
"""A picture with fewer relations is made from the store as quickly."""


@dataclass(frozen=True)
class Snapshots:
    """The snapshot of one store.

    Attributes
    ----------
    path
        Where it is, or will be.
    """

    path: Path

    def write(self, picture: Picture, store: Store) -> None:
        """Write a picture, unless it is a small one. What cannot be written is told in the log only."""
        if picture.relations.live < FEW_RELATIONS:
            return
        header = {"commit": hash_at(store, picture.revision), **_facts(picture)}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.path.parent, delete=False) as file:
                _write(file, header, dict(_arrays(picture)))
            Path(file.name).replace(self.path)
        except OSError as error:
            log.warning("the picture is not kept in %s: %s", self.path, error)

    def open(self, store: Store, vocabulary: Vocabulary) -> Picture | None:
        """The picture that is kept; `None` if there is none that can be used."""
        try:
            with self.path.open("rb") as file:
                header, arrays = _read(file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("the picture in %s is damaged and is made again: %s", self.path, error)
            return None
        codes = Codes(vocabulary)
        laid_out = {name: kind for name, (kind, *_) in header["arrays"].items()}
        same = header.get("read_with") == _read_with(codes) and laid_out == _layout(vocabulary)
        if not same or header["commit"] != hash_at(store, header["revision"]):
            log.info("the picture in %s is of another graph, vocabulary or program", self.path)
            return None
        return _picture(codes, header, arrays)


def hash_at(store: Store, revision: int) -> str | None:
    """The hash of a revision's commit, which vouches for all before it; `None` if there is none."""
    found = store.log(revision - 1, 1)
    return found[0].commit.hash if found else None


_RANGES = ("relations", "backwards", "out", "into")
_TEXTS = ("uids", "keys", "names", "details", "folded")
_SHARED = ("values", "shared")
_PLAIN = ("called", "classes", "versions", "origins", "special")
_ANYWAY = ("context", "given", "hurt", "states", "steps", "tally")
_GROUPS = ("places", "index", "needs", "members", "faulty")


def _read_with(codes: Codes) -> list[str]:
    """What a picture rests on beside the graph: how it is written, the vocabulary and the rules."""
    return [FORMAT, codes.digest, rules_digest()]


def _facts(picture: Picture) -> dict[str, Any]:
    return {
        "read_with": _read_with(picture.codes),
        "verified": survey(picture).verified,
        "revision": picture.revision,
        "time": picture.time,
        "reports": picture.reports,
        "heard": picture.heard,
        "live": {name: ranges.live for name, ranges in _all_ranges(picture)},
    }


def _all_ranges(picture: Picture) -> list[tuple[str, Ranges]]:
    found = [(name, getattr(picture, name)) for name in _RANGES]
    return found + [(name, getattr(picture, name).ranges) for name in _TEXTS]


def _layout(vocabulary: Vocabulary) -> dict[str, str]:
    """The arrays that a picture has today, with the type of each."""
    return {name: values.dtype.str for name, (values, _) in _arrays(blank(vocabulary))}


def _arrays(picture: Picture) -> Iterator[tuple[str, tuple[Column, int]]]:
    """Every array by name, and how much of it is in use."""
    for name, ranges in _all_ranges(picture):
        used = ranges.pool.used
        yield from _whole({f"{name}.start": ranges.start, f"{name}.stop": ranges.stop})
        for column, values in ranges.pool.columns.items():
            yield f"{name}:{column}", (values, used)
    yield from _whole({name: getattr(picture, name) for name in _PLAIN})
    yield from _whole({f"facets.{name}": picture.facets[name] for name in FACETS})
    yield from _whole({f"groups.{name}": getattr(picture.groups, name) for name in _GROUPS})
    index = picture.index.folded().many
    yield from _whole({"order": picture.order.numbers, "hashes": index.hashes, "hashed": index.places})
    yield from _whole({"tellers": np.array(sorted(picture.tellers), np.int32)})
    known = survey(picture)
    yield from _whole({"reached": known.reached, "unmapped": np.array(known.unmapped, np.int32)})
    yield from _whole({"evidence": known.evidence, "by_name": picture.by_name})
    yield from _whole({f"anyway.{name}": column for name, column in _anyway(picture).items()})
    for name in _SHARED:
        yield from _whole({name: np.frombuffer(b"\n".join(getattr(picture, name)), np.uint8)})


def _whole(arrays: dict[str, Column]) -> Iterator[tuple[str, tuple[Column, int]]]:
    for name, values in arrays.items():
        yield name, (values, len(values))


def _picture(codes: Codes, header: dict[str, Any], arrays: dict[str, tuple[Column, int]]) -> Picture:
    def ranges(name: str) -> Ranges:
        columns = [one for one in arrays if one.startswith(f"{name}:")]
        used = arrays[columns[0]][1]
        pool = Pool({one.partition(":")[2]: arrays[one][0] for one in columns}, used)
        return Ranges(pool, array(f"{name}.start"), array(f"{name}.stop"), header["live"][name])

    def array(name: str) -> Any:  # noqa: ANN401  of whatever type it was written with
        values, used = arrays[name]
        return values[:used]

    parts: dict[str, Any] = {
        **{name: Texts(ranges(name)) for name in _TEXTS},
        **{name: ranges(name) for name in _RANGES},
        **{name: array(name) for name in _PLAIN},
        **{name: Distinct(array(name).tobytes().split(b"\n")) for name in _SHARED},
        "facets": {name: array(f"facets.{name}") for name in FACETS},
        "order": Ordering(array("order")),
        "index": Uids(Lot(array("hashes"), array("hashed"))),
        "groups": Groups(*(array(f"groups.{name}") for name in _GROUPS)),
        "tellers": frozenset(array("tellers").tolist()),
    }
    facts = [header[name] for name in ("revision", "time", "reports", "heard")]
    picture = Picture(codes, *facts, **parts)
    unmapped = tuple(array("unmapped").tolist())
    known = Survey(array("reached"), unmapped, header["verified"], array("evidence"))
    survey.remember(picture, known)
    picture.__dict__["by_name"] = array("by_name")
    last_context.remember(picture, _hurt_anyway(picture, {name: array(f"anyway.{name}") for name in _ANYWAY}))
    return picture


def _anyway(picture: Picture) -> dict[str, Column]:
    """What is hurt anyway as the picture is: few questions are asked of another context."""
    then = moment(picture.time)
    found, harm = hurt_anyway(picture, context(picture, Moment(then, then)))
    given = np.fromiter(found.keys(), np.int32, len(found)), np.fromiter(found.values(), np.int8, len(found))
    told = (harm.hurt, harm.states[harm.hurt], harm.steps[harm.hurt], harm.tally)
    return dict(zip(_ANYWAY, (*given, *told), strict=True))


def _hurt_anyway(picture: Picture, told: dict[str, Column]) -> HurtAnyway:
    places, given, hurt, became, far, tally = (told[name] for name in _ANYWAY)
    earlier = floor(picture).states
    states, steps = earlier.copy(), np.zeros(len(picture), np.int32)
    states[hurt], steps[hurt] = became, far
    found = dict(zip(places.tolist(), map(State, given.tolist()), strict=True))
    return HurtAnyway(found, Harm(states, hurt, steps, earlier, tally))


def _write(file: IO[bytes], header: dict[str, Any], arrays: dict[str, tuple[Column, int]]) -> None:
    """Write the arrays behind a header that says where each is; those that grow have room behind them."""
    plan: dict[str, tuple[str, int, int, int, int]] = {}
    offset = 0
    for name, (values, used) in arrays.items():
        room = room_for(used) if ":" in name else used
        plan[name] = values.dtype.str, offset, used, room, _checked((values, used))
        offset += -(-room * values.itemsize // ALIGNED) * ALIGNED
    told = orjson.dumps({**header, "arrays": plan, "bytes": offset})
    first = MAGIC + b"%d %d\n" % (len(told), isal_zlib.crc32(told)) + told
    start = -(-len(first) // ALIGNED) * ALIGNED
    file.write(first)
    for name, (values, used) in arrays.items():
        file.seek(start + plan[name][1])
        file.write(values[:used].data.cast("B"))
    file.truncate(start + offset)


def _read(file: IO[bytes]) -> tuple[dict[str, Any], dict[str, tuple[Column, int]]]:
    """Map the arrays of a snapshot into memory.

    Raises
    ------
    ValueError
        If it is not whole.
    """
    if file.readline(len(MAGIC)) != MAGIC:
        raise ValueError("it is no picture of this version")
    length, checked = map(int, file.readline(64).split())
    told = file.read(length)
    if isal_zlib.crc32(told) != checked:
        raise ValueError("its header was changed")
    header = orjson.loads(told)
    start = -(-file.tell() // ALIGNED) * ALIGNED
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    if len(mapped) != start + header["bytes"]:
        raise ValueError("its end is missing")
    arrays = {
        name: (np.frombuffer(mapped, kind, room, start + offset), used)
        for name, (kind, offset, used, room, _) in header["arrays"].items()
    }
    with ThreadPoolExecutor() as threads:  # checking waits for the disk, and needs no lock of Python's
        found = dict(zip(arrays, threads.map(_checked, arrays.values()), strict=True))
    for name, (*_, checked) in header["arrays"].items():
        if found[name] != checked:
            raise ValueError(f"{name} was changed")
    return header, arrays


def _checked(array: tuple[Column, int]) -> int:
    """The sum by which a change is found."""
    values, used = array
    return isal_zlib.crc32(values[:used].data.cast("B"))
