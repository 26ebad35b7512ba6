"""A picture that followed changes is the picture that is made of what they led to."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cmdb.harm import State
from cmdb.model import Graph, Item, Provenance, Relation, RelationId
from cmdb.operations import Target
from cmdb.values import Attributes
from cmdb.vocabulary_files import load_vocabulary
from impact.answer import ask
from impact.compacting import compacted
from impact.documents.impact import impact_document
from impact.following import follow, take
from impact.picture import Picture
from tests.impact.pictures import NOW

pytestmark = pytest.mark.slow

VOCABULARY = load_vocabulary()
CLASSES = (
    "server",
    "database",
    "application_service",
    "redundancy_group",
    "firewall_rule",
    "team",
    "incident",
)
TYPES = ("depends_on", "uses", "member_of", "part_of", "sends_data_to", "owned_by", "hits")
STATUSES = (None, None, None, "live", "maintenance", "planned", "retired")
HISTORIES = 16
STEPS = 25


class Estate:
    """A graph that lives: what happens to it is random, and it knows what was touched last."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.items: dict[str, Item] = {}
        self.relations: dict[RelationId, Relation] = {}
        self.revision = 0
        self.made = 0

    def graph(self) -> Graph:
        """The graph as it is."""
        time = f"2026-03-01T12:{self.revision:02}:00Z"
        return Graph(self.revision, time, dict(self.items), dict(self.relations))

    def step(self) -> set[Target]:
        """Let a few things happen in one commit; return what was touched."""
        self.revision += 1
        touched: set[Target] = set()
        for _ in range(self.rng.randint(1, 8)):
            touched.add(self._something())
        return touched

    def _something(self) -> Target:
        chance, uids = self.rng.random(), list(self.items)
        if len(uids) < 3 or chance < 0.25:
            return self._create()
        if chance < 0.55:
            return self._change(self.rng.choice(uids))
        if self.relations and chance < 0.7:
            gone = self.rng.choice(list(self.relations))
            del self.relations[gone]
            return gone
        one = RelationId(self.rng.choice(uids), self.rng.choice(TYPES), self.rng.choice(uids))
        if one.source == one.target:
            return one.source
        version = self.relations[one].version + 1 if one in self.relations else 1
        details: Attributes = {"state": "degraded"} if self.rng.random() < 0.2 else {}
        self.relations[one] = Relation(one, details, version, self._provenance("type"))
        return one

    def _create(self) -> str:
        self.made += 1
        uid = f"uid-{self.rng.getrandbits(40):x}"
        key = f"{self.rng.choice('abcxyzÄ')}-{self.made}"
        self.items[uid] = Item(uid, key, self.rng.choice(CLASSES), key.upper(), self._attributes(), 1)
        return uid

    def _change(self, uid: str) -> str:
        item, chance = self.items[uid], self.rng.random()
        values: dict[str, Any] = {"attributes": self._attributes()}
        if chance < 0.3:
            self.made += 1
            values = {"key": f"{self.rng.choice('abcxyz')}-{self.made}"}
        elif chance < 0.5:
            values = {"class_name": self.rng.choice(CLASSES)}
        changed = replace(item, **values, version=item.version + 1, provenance=self._provenance("key"))
        self.items[uid] = changed
        return uid

    def _attributes(self) -> Attributes:
        found: dict[str, Any] = {
            "status": self.rng.choice(STATUSES),
            "needs": self.rng.choice((None, 1, 2, "50%")),
            "tier": self.rng.choice((None, 1, 2, 3)),
            "owner": self.rng.choice((None, "ann", "shop")),
            "priority": self.rng.choice((None, 1, 3)),
        }
        return {name: value for name, value in found.items() if value is not None}

    def _provenance(self, name: str) -> Mapping[str, Provenance]:
        return {name: Provenance("native", f"2026-03-01T11:{self.revision:02}:00Z")}


