"""A small estate with changes in one night, as a change advisory board would have them before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cmdb.changes import AFFECTS, Change, change_of
from cmdb.model import Graph, Item, Relation, RelationId
from cmdb.operations import Plan
from cmdb.values import Attributes, Value
from cmdb.vocabulary import Vocabulary
from cmdb.vocabulary_files import load_vocabulary
from impact.assessing.beside import Beside, beside_of
from impact.following import take
from impact.picture import Picture
from tests.impact.pictures import graph_of

KNOWN = datetime(2026, 10, 16, 12, tzinfo=UTC)
"""Friday noon, when the changes are looked at."""

ESTATE: Mapping[str, Attributes] = {
    "checkout": {"class": "application_service", "name": "Checkout", "tier": 1, "owner": "team-shop"},
    "payments": {"class": "application_service", "name": "Payments", "tier": 1, "owner": "team-pay"},
    "intranet": {"class": "application_service", "name": "Intranet", "tier": 3},
    "pool": {"class": "redundancy_group", "needs": 1},
    "db-a": {"class": "database", "owner": "team-db"},
    "db-b": {"class": "database", "owner": "team-db"},
    "switch-b": {"class": "network_device", "owner": "team-net"},
    "fw-118": {"class": "firewall_rule", "owner": "team-net"},
    "wiki-1": {},
    "fax": {},
}
RELATIONS = (
    ("checkout", "depends_on", "pool"),
    ("db-a", "member_of", "pool"),
    ("db-b", "member_of", "pool"),
    ("db-b", "connects_via", "switch-b"),
    ("payments", "depends_on", "fw-118"),
    ("intranet", "depends_on", "wiki-1"),
)

Touch = Mapping[str, str]
"""By key of an item, the action."""

Night = tuple[str, str]
"""From when to when on Saturday, such as 02:00 and 03:00 in UTC."""

NIGHT: Night = ("02:00", "03:00")


def change(touch: Touch, hours: Night | None = NIGHT, **fields: Value) -> Attributes:
    """A change on Saturday; what it touches is taken off again by `estate`."""
    touched = [f"{key} {action}" for key, action in touch.items()]
    found: Attributes = {"class": "change", AFFECTS: touched, **fields}
    if hours:
        found["planned_start"], found["planned_end"] = (f"2026-10-17T{hour}:00Z" for hour in hours)
    return found


def estate(
    more: Mapping[str, Attributes] | None = None,
    relations: Mapping[tuple[str, str, str], Attributes] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Picture:
    """The estate with more items and relations, such as changes and windows."""
    items: dict[str, Attributes] = {**ESTATE}
    given: dict[tuple[str, str, str], Attributes] = {**{one: {} for one in RELATIONS}, **(relations or {})}
    for key, fields in (more or {}).items():
        items[key] = {name: value for name, value in fields.items() if name != AFFECTS}
        given.update(_touched(key, fields))
    return take(_with_attributes(graph_of(items, given), given), vocabulary or load_vocabulary())


def _touched(key: str, fields: Attributes) -> Iterator[tuple[tuple[str, str, str], Attributes]]:
    touched = fields.get(AFFECTS)
    for step, text in enumerate(touched if isinstance(touched, list) else [], start=1):
        target, action = str(text).split(" ")
        yield (key, AFFECTS, target), {"action": action, "step": step}


def _with_attributes(graph: Graph, given: Mapping[tuple[str, str, str], Attributes]) -> Graph:
    told = {RelationId(*ends): Relation(RelationId(*ends), {**fields}) for ends, fields in given.items()}
    return replace(graph, relations=told)


def record(picture: Picture, key: str) -> Change:
    """The change with a key."""
    place = picture.find(key)
    return change_of(picture.item(place), _affected(picture, place))


def _affected(picture: Picture, place: int) -> Iterator[tuple[Relation, Item]]:
    for link in picture.relations_at(place):
        if link.type == AFFECTS and link.source == place:
            yield picture.relation(link), picture.item(link.target)


def seen(picture: Picture, key: str, plan: Plan | None = None) -> Beside:
    """A change as others see it."""
    return beside_of(picture, picture.find(key), record(picture, key), plan)


def all_seen(picture: Picture) -> list[Beside]:
    """All changes as others see them."""
    return [seen(picture, key) for key in picture.keys.all() if key.startswith("CHG-")]
