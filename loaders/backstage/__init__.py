"""A Backstage catalogue: components, interfaces, resources, systems, domains, teams and people.

Entities refer to each other by kind, namespace and name, which are compared without regard to capitals;
what a reference does not write is taken from where it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cmdb.errors import Fault
from cmdb.observations import End, Observations, SeenRelation
from cmdb.words import listed
from loaders.backstage.entities import Entity, Other, entities, is_entity, listed_in
from loaders.backstage.kinds import Referring, kinds
from loaders.backstage.references import Reference, reference
from loaders.content import Content

FORMAT = "backstage"
LOOKS_LIKE = "entities of a Backstage catalogue, whose “apiVersion” begins with backstage.io/"
TEXT_KEYS = frozenset(
    {"name", "namespace", "title", "tags", "lifecycle", "owner"}
    | {"system", "domain", "parent", "children", "members", "memberOf"}
    | {"dependsOn", "dependencyOf", "providesApis", "consumesApis", "subcomponentOf", "subdomainOf"}
)

_GLANCE = 10
"""How many entries of a list are looked at to recognise it."""

_DECLARED = {"known": "declared"}


def recognises(content: Content) -> bool:
    """Whether a document is an entity of a catalogue, or a list that begins with some."""
    return any(_is_catalogue(document) for document in content.documents)


def read(content: Content) -> Observations:
    """Say what the entities of a catalogue file are and refer to.

    Returns
    -------
    Observations
        References to entities of other files are relations all the same; those that refer to nothing are
        rejected.
    """
    found = list(entities(content.name, content.documents))
    known = [one for one in found if isinstance(one, Entity)]
    classes = {one.reference.id: one.class_name for one in known}
    related = [one for entity in known for one in _relations(entity, classes)]
    return Observations(
        FORMAT,
        items=tuple(entity.item(_owner(entity)) for entity in known),
        relations=tuple(one for one in related if isinstance(one, SeenRelation)),
        rejected=tuple(one for one in [*found, *related] if isinstance(one, Fault)),
        warnings=tuple(_left_out(one for one in found if isinstance(one, Other))),
    )


def _is_catalogue(document: object) -> bool:
    listed = listed_in(document)
    return is_entity(document) if listed is None else any(is_entity(one) for one in listed[1][:_GLANCE])


def _owner(entity: Entity) -> str | None:
    """The bare name of its owner: what people call the team also where it is not imported."""
    try:
        return reference(entity.spec.get("owner"), "group", entity.reference.namespace).name
    except ValueError:
        return None


def _relations(entity: Entity, classes: dict[str, str]) -> Iterator[SeenRelation | Fault]:
    for referring in kinds().relations:
        if entity.reference.kind in referring.of:
            value = entity.spec.get(referring.field)
            for one in value if isinstance(value, list) else [value]:
                if one not in (None, ""):
                    yield _relation(entity, referring, one, classes)


def _relation(
    entity: Entity, referring: Referring, value: object, classes: dict[str, str]
) -> SeenRelation | Fault:
    place = f"{entity.where}, spec.{referring.field}"
    try:
        other = reference(value, referring.kind, entity.reference.namespace)
    except ValueError as error:
        return Fault(place, str(error))
    class_name = classes.get(other.id) or kinds().class_of_any(other.kind)
    if class_name is None:
        return Fault(place, f"“{other.id[:60]}” is of a kind that is not read here.")
    return _joined(entity, referring, End(class_name, other.id), other, place)


def _joined(entity: Entity, referring: Referring, end: End, other: Reference, place: str) -> SeenRelation:
    if referring.inverse:
        return SeenRelation(end, referring.type, entity.end, place, _DECLARED)
    return SeenRelation(entity.end, referring.type, end, place, _DECLARED, target_called=other.name)


def _left_out(others: Iterable[Other]) -> Iterator[str]:
    """Warn of what does not become an item."""
    number = Counter(one.kind for one in others)
    if number:
        counts = listed([f"{count} {kind[:60]}" for kind, count in sorted(number.items())])
        were = "1 entity was" if number.total() == 1 else f"{number.total()} entities were"
        yield f"{were} left out, of kinds that are no items here: {counts}."
