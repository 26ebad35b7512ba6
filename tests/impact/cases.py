"""Random small cases for the impact tests: nested and shared groups, cycles, odd statuses, incidents."""

from __future__ import annotations

import random
from string import ascii_lowercase

from tests.impact.reference import Case, Link, Thing

TRANSFERS = ("same", "softened", "fatal", "counted", "none")
HURTS = ("at_risk", "degraded", "out")
STATUSES = (None, "live", "maintenance", "retiring", "planned", "in_build", "retired")
USUAL_TYPES = (
    ("same", "none"),
    ("softened", "none"),
    ("fatal", "softened"),
    ("fatal", "none"),
    ("none", "softened"),
    ("none", "same"),
    ("none", "none"),
)
COUNTED_TYPES = (
    ("none", "counted"),
    ("none", "counted"),
    ("none", "counted"),
    ("none", "counted"),
    ("none", "counted"),
    ("counted", "none"),
    ("counted", "counted"),
    ("same", "counted"),
    ("softened", "counted"),
    ("counted", "softened"),
)


def _words(rng: random.Random, count: int) -> list[str]:
    """Draw distinct nonsense words in no order."""
    words: set[str] = set()
    drawn: list[str] = []
    while len(drawn) < count:
        word = "".join(rng.choices(ascii_lowercase, k=rng.randint(1, 3)))
        if word not in words:
            words.add(word)
            drawn.append(word)
    return drawn


def _types(rng: random.Random) -> dict[str, tuple[str, str]]:
    """Draw relation types: one that counts, one that carries, and others at random."""
    pairs = [
        rng.choice(COUNTED_TYPES),
        ("same", "none") if rng.random() < 0.7 else rng.choice(USUAL_TYPES[:4]),
    ]
    for _ in range(rng.randint(1, 5)):
        share = rng.random()
        if share < 0.7:
            pairs.append(rng.choice(USUAL_TYPES))
        elif share < 0.85:
            pairs.append(rng.choice(COUNTED_TYPES))
        else:
            pairs.append((rng.choice(TRANSFERS), rng.choice(TRANSFERS)))
    rng.shuffle(pairs)
    return dict(zip(_words(rng, len(pairs)), pairs, strict=True))


def _needs(rng: random.Random, members: int) -> int | str:
    """Draw what a group needs: mostly possible, sometimes more than it has."""
    share = rng.random()
    if share < 0.65:
        return min(rng.randint(1, max(1, members)), rng.randint(1, max(1, members)))
    if share < 0.72:
        return members + rng.randint(1, 2)
    return f"{rng.choice((0, 1, 25, 33, 34, 50, 51, 66, 67, 75, 99, 100, 100, 101, 150))}%"


def _member_links(
    rng: random.Random, group: str, members: list[str], types: dict[str, tuple[str, str]]
) -> set[Link]:
    """Relate members to a group by types that count, in the direction that counts, some of them twice."""
    into_target = [name for name, transfers in types.items() if transfers[1] == "counted"]
    into_source = [name for name, transfers in types.items() if transfers[0] == "counted"]
    links: set[Link] = set()
    for member in members:
        for _ in range(2 if rng.random() < 0.1 else 1):
            name = rng.choice(into_target + into_source)
            links.add((member, name, group) if name in into_target else (group, name, member))
    return links


def _free_links(
    rng: random.Random, keys: list[str], types: dict[str, tuple[str, str]], count: int, *, acyclic: bool
) -> set[Link]:
    """Relate items at random, with parallel relations, relations to oneself and, if asked for, no cycles."""
    links: set[Link] = set()
    names = [name for name, transfers in types.items() if "counted" not in transfers] or list(types)
    for _ in range(count):
        here, there = rng.choice(keys), rng.choice(keys)
        if here == there and rng.random() < 0.9:
            continue
        if acyclic and keys.index(here) > keys.index(there):
            here, there = there, here
        links.add((here, rng.choice(names if rng.random() < 0.9 else list(types)), there))
        if rng.random() < 0.1:
            links.add((here, rng.choice(list(types)), there))
        if not acyclic and rng.random() < 0.1:
            links.add((there, rng.choice(list(types)), here))
    return links


def random_case(rng: random.Random, size: int) -> Case:
    """Draw a case of about `size` items (at least two), the same for the same generator state."""
    keys = _words(rng, max(2, size))
    types = _types(rng)
    group_share = rng.choice((0.0, 0.2, 0.3, 0.3, 0.5))
    odd_share = rng.choice((0.0, 0.1, 0.3))
    things: dict[str, Thing] = {}
    links: set[Link] = set()
    islands = set(rng.sample(keys, len(keys) // 5)) if rng.random() < 0.3 else set()
    related = [key for key in keys if key not in islands]
    acyclic = rng.random() < 0.5
    for place, key in enumerate(keys):
        status = rng.choice(STATUSES) if rng.random() < odd_share else rng.choice((None, None, "live"))
        counting = rng.random() < (group_share if key in related else 0.05)
        needs: int | str = 1
        if counting and key in related:
            pool = [other for other in related if keys.index(other) > place] if acyclic else related
            others = [other for other in pool if other != key or rng.random() < 0.1]
            members = rng.sample(others, min(len(others), rng.choice((1, 2, 2, 3, 3, 3, 4, 4, 5))))
            needs = _needs(rng, len(members))
            links |= _member_links(rng, key, members, types)
        things[key] = Thing(status, counting, needs)
    density = rng.choice((0.3, 0.5, 0.7, 1.0, 1.5, 2.5, 4.0))
    links |= _free_links(rng, related, types, round(density * len(related)), acyclic=acyclic)
    used = sorted({end for source, _, target in links for end in (source, target)}) or keys
    counted = [link for link in sorted(links) if "counted" in types[link[1]]]
    count = rng.choice((1, 1, 2, 2, 3, max(1, len(keys) // 2)))
    causes: dict[str, str] = {}
    for _ in range(count):
        key = rng.choice(used if rng.random() < 0.95 else keys)
        if counted and rng.random() < 0.4:
            source, name, target = rng.choice(counted)
            key = source if types[name][1] == "counted" else target
        causes[key] = rng.choice(("out", "out", "out", "degraded", "at_risk"))
    hurt: dict[str, str] = {}
    if rng.random() < 0.5:
        for key in rng.sample(keys, rng.randint(1, max(1, len(keys) // 4))):
            hurt[key] = rng.choice(HURTS)
        if rng.random() < 0.2:
            hurt[rng.choice(sorted(causes))] = rng.choice(HURTS)
    return Case(things, frozenset(links), types, causes, hurt)