def part(graph: Graph, touched: set[Target]) -> Graph:
    """What is there of what was touched, as a store reads it."""
    items = {uid: item for uid, item in graph.items.items() if uid in touched}
    return replace(
        graph, items=items, relations={one: two for one, two in graph.relations.items() if one in touched}
    )


def told(picture: Picture) -> dict[str, Any]:
    """Everything a picture tells, by keys."""
    keys = picture.keys.all()
    places = [picture.find(key) for key in keys]
    assert places == list(range(len(keys)))
    return {
        "revision": (picture.revision, picture.time),
        "order": [keys[place] for place in picture.order.numbers.tolist()],
        "items": {keys[place]: picture.item(place) for place in places},
        "numbers": {uid: keys[place] for place, uid in enumerate(picture.uids.all())},
        "names": {keys[place]: picture.name(place) for place in places},
        "active": {keys[place] for place in places if picture.active[place]},
        "weights": {keys[place]: picture.weight(place) for place in places},
        "relations": {
            keys[place]: [
                (
                    keys[link.source],
                    link.type,
                    keys[link.target],
                    picture.relation(link),
                    picture.evidence(link),
                )
                for link in picture.relations_at(place)
            ]
            for place in places
        },
        "rows": {
            keys[place]: [
                [
                    (keys[row.start], keys[row.end], row.transfer, row.counted, row.relation.type)
                    for row in rows
                ]
                for asleep in (False, True)
                for rows in (picture.rows_from(place, asleep=asleep), picture.rows_to(place, asleep=asleep))
            ]
            for place in places
        },
        "groups": {
            keys[place]: (group.needs, {keys[one] for one in group.members}, group.fault)
            for place in places
            if picture.is_group(place)
            for group in [picture.group(place)]
        },
        "broken": [(keys[one.source], one.type, keys[one.target]) for one in picture.broken],
        "tellers": {keys[place] for place in picture.tellers},
        "answers": [
            impact_document(ask(picture, {picture.find(key): State.OUT}, NOW), "live")
            for key in sorted(keys)[:4]
        ],
    }


@pytest.mark.parametrize("share", range(4))
def test_a_followed_picture_is_one_made_from_nothing(share: int) -> None:
    """After each of many commits, and whatever else was made of the same pictures meanwhile."""
    for seed in range(share, HISTORIES, 4):
        estate = Estate(random.Random(seed))
        picture = take(estate.graph(), VOCABULARY)
        for number in range(STEPS):
            before, was = picture, estate.graph()
            touched = estate.step()
            graph = estate.graph()
            picture = follow(picture, part(graph, touched), touched)
            assert told(picture) == told(take(graph, VOCABULARY)), f"seed {seed}, step {number}"
            if number % 5 == 0:
                assert told(before) == told(take(was, VOCABULARY)), f"seed {seed}, step {number}"


def test_two_pictures_go_on_from_one() -> None:
    """What one of them takes in is not to be seen in the other, nor in the one they came from."""
    for seed in range(15):
        estate = Estate(random.Random(seed))
        for _ in range(6):
            estate.step()
        trunk, base = estate.graph(), take(estate.graph(), VOCABULARY)
        branches = []
        for branch in range(3):
            estate.items, estate.relations = dict(trunk.items), dict(trunk.relations)
            estate.rng = random.Random(f"{seed} {branch}")
            touched = estate.step()
            branches.append((follow(base, part(estate.graph(), touched), touched), estate.graph()))
        for picture, graph in [*branches, (base, trunk)]:
            assert told(picture) == told(take(graph, VOCABULARY))


def test_rows_that_are_put_together_tell_the_same() -> None:
    """Compacting changes where things stand and nothing else, also for what follows."""
    estate = Estate(random.Random(7))
    picture = take(estate.graph(), VOCABULARY)
    for number in range(15):
        touched = estate.step()
        picture = follow(picture, part(estate.graph(), touched), touched)
        if number % 7 == 0:
            picture = compacted(picture)
        assert told(picture) == told(take(estate.graph(), VOCABULARY))
