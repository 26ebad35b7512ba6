"""Drawing lots: in which of many draws each of some items is out.

Every item has a stream of random numbers of its own, which follows from its key and the seed alone. So its
lots are the same whatever else is drawn for, in whatever order, and however many draws there are: two
questions with one seed differ only by what was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from impact.arrays.ranges import Numbers, Numbers64

Streams = NDArray[np.uint64]
Shares = NDArray[np.float64]

BITS = 10
BLOCK = 1 << BITS
"""So many draws are made at once."""

_STRIDE = np.uint64(0x9E3779B97F4A7C15)


class Lots(NamedTuple):
    """Who is out in each draw of a block.

    Attributes
    ----------
    first
        Shape (draws + 1,): where the items of each draw start; the last tells where they stop.
    items
        The items, by their places among those drawn for.
    """

    first: Numbers64
    items: Numbers


def streams(keys: Sequence[str], seed: int) -> Streams:
    """By item, where its stream of random numbers starts.

    Parameters
    ----------
    seed
        From 0 to 2**63 - 1.
    """
    salt = seed.to_bytes(8, "big")
    digests = b"".join(blake2b(key.encode(), digest_size=8, key=salt).digest() for key in keys)
    return np.frombuffer(digests, ">u8").astype(np.uint64)


def draw_lots(starts: Streams, serving: Shares, block: int, draws: int = BLOCK) -> Lots:
    """Draw for every item whether it is out, in each draw of one block.

    Parameters
    ----------
    starts
        Where the items' streams start.
    serving
        The chance that each is not out, in each draw by itself.
    block
        The number of the block, from 0 on.
    draws
        How many of its draws to make, at most `BLOCK`.

    Notes
    -----
    Not every draw is looked at: how many an item passes until it is out next is geometric, and drawn by
    inversion (Devroye, Non-Uniform Random Variate Generation, 1986, section X.2). The power of the chance to
    serve that the random number falls below is found bit by bit, by multiplications alone, so that all
    machines find the same one. The random numbers are those of SplitMix64 (Steele, Lea and Flood 2014) and
    not NumPy's, which may change from one version to the next (NEP 19).
    """
    powers = [serving]
    for _ in range(BITS):
        powers.append(powers[-1] * powers[-1])
    ours = _mixed(starts ^ _mixed(np.full(1, block, np.uint64)))
    position = np.zeros(len(ours), np.int64)
    used = np.zeros(len(ours), np.uint64)
    waiting = np.arange(len(ours), dtype=np.int32)
    at, who = [np.zeros(0, np.uint16)], [np.zeros(0, np.int32)]
    while len(waiting):
        probably = 1 + ((draws - position[waiting]) * (1 - serving[waiting])).astype(np.int64)
        stops = np.cumsum(probably)
        item = np.repeat(waiting, probably)
        turn = np.arange(1, len(item) + 1) - np.repeat(stops - probably, probably)
        numbers = _mixed(ours[item] + (used[item] + turn.astype(np.uint64)) * _STRIDE)
        steps = np.cumsum(1 + _passed((numbers >> np.uint64(11)).astype(np.float64) * 2**-53, powers, item))
        before = np.concatenate(([0], steps[stops[:-1] - 1]))
        found = position[item] + steps - np.repeat(before, probably)
        inside = found <= draws
        at.append((found[inside] - 1).astype(np.uint16))
        who.append(item[inside])
        position[waiting] += steps[stops - 1] - before
        used[waiting] += probably.astype(np.uint64)
        waiting = waiting[position[waiting] < draws]
    draw, items = np.concatenate(at), np.concatenate(who)
    first = np.concatenate(([0], np.cumsum(np.bincount(draw, minlength=draws))))
    return Lots(first, items[np.argsort(draw, kind="stable")])


def _passed(numbers: Shares, powers: Sequence[Shares], items: Numbers) -> Numbers64:
    """How many draws each item passes until it is out; `BLOCK` stands for more than there are."""
    found = np.full(len(numbers), BLOCK, np.int64)
    near = np.flatnonzero(numbers >= powers[BITS][items])
    numbers, items = numbers[near], items[near]
    passed, chance = np.zeros(len(near), np.int64), np.ones(len(near))
    for bit in reversed(range(BITS)):
        farther = chance * powers[bit][items]
        still = numbers < farther
        passed += still.astype(np.int64) << bit
        chance = np.where(still, farther, chance)
    found[near] = passed
    return found


def _mixed(numbers: Streams) -> Streams:
    """The finaliser of SplitMix64."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
