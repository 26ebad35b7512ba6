"""A naive reference for what harm does, written from the design's text alone and meant to be obviously right.

It is slow on purpose: states are found by asking every item again until nothing changes, distances by letting
harm arrive one relation at a time. Nothing here is shared with the engine it judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import NamedTuple

STATES = ("ok", "at_risk", "degraded", "out")
AT_RISK, OUT = 1, 3
CARRYING = frozenset({None, "live", "maintenance", "retiring"})
TABLES = {
    "same": (0, 1, 2, 3),
    "softened": (0, 0, 1, 2),
    "fatal": (0, 0, 0, 3),
    "none": (0, 0, 0, 0),
    "counted": (0, 0, 0, 0),  # carries nothing by itself: the group counts its members
}

Link = tuple[str, str, str]
Levels = dict[str, int]


@dataclass(frozen=True)
class Thing:
    """An item: its status, and for a group how many members it needs."""

    status: str | None = None
    counting: bool = False
    needs: int | str = 1


@dataclass(frozen=True)
class Case:
    """A small graph with a question: what these causes do, given what is hurt anyway."""

    things: dict[str, Thing]
    links: frozenset[Link]
    types: dict[str, tuple[str, str]]
    causes: dict[str, str]
    hurt: dict[str, str]


@dataclass(frozen=True)
class Verdict:
    """Everything the text says about a case."""

    state: dict[str, str]
    before: dict[str, str]
    alone: dict[str, str]
    affected: set[str]
    already: set[str]
    faults: set[str]
    broken: set[tuple[str, str]]
    absorbed: dict[str, tuple[int, int, int, int]]
    distance: dict[str, int]
    tipped_by: dict[str, Link]


class Flow(NamedTuple):
    """One way harm can take along one relation."""

    giver: str
    receiver: str
    transfer: str
    link: Link


def carries(case: Case, key: str) -> bool:
    """Tell whether an item takes part, which is to carry harm, to count, and to be hit through relations."""
    return case.things[key].status in CARRYING


def flows(case: Case) -> list[Flow]:
    """List the ways harm can take: between items that take part, counted ones only into groups."""
    found = []
    for source, kind, target in sorted(case.links):
        to_source, to_target = case.types[kind]
        for giver, receiver, transfer in ((target, source, to_source), (source, target, to_target)):
            if transfer == "none" or not carries(case, giver) or not carries(case, receiver):
                continue
            if transfer == "counted" and not case.things[receiver].counting:
                continue
            found.append(Flow(giver, receiver, transfer, (source, kind, target)))
    return found


def judged_groups(case: Case) -> list[str]:
    """List the groups that take part."""
    return [key for key, thing in case.things.items() if thing.counting and carries(case, key)]


def members_of(case: Case, group: str) -> set[str]:
    """Collect the distinct members of a group that count."""
    return {flow.giver for flow in flows(case) if flow.receiver == group and flow.transfer == "counted"}


def wanted(needs: int | str, n: int) -> int:
    """Turn `needs` into a number of members, before any clamping to how many there are."""
    if isinstance(needs, int):
        return max(1, needs)
    return max(1, ceil(n * Fraction(needs.strip().removesuffix("%")) / 100))


def faulted(case: Case, group: str) -> bool:
    """Tell whether a group needs more members than it has, or has none."""
    n = len(members_of(case, group))
    return n == 0 or wanted(case.things[group].needs, n) > n


def size_of(case: Case, group: str) -> tuple[int, int]:
    """Give a group's k, clamped to n, and its n."""
    n = len(members_of(case, group))
    return min(n, wanted(case.things[group].needs, n)), n


def by_count(case: Case, group: str, state: Levels) -> int:
    """Judge a group by its members: its k-th best one, and at risk when just enough of them are left."""
    if faulted(case, group) and not members_of(case, group):
        return AT_RISK
    k, n = size_of(case, group)
    best_first = sorted(state[member] for member in members_of(case, group))
    level = best_first[k - 1]
    up = sum(member_state < OUT for member_state in best_first)
    if up < n and up == k:
        level = max(level, AT_RISK)
    if faulted(case, group):
        level = max(level, AT_RISK)
    return level


def fixpoint(case: Case, stated: Levels) -> Levels:
    """Find the least states in which every item is the worst of what was stated and what is carried to it."""
    every_flow, groups = flows(case), judged_groups(case)
    state = dict.fromkeys(case.things, 0)
    while True:
        new = {key: stated.get(key, 0) for key in case.things}
        for flow in every_flow:
            new[flow.receiver] = max(new[flow.receiver], TABLES[flow.transfer][state[flow.giver]])
        for group in groups:
            new[group] = max(new[group], by_count(case, group, state))
        if new == state:
            return state
        state = new


