"""Documents of structure: what an item needs, and how two items hang together."""

from __future__ import annotations

from datetime import datetime

from impact.chains import Chains, chains_between
from impact.documents.brief import Document, brief, head, left_out, relation
from impact.picture import Picture, Row
from impact.reach import Reach, needed, needing, upstream
from impact.wording import count


def depends_document(picture: Picture, place: int, view: str, at: datetime) -> Document:
    """Everything an item needs: whatever harm could come from, nearest first.

    `via` is one of the relations over which something is needed, in `words` as seen from what needs it;
    `needed_by` are all that need it directly. Where the item itself is needed by one of them, it is a circle.
    """
    found = upstream(picture, [place])
    order = sorted((one for one in found if one != place), key=lambda one: (found[one], picture.rank[one]))
    name = picture.name(place)
    return {
        **head(picture, view, at),
        "item": {**brief(picture, place), "needed_by": _needing(picture, place, found)},
        "detail": f"{name} needs {count(len(order), 'item')}."
        if order
        else f"{name} needs nothing that is known.",
        "needs": [_need(picture, one, found) for one in order],
        "limits": [],
    }


def paths_document(picture: Picture, ends: tuple[int, int], view: str, at: datetime) -> Document:
    """The shortest ways along which harm passes between two items, whichever way it runs."""
    start, end = ends
    chains = chains_between(picture, start, end)
    if not chains.total:
        start, end = end, start
        chains = chains_between(picture, start, end)
    names = picture.name(start), picture.name(end)
    return {
        **head(picture, view, at),
        "ends": [brief(picture, place) for place in ends],
        "detail": _how(chains, *names),
        "from": picture.keys[start] if chains.total else None,
        "to": picture.keys[end] if chains.total else None,
        "total": chains.total,
        "paths": [_path(picture, chain) for chain in chains.shown],
        "limits": left_out(picture, end, chains.left, "paths"),
    }


def _need(picture: Picture, place: int, found: Reach) -> Document:
    row = needed(picture, found, place)
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "distance": found[place],
        "via": relation(picture, row.relation) if row else None,
        "words": picture.words(row.relation, row.end) if row else "",
        "needed_by": _needing(picture, place, found),
        "detail": picture.sentence(row.relation) if row else "",
    }


def _needing(picture: Picture, place: int, found: Reach) -> list[str]:
    return [picture.keys[one] for one in needing(picture, found, place)]


def _how(chains: Chains, start: str, end: str) -> str:
    if start == end:
        return f"{start} is one item; a path joins two."
    if not chains.total:
        return f"No path along which harm passes joins {start} and {end}."
    steps = count(len(chains.shown[0]), "step")
    more = f" over {count(chains.total, 'way')} as short" if chains.total > 1 else ""
    return f"Harm to {start} can reach {end} in {steps}{more}."


def _path(picture: Picture, chain: tuple[Row, ...]) -> Document:
    return {
        "relations": [relation(picture, row.relation) for row in chain],
        "steps": [_step(picture, row) for row in chain],
        "detail": "; ".join(picture.sentence(row.relation) for row in chain) + ".",
    }


def _step(picture: Picture, row: Row) -> Document:
    """One step from what harm could reach to what it comes from, in words that read in that direction."""
    words = picture.words(row.relation, row.end)
    return {**brief(picture, row.start), "name": picture.name(row.start), "words": words}
