"""What the reasons say beyond their sentence: which path to mark, how old it is, and false redundancy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Document = Mapping[str, Any]


class Evidence(NamedTuple):
    """How well the relations on the path are known: how many there are, how many are old, the oldest."""

    relations: int
    stale: int
    oldest: str


class Shared(NamedTuple):
    """False redundancy: a group whose lost members all hang on one item."""

    group: str
    members: tuple[str, ...]
    all: bool
    on: str


def path(because: Document) -> list[str]:
    """The keys along the path, in pairs: an item, and what it is hit by."""
    return [key for pair in _pairs(because) for key in pair]


def steps(explanation: Document) -> int:
    """How many steps the shortest path has; 0 where no path from a cause is told."""
    shown = explanation["chains"]["shown"]
    return len(shown[0]["steps"]) if shown else 0


def other_paths(explanation: Document) -> list[str]:
    """The sentences of the shortest paths that the tree of reasons leaves out."""
    if explanation["because"] is None:
        return []
    told = set(_pairs(explanation["because"]))
    item = explanation["item"]["key"]
    return [
        chain["detail"]
        for chain in explanation["chains"]["shown"]
        if not told.issuperset(_chain_pairs(item, chain["steps"]))
    ]


def evidence(because: Document) -> Evidence | None:
    """How old the relations on the path are."""
    found = list(_steps(because))
    if not found:
        return None
    never = [step for step in found if step["seen"] is None]
    oldest = never[0] if never else min(found, key=lambda step: str(step["seen"]))
    return Evidence(len(found), sum(1 for step in found if step["stale"]), oldest["seen_words"])


def false_redundancy(because: Document) -> Iterator[Shared]:
    """The groups on the path that have members to spare and lose too many to one item outside."""
    group, members = because["group"], because["members"]
    if group and 0 < group["members"] - group["needs"] < len(members):
        shared = _shared(members)
        if shared is not None:
            last = because["steps"][-1] if because["steps"] else because
            names = tuple(member["name"] for member in members)
            yield Shared(last["name"], names, group["members"] == len(names), shared["name"])
    for member in members:
        yield from false_redundancy(member)


def _shared(members: list[Document]) -> Document | None:
    """The nearest item that every member's own chain passes through while it is out."""
    chains = [
        [step for step in member["steps"] if step["state"] == "out"] if member["state"] == "out" else []
        for member in members
    ]
    common = set.intersection(*({step["key"] for step in chain} for chain in chains))
    return next((step for step in chains[0] if step["key"] in common), None)


def _steps(because: Document) -> Iterator[Document]:
    yield from because["steps"]
    for member in because["members"]:
        yield from _steps(member)


def _pairs(because: Document) -> Iterator[tuple[str, str]]:
    yield from _chain_pairs(because["key"], because["steps"])
    last = because["steps"][-1]["key"] if because["steps"] else because["key"]
    for member in because["members"]:
        yield last, member["key"]
        yield from _pairs(member)


def _chain_pairs(start: str, steps: list[Document]) -> Iterator[tuple[str, str]]:
    here = start
    for step in steps:
        yield here, step["key"]
        here = step["key"]
