"""Trees on a terminal: what an item needs level by level, and chains that begin alike drawn once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from api.cli.root import Document
from api.cli.words import Branch, Line, called, draw, state
from cmdb.words import listed

SHOWN_AT_MOST = 100
"""How many items a tree shows, the nearest first; the rest is counted where it would stand."""

CHILDREN_AT_MOST = 12
"""How many items of one kind that need nothing themselves stand below one another."""

LEVELS_AT_MOST = 12
"""How far a tree is set in."""

NAMED = 3
"""How many others are named that need the same."""


def show_needs(document: Document) -> None:
    """Draw what an item needs: each item once, where it is nearest, and who else needs it."""
    item, needs = document["item"], document["needs"]
    names = {one["key"]: one["name"] for one in [item, *needs]}
    parents = {one["key"]: _other_end(one) for one in needs}
    below: defaultdict[str, list[Document]] = defaultdict(list)
    for one in needs:
        below[parents[one["key"]]].append(one)
    shown = _shown(needs, below)
    made = {item["key"]: Branch([_root(item, parents, names)])}
    for one in needs:
        if one["key"] in shown:
            branch = Branch([_need(one, parents, names)])
            made[one["key"]] = branch
            made[parents[one["key"]]].below.append(branch)
    for key, branch in made.items():
        hidden = [one for one in below[key] if one["key"] not in shown]
        if hidden:
            branch.below.append(Branch([_folded(hidden, below)]))
    draw(made[item["key"]])


def show_chains(first: Document, chains: Iterable[Sequence[Document]], standing: Mapping[str, str]) -> None:
    """Draw chains from one item towards what they come from; where several begin alike, that part once.

    Parameters
    ----------
    standing
        What there is to say of some items beside their names, by key.
    """
    root = Branch([[*_state(first), called(first), *_told(first, standing)]])
    known: dict[tuple[str, ...], Branch] = {(): root}
    for chain in chains:
        way: tuple[str, ...] = ()
        for step in chain:
            before, way = known[way], (*way, step["words"], step["key"])
            if way not in known:
                known[way] = Branch([_step(step, standing)])
                before.below.append(known[way])
    draw(_joined(root))


def _joined(branch: Branch) -> Branch:
    """The same tree, set in only where it forks."""
    while len(branch.below) == 1:
        branch = Branch([*branch.lines, *branch.below[0].lines], branch.below[0].below)
    return Branch(branch.lines, [_joined(one) for one in branch.below])


def _shown(needs: Sequence[Document], below: Mapping[str, Sequence[Document]]) -> set[str]:
    """The keys of what is drawn: the nearest, and of many alike that lead nowhere the first ones."""
    crowds: Counter[tuple[str, str, str]] = Counter()
    shown: set[str] = set()
    for one in needs:
        if len(shown) == SHOWN_AT_MOST:
            break
        parent = _other_end(one)
        crowd = (parent, one["words"], one["class"])
        if not below.get(one["key"]):
            crowds[crowd] += 1
        fits = crowds[crowd] <= CHILDREN_AT_MOST and one["distance"] <= LEVELS_AT_MOST
        if fits and (one["distance"] == 1 or parent in shown):
            shown.add(one["key"])
    return shown


def _other_end(one: Document) -> str:
    """Below which item something stands: what it is needed by over `via`."""
    via = one["via"]
    return str(via["target"] if via["source"] == one["key"] else via["source"])


def _root(item: Document, parents: Mapping[str, str], names: Mapping[str, str]) -> Line:
    return [(item["name"], "bold"), *_also(item, None, parents, names)]


def _need(one: Document, parents: Mapping[str, str], names: Mapping[str, str]) -> Line:
    told = f"  {one['class'].replace('_', ' ')}"
    also = _also(one, parents[one["key"]], parents, names)
    return [(f"{one['words']} ", "dim"), called(one), (told, "dim"), *also]


def _also(one: Document, parent: str | None, parents: Mapping[str, str], names: Mapping[str, str]) -> Line:
    """Who else needs an item; whoever is needed by it as well closes a circle."""
    others = [key for key in one["needed_by"] if key != parent]
    circle = [names[key] for key in others if _is_below(key, one["key"], parents)]
    shared = [names[key] for key in others if not _is_below(key, one["key"], parents)]
    told = [(f"  also for {listed(shared, NAMED)}", "dim")] if shared else []
    return [*told, *([(f"  ↺ a circle with {listed(circle, NAMED)}", "bold")] if circle else [])]


def _is_below(key: str, above: str, parents: Mapping[str, str]) -> bool:
    at: str | None = key
    while at is not None and at != above:
        at = parents.get(at)
    return at == above


def _folded(hidden: Sequence[Document], below: Mapping[str, Sequence[Document]]) -> Line:
    """What is not drawn below an item, counted by class, with all that stands below it."""
    waiting, every = list(hidden), Counter[str]()
    while waiting:
        one = waiting.pop()
        every[one["class"].replace("_", " ")] += 1
        waiting += below.get(one["key"], ())
    classes = listed([f"{number:,} of class {name}" for name, number in every.most_common()], NAMED)
    return [(f"… {every.total():,} more: {classes}; --json lists them all", "dim")]


def _step(step: Document, standing: Mapping[str, str]) -> Line:
    stale: Line = [(f"  seen {step['seen_words']}", "dim")] if step.get("stale") else []
    return [(f"{step['words']} ", "dim"), *_state(step), called(step), *_told(step, standing), *stale]


def _state(one: Document) -> Line:
    return [state(one["state"]), " "] if "state" in one else []


def _told(one: Document, standing: Mapping[str, str]) -> Line:
    return [(f"  {standing[one['key']]}", "dim")] if one["key"] in standing else []
