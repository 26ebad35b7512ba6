"""Which of its links a device needs to reach the rest of the world.

Cables have no direction, so it is found from where devices stand: a link that leads to a higher level, or
out of the house, is a way out. Devices without one reach the world through neighbours of their own level
that have one, nearest first. Neighbours of one level that are joined, or act as one, share their ways out.
A device at the top, to which none of this applies, needs no link, save one with a single cable: that one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from loaders.netbox.dump import Pk

PASSES_ON = 2
"""From this level on, devices pass on what others send."""

_Height = tuple[int, int]


class Wire(NamedTuple):
    """A link as one device sees it.

    Attributes
    ----------
    device, cable
        The device, and the cable in its interface.
    far
        The device at the other end of the way, `None` where none is known.
    leaves
        Whether it runs along a circuit, out of the house.
    """

    device: Pk
    cable: Pk
    far: Pk | None
    leaves: bool


class Pool(NamedTuple):
    """Devices that share their ways out, and the cables that are these ways."""

    devices: tuple[Pk, ...]
    cables: tuple[Pk, ...]


class Uplinks(NamedTuple):
    """What each device needs.

    Attributes
    ----------
    pools
        Every device that has links is in one of them.
    upward
        Device and cable of each wire whose far end stands nearer to the outside world.
    """

    pools: Sequence[Pool]
    upward: frozenset[tuple[Pk, Pk]]


def uplinks(
    wires: Iterable[Wire], levels: Mapping[Pk, int | None], acts_as: Mapping[Pk, Pk | None]
) -> Uplinks:
    """Find the ways out of every device.

    Parameters
    ----------
    wires
        The links, each once from either side.
    levels
        How near to the outside world each device stands, `None` where nobody knows: among those, the one
        with more cables is taken to be nearer.
    acts_as
        The virtual chassis that a device is part of.

    Examples
    --------
    >>> wires = [Wire(1, 7, 2, False), Wire(2, 7, 1, False), Wire(2, 8, None, True)]
    >>> found = uplinks(wires, {1: 0, 2: 6}, {})
    >>> [(pool.devices, pool.cables) for pool in found.pools], sorted(found.upward)
    ([((1,), (7,)), ((2,), (8,))], [(1, 7), (2, 8)])
    """
    by_device: dict[Pk, list[Wire]] = defaultdict(list)
    for wire in wires:
        by_device[wire.device].append(wire)
    heights = {device: _height(levels.get(device), own) for device, own in by_device.items()}
    upward = {device: _upward(own, heights, levels) for device, own in by_device.items()}
    distances = _distances(by_device, heights, upward)
    pools = [_pool(members, by_device, upward) for members in _joined(by_device, heights, distances, acts_as)]
    pairs = ((device, cable) for device, cables in upward.items() for cable in cables)
    return Uplinks(pools, frozenset(pairs))


def _height(level: int | None, own: Sequence[Wire]) -> _Height:
    return (0, len({wire.cable for wire in own})) if level is None else (level, 0)


def _upward(
    own: Sequence[Wire], heights: Mapping[Pk, _Height], levels: Mapping[Pk, int | None]
) -> dict[Pk, None]:
    """The cables that lead to a higher level or out of the house."""
    found: dict[Pk, None] = {}
    for wire in own:
        height = heights[wire.device]
        far = None if wire.far is None else heights.get(wire.far, (levels.get(wire.far) or 0, 0))
        leads_out = wire.leaves and (far is None or far[0] == height[0])
        if leads_out or (far is not None and far > height):
            found[wire.cable] = None
    return found


def _distances(
    by_device: Mapping[Pk, Sequence[Wire]],
    heights: Mapping[Pk, _Height],
    upward: Mapping[Pk, dict[Pk, None]],
) -> dict[Pk, int]:
    """How many neighbours of its own level a device needs to reach a way out.

    The links that lead there are entered in `upward`.
    """
    found = {device: 0 for device, cables in upward.items() if cables}
    frontier = list(found)
    while frontier:
        following: dict[Pk, None] = {}
        for wire in _between_equals(frontier, by_device, heights):
            if wire.far is not None and wire.far not in found:
                following[wire.far] = None
        for device in following:
            near = _between_equals([device], by_device, heights)
            upward[device].update((wire.cable, None) for wire in near if wire.far in found)
        distance = found[frontier[0]] + 1
        found.update(dict.fromkeys(following, distance))
        frontier = list(following)
    return found


def _between_equals(
    devices: Iterable[Pk], by_device: Mapping[Pk, Sequence[Wire]], heights: Mapping[Pk, _Height]
) -> list[Wire]:
    """The wires of some devices that lead to others of their level, which pass on what they send."""
    return [
        wire
        for device in devices
        for wire in by_device[device]
        if heights[device][0] >= PASSES_ON
        and wire.far is not None
        and heights.get(wire.far) == heights[device]
    ]


def _joined(
    by_device: Mapping[Pk, Sequence[Wire]],
    heights: Mapping[Pk, _Height],
    distances: Mapping[Pk, int],
    acts_as: Mapping[Pk, Pk | None],
) -> list[list[Pk]]:
    """The devices that share their ways out, in the order in which they come."""
    neighbours: dict[Pk, list[Pk]] = {device: [] for device in by_device}
    for wire in _between_equals(by_device, by_device, heights):
        if wire.far is not None and distances.get(wire.device, -1) == distances.get(wire.far, -2):
            neighbours[wire.device].append(wire.far)
            neighbours[wire.far].append(wire.device)
    first: dict[Pk, Pk] = {}
    for device in by_device:
        chassis = acts_as.get(device)
        if chassis is not None:
            other = first.setdefault(chassis, device)
            neighbours[device].append(other)
            neighbours[other].append(device)
    return _components(neighbours)


def _components(neighbours: Mapping[Pk, Sequence[Pk]]) -> list[list[Pk]]:
    found, seen = [], set[Pk]()
    for start in neighbours:
        waiting, members = [start], []
        while waiting:
            device = waiting.pop()
            if device not in seen:
                seen.add(device)
                members.append(device)
                waiting.extend(neighbours[device])
        if members:
            found.append(members)
    return found


def _pool(
    members: Sequence[Pk], by_device: Mapping[Pk, Sequence[Wire]], upward: Mapping[Pk, dict[Pk, None]]
) -> Pool:
    ways = dict.fromkeys(cable for device in members for cable in upward[device])
    own = dict.fromkeys(wire.cable for wire in by_device[members[0]])
    only_one = len(members) == 1 and len(own) == 1
    return Pool(tuple(members), tuple(own if only_one else ways))
