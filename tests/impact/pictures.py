"""Small pictures for tests, from a few words each."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cmdb.model import Graph, Item, Relation, RelationId
from cmdb.values import Attributes
from cmdb.vocabulary import Family, Field, ItemClass, RelationType, Vocabulary
from impact.context import Moment
from impact.following import follow, take
from impact.picture import Picture
from tests.impact.reference import Case

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = Moment(at=NOON, known=NOON)


def graph_of(items: Mapping[str, Attributes], relations: Iterable[tuple[str, str, str]]) -> Graph:
    """A graph whose uids are its keys; the attribute `class` names the class, a server by default."""
    return Graph(
        revision=1,
        time="2026-03-01T12:00:00Z",
        items={key: _item(key, dict(attributes)) for key, attributes in items.items()},
        relations={RelationId(*ends): Relation(RelationId(*ends)) for ends in relations},
    )


def _item(key: str, attributes: Attributes) -> Item:
    class_name = str(attributes.pop("class", "server"))
    return Item(key, key, class_name, str(attributes.pop("name", key)), attributes)


def nonsense(case: Case) -> Picture:
    """The case as a picture, in a vocabulary of invented words."""
    return take(graph_of_case(case), _vocabulary(case.types))


def nonsense_by_commits(rng: random.Random, case: Case) -> Picture:
    """The same picture, but followed over a few commits from a graph that was another one."""
    wanted = graph_of_case(case)
    items = {uid: _other(rng, item) for uid, item in wanted.items.items() if rng.random() < 0.7}
    known = [one for one in wanted.relations if one.source in items and one.target in items]
    some = set(rng.sample(known, rng.randint(0, len(known))))
    for _ in range(len(known) // 2):
        one = rng.choice(known)
        some.add(RelationId(one.target, one.type, one.source))
    some = {one for one in some if wanted.relations.get(one, Relation(one)).attributes == {}}
    graph = Graph(1, wanted.time, items, {one: Relation(one) for one in some})
    picture = take(graph, _vocabulary(case.types))
    changed = [uid for uid, item in wanted.items.items() if items.get(uid) != item]
    related = [one for one in {*wanted.relations, *some} if (one in wanted.relations) != (one in some)]
    rng.shuffle(related)
    half = len(related) // 2
    for touched in (set(changed), set(related[:half]), set(related[half:])):
        part = replace(
            wanted,
            items={uid: item for uid, item in wanted.items.items() if uid in touched},
            relations={one: relation for one, relation in wanted.relations.items() if one in touched},
        )
        picture = follow(picture, part, touched)
    return picture


def _other(rng: random.Random, item: Item) -> Item:
    """An item as it may have been before."""
    chance = rng.random()
    if chance < 0.2:
        return replace(item, class_name=rng.choice(["tove", "gimble"]))
    if chance < 0.4:
        return replace(item, attributes={"status": "retired", "needs": 2})
    return replace(item, key=f"{item.key}-old") if chance < 0.5 else item


def graph_of_case(case: Case) -> Graph:
    """The case as a graph."""
    things = {
        key: _item(
            key, {"class": "gimble" if thing.counting else "tove", **_attributes(thing.status, thing.needs)}
        )
        for key, thing in case.things.items()
    }
    told = {
        RelationId(f"rath of {key}", "outgrabe", key): {"mome": state} for key, state in case.hurt.items()
    }
    reports = {
        one.source: Item(one.source, one.source, "borogove", one.source, {"priority": 1}) for one in told
    }
    relations = {RelationId(*link): Relation(RelationId(*link)) for link in case.links}
    relations |= {one: Relation(one, {**attributes}) for one, attributes in told.items()}
    return Graph(1, "2026-03-01T12:00:00Z", things | reports, relations)


def _attributes(status: str | None, needs: int | str) -> Attributes:
    return {"needs": needs, "status": status} if status else {"needs": needs}


def _vocabulary(types: Mapping[str, tuple[str, str]]) -> Vocabulary:
    ends = {
        "label": "whiffles",
        "inverse": "burbles",
        "describe": "brillig",
        "source": ["ci"],
        "target": ["ci"],
    }
    relations = {
        name: RelationType.model_validate({**ends, "to_source": back, "to_target": forth})
        for name, (back, forth) in types.items()
    }
    relations["outgrabe"] = RelationType.model_validate({**ends, "tells": "mome", "fields": ["mome"]})
    return Vocabulary(
        families={"jabber": Family(label="slithy", ci=True), "snark": Family(label="slithy")},
        fields={"mome": Field(type="text", describe="brillig")},
        classes={
            "tove": ItemClass(family="jabber", label="slithy", describe="brillig"),
            "gimble": ItemClass(family="jabber", label="slithy", describe="brillig", counting=True),
            "borogove": ItemClass(family="snark", label="slithy", describe="brillig"),
        },
        relations=relations,
    )