def context_of(case: Case) -> Levels:
    """Collect what is hurt anyway, without what the context says of the causes themselves."""
    context = {key: OUT for key, thing in case.things.items() if thing.status == "maintenance"}
    for key, name in case.hurt.items():
        context[key] = max(context.get(key, 0), STATES.index(name))
    return {key: level for key, level in context.items() if key not in case.causes}


def thresholds(case: Case, group: str, level: int) -> Iterator[tuple[int, int]]:
    """Yield the counts that put a group at a level, as (how bad a member must be, how many such members)."""
    k, n = size_of(case, group)
    yield level, n - k + 1  # fewer than k members are better than the level
    if level == AT_RISK and n > k:
        yield OUT, n - k  # exactly k are up


class Spread(NamedTuple):
    """The states of a case with and without its causes, and the distances harm has arrived at so far."""

    case: Case
    state: Levels
    before: Levels
    arrived: dict[str, int]


def tipping(spread: Spread, key: str, level: int, last: int) -> set[Link]:
    """Collect the relations by which harm that arrived at distance `last` puts an item at a level."""
    case, state, before, arrived = spread
    inward = [flow for flow in flows(case) if flow.receiver == key]
    found = {
        flow.link
        for flow in inward
        if TABLES[flow.transfer][state[flow.giver]] == level and arrived.get(flow.giver) == last
    }
    if not case.things[key].counting:
        return found
    members = members_of(case, key)
    for bad, enough in thresholds(case, key, level):
        earlier = {member for member in members if before[member] >= bad}
        caused = {member for member in members - earlier if state[member] >= bad and member in arrived}
        by_now = len(earlier) + sum(arrived[member] <= last for member in caused)
        one_ago = len(earlier) + sum(arrived[member] < last for member in caused)
        if one_ago < enough <= by_now:
            deciding = {member for member in caused if arrived[member] == last}
            found |= {flow.link for flow in inward if flow.transfer == "counted" and flow.giver in deciding}
    return found


def arrivals(
    case: Case, given: Levels, state: Levels, before: Levels, affected: set[str]
) -> tuple[dict[str, int], dict[str, Link]]:
    """Let harm arrive level by level, worst first, one relation at a time."""
    arrived = {key: 0 for key, level in given.items() if state[key] == level}
    spread = Spread(case, state, before, arrived)
    tipped_by: dict[str, Link] = {}
    for level in (3, 2, 1):
        for distance in range(1, len(case.things) * 3 + 1):
            wave = {}
            for key in affected:
                if state[key] == level and key not in tipped_by:
                    found = tipping(spread, key, level, distance - 1)
                    if found:
                        wave[key] = min(found)
            tipped_by.update(wave)
            arrived.update(dict.fromkeys(wave, distance))
    return {key: arrived[key] for key in affected}, tipped_by


def broken(case: Case) -> set[tuple[str, str]]:
    """List live items with a relation that would bring them harm, to an item that takes no part."""
    return {
        (source, target)
        for source, kind, target in case.links
        if case.types[kind][0] not in {"none", "counted"}
        and carries(case, source)
        and not carries(case, target)
    }


def absorbed(case: Case, state: Levels, before: Levels) -> dict[str, tuple[int, int, int, int]]:
    """List the groups that lose members by the causes, keep enough of them, and are not out otherwise."""
    found = {}
    for group in judged_groups(case):
        members = members_of(case, group)
        k, n = size_of(case, group)
        up = sum(state[member] < OUT for member in members)
        up_before = sum(before[member] < OUT for member in members)
        if up < up_before and up >= k and state[group] < OUT:
            found[group] = (k, n, up, up - k)
    return found


def named(levels: Mapping[str, int]) -> dict[str, str]:
    """Give levels their names."""
    return {key: STATES[level] for key, level in levels.items()}


def judge(case: Case) -> Verdict:
    """Say everything the text says about a case."""
    given = {key: STATES.index(name) for key, name in case.causes.items()}
    context = context_of(case)
    state = fixpoint(case, context | given)
    before = fixpoint(case, context)
    alone = fixpoint(case, given)
    affected = {key for key in case.things if state[key] > max(before[key], given.get(key, 0))}
    distance, tipped_by = arrivals(case, given, state, before, affected)
    return Verdict(
        state=named(state),
        before=named(before),
        alone=named(alone),
        affected=affected,
        already={key for key in case.things if before[key] > 0},
        faults={group for group in judged_groups(case) if faulted(case, group)},
        broken=broken(case),
        absorbed=absorbed(case, state, before),
        distance=distance,
        tipped_by=tipped_by,
    )
