"""How the model's values are written as properties and read from them.

Attributes are properties of the same name. What the store adds for itself begins with `_`, as no attribute
does; only an attribute called `uid`, which would hide the real one, is written as `_uid`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any

import orjson

from cmdb.canonical import as_json, canonical, digest
from cmdb.model import Actor, Commit, Identity, Item, Relation, RelationId, Sighting
from cmdb.operations import Step, step_as_data, step_from_data, text_of
from cmdb.stores.base import Logged, Sealed
from cmdb.stores.staging import Place

Row = Mapping[str, Any]
UID, SPARED = "uid", "_uid"
"""What an attribute of the first name is called, because the real uid has that."""

_LONGEST_PLAIN = 1_000


def item_row(item: Item, revision: int) -> Row:
    """The properties of an item as a revision leaves it."""
    core = {"uid": item.uid, "key": item.key, "class": item.class_name, "name": item.name}
    return core | _properties(item, revision)


def relation_row(relation: Relation, revision: int) -> Row:
    """The properties of a relation as a revision leaves it."""
    return {"uid": uid_of(relation.id)} | _properties(relation, revision)


def relation_rows(relations: Iterable[Relation], revision: int) -> list[Row]:
    """New relations as groups: of each its uid and its ends."""
    return grouped(
        (_properties(one, revision), [uid_of(one.id), one.id.source, one.id.target]) for one in relations
    )


def _properties(what: Item | Relation, revision: int) -> dict[str, Any]:
    attributes = {SPARED if name == UID else name: value for name, value in what.attributes.items()}
    origins = orjson.dumps({name: list(origin) for name, origin in what.provenance.items()}).decode()
    return {**attributes, "_version": what.version, "_since": revision, "_provenance": origins}


def uid_of(relation: RelationId) -> str:
    """A relation's uid as the server has it: no two relations have the same one.

    Examples
    --------
    >>> uid_of(RelationId("a", "uses", "b")), uid_of(RelationId("a>x", "uses", "b"))
    ('a>uses>b', 'a%3Ex>uses>b')
    """
    return ">".join(end.replace("%", "%25").replace(">", "%3E") for end in relation)


def relation_id(uid: str) -> RelationId:
    """The relation with a uid that `uid_of` made."""
    ends = uid.split(">")
    if "%" in uid:
        ends = [end.replace("%3E", ">").replace("%25", "%") for end in ends]
    return RelationId(*map(intern, ends))


def place_of(place: Place) -> str:
    """Where a step stands, as one text of a length that an index takes."""
    owner, target = place
    return digest(canonical([owner, text_of(target)]))


def step_row(place: Place, step: Step, revision: int) -> Row:
    """The properties of a step of a plan."""
    owner, target = place
    written = as_json(step_as_data(step)).decode()
    named = {"owner": owner, "target": text_of(target), "step": written}
    return {**named, "_place": place_of(place), "_since": revision}


def step_of(text: str) -> Step:
    """A step from its text."""
    return step_from_data(orjson.loads(text))


def commit_row(sealed: Sealed, commit: Commit) -> Row:
    """The properties of an entry of the log."""
    return {
        "revision": commit.revision,
        "id": commit.id,
        "time": commit.time,
        "author": commit.author.name,
        "identity": commit.author.identity,
        "message": commit.message,
        "request_hash": sealed.request_hash,
        "result": as_json(dict(commit.result)).decode(),
        "body_hash": sealed.body_hash,
        "hash": commit.hash,
    }


def logged_of(row: Row) -> Logged:
    """An entry of the log from its properties."""
    author = Actor(row["author"], row["identity"])
    named = row["revision"], row["id"], row["time"], author, row["message"], row["hash"]
    return Logged(Commit(*named, orjson.loads(row["result"])), row["request_hash"], row["body_hash"])


def sighting_id(identity: Identity) -> str:
    """An identity as one text: to be read where it is short, of a length that an index takes in any case."""
    text = canonical(list(identity))
    return text.decode() if len(text) <= _LONGEST_PLAIN else digest(text)


def sighting_rows(sightings: Iterable[Sighting]) -> list[Row]:
    """Sightings as groups: of each name whom it means last, and when it was last seen."""
    seen: dict[Identity, Sighting] = {}
    for one in sightings:
        before = seen.get(one.identity)
        seen[one.identity] = one._replace(time=max(before.time, one.time)) if before else one
    return grouped(map(_sighting_row, seen.values()))


def _sighting_row(sighting: Sighting) -> tuple[Row, list[str]]:
    identity = sighting.identity
    who = {"source": identity.source, "class": identity.class_name}
    own = [sighting_id(identity), identity.source_id, sighting.uid]
    return {"who": who, "time": sighting.time}, own


def grouped(rows: Iterable[tuple[Row, list[str]]]) -> list[Row]:
    """Rows by what is alike in them, which is sent once: the driver takes its time for each value.

    Examples
    --------
    >>> grouped([({"role": "db"}, ["1"]), ({}, ["2"]), ({"role": "db"}, ["3"])])
    [{'alike': {'role': 'db'}, 'each': [['1'], ['3']]}, {'alike': {}, 'each': [['2']]}]
    """
    groups: dict[bytes, Row] = {}
    for alike, own in rows:
        groups.setdefault(orjson.dumps(alike), {"alike": alike, "each": []})["each"].append(own)
    return list(groups.values())
