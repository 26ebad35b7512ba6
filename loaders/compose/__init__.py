"""Docker Compose files: services, and what each needs of the others.

`depends_on`, `links`, shared networks and volumes declare a dependency; an address in the environment shows
one. Volumes, networks, configurations and secrets are no items.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import Observations, SeenItem, SeenRelation
from loaders.compose.attributes import attributes
from loaders.compose.relations import Project
from loaders.compose.services import CLASS, Service, services
from loaders.compose.warnings import warnings
from loaders.content import Content
from loaders.safe.place import where

FORMAT = "compose"
LOOKS_LIKE = "a mapping “services” of containers, each with an “image”, “build” or the like"
TEXT_KEYS = frozenset(
    {"container_name", "depends_on", "external_links", "extends", "links", "network_mode", "volumes_from"}
)

_OF_A_SERVICE = TEXT_KEYS | {
    "build", "command", "deploy", "environment", "expose", "image", "networks", "ports", "restart", "volumes"
}  # fmt: skip
_OF_OTHERS = ("apiVersion", "items", "kind", "relations")
_GLANCE = 20


def recognises(content: Content) -> bool:
    """Whether a document has services that say what containers say."""
    return any(_is_project(document) for document in content.documents)


def read(content: Content) -> Observations:
    """Say what the documents of a compose file hold.

    Returns
    -------
    Observations
        A service that the file does not have is the end of a relation all the same, so that it is listed as
        unresolved.
    """
    found = [one for document in content.documents for one in _read(content.name, document)]
    services = [one for one in found if isinstance(one, Service)]
    relations = [one for one in found if isinstance(one, SeenRelation)]
    documents = [one for one in content.documents if isinstance(one, dict)]
    return Observations(
        FORMAT,
        items=tuple(map(_item, services)),
        relations=tuple(relations),
        rejected=tuple(one for one in found if isinstance(one, Fault)),
        warnings=tuple(warnings(content.name, documents, services)),
    )


def _read(name: str, document: object) -> Iterator[Service | SeenRelation | Fault]:
    if not isinstance(document, dict) or not isinstance(document.get("services"), dict):
        yield Fault(where(name, document), "This is no compose file: it has no mapping “services”.")
        return
    found = list(services(name, document))
    yield from found
    yield from Project([one for one in found if isinstance(one, Service)]).relations()


def _item(service: Service) -> SeenItem:
    return SeenItem(
        CLASS, service.end.name, service.name, attributes(service), service.where, service.qualified
    )


def _is_project(document: Any) -> bool:  # noqa: ANN401 - a file holds anything
    found = document.get("services") if isinstance(document, dict) else None
    if not isinstance(found, dict) or not document.keys().isdisjoint(_OF_OTHERS):
        return False
    first = islice(found.values(), _GLANCE)
    return any(isinstance(one, dict) and not _OF_A_SERVICE.isdisjoint(one) for one in first)
