"""The entities of a catalogue file, each with what all kinds have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import End, SeenItem
from loaders.backstage.kinds import kinds
from loaders.backstage.references import DEFAULT_NAMESPACE, Reference, is_name
from loaders.safe.place import where
from loaders.shapes import mapping, said, text, texts

_GROUP = "backstage.io"
_LOCATION = "backstage.io/source-location"
_SLUGS = {
    "github.com/project-slug": "https://github.com/",
    "gitlab.com/project-slug": "https://gitlab.com/",
}
_WITH_SOURCE_CODE = frozenset({"software_component", "interface", "application"})


@dataclass(frozen=True, eq=False)
class Entity:
    """One entity that becomes an item."""

    reference: Reference
    class_name: str
    metadata: Mapping[str, Any] = field(repr=False)
    spec: Mapping[str, Any] = field(repr=False)
    where: str

    @property
    def end(self) -> End:
        """How relations name it."""
        return End(self.class_name, self.reference.id)

    def item(self, owner: str | None) -> SeenItem:
        """What the entity says of itself; who owns it is said by a reference."""
        attributes = said(
            description=text(self.metadata.get("description")) or text(self.metadata.get("title")),
            labels=self._labels,
            owner=owner,
            repository=self._repository,
            email=self._email,
        )
        kind, namespace, name = self.reference
        qualified = (kind, namespace, name)
        return SeenItem(self.class_name, self.reference.id, name, attributes, self.where, qualified)

    @property
    def _labels(self) -> list[str]:
        """Its tags, labels, type and life cycle, which is nothing like a status here."""
        labels = [
            f"{key}={value}" for key, value in mapping(self.metadata.get("labels")).items() if text(value)
        ]
        own = (f"{key}={self.spec[key]}" for key in ("type", "lifecycle") if text(self.spec.get(key)))
        return list(dict.fromkeys([*texts(self.metadata.get("tags")), *labels, *own]))

    @property
    def _repository(self) -> str | None:
        if self.class_name not in _WITH_SOURCE_CODE:
            return None
        annotations = mapping(self.metadata.get("annotations"))
        location = text(annotations.get(_LOCATION))
        if location is not None:
            return location.removeprefix("url:")
        slugs = ((front, text(annotations.get(key))) for key, front in _SLUGS.items())
        return next((f"{front}{slug}" for front, slug in slugs if slug), None)

    @property
    def _email(self) -> str | None:
        """That of a person or team; nothing else has one."""
        return text(mapping(self.spec.get("profile")).get("email")) if self._is_people else None

    @property
    def _is_people(self) -> bool:
        return self.reference.kind in {"group", "user"}


@dataclass(frozen=True)
class Other:
    """An object of a kind that does not become an item."""

    kind: str


def is_entity(document: object) -> bool:
    """Whether a document says that it belongs to a catalogue."""
    group, slash, _ = (text(mapping(document).get("apiVersion")) or "").partition("/")
    return bool(slash) and (group == _GROUP or group.endswith(f".{_GROUP}"))


def listed_in(document: object) -> tuple[str, Sequence[Any]] | None:
    """The name and entries of a list as the catalogue's own API answers it, `None` where it is none."""
    if isinstance(document, list):
        return "", document
    entries = mapping(document).get("items")
    return ("items", entries) if isinstance(entries, list) and "kind" not in mapping(document) else None


def entities(name: str, documents: Sequence[Any]) -> Iterator[Entity | Other | Fault]:
    """Everything that stands in a file, lists unwrapped."""
    for document in documents:
        found = listed_in(document)
        if found is None:
            yield _read(document, where(name, document))
            continue
        pointer, entries = found
        for index, entry in enumerate(entries):
            yield _read(entry, where(name, entry, f"{pointer}[{index}]"))


def _read(document: object, place: str) -> Entity | Other | Fault:
    kind = text(mapping(document).get("kind"))
    if kind is None or not text(mapping(document).get("apiVersion")):
        return Fault(place, "This is no entity of a catalogue: it has no apiVersion or no kind.")
    spec, metadata = mapping(mapping(document).get("spec")), mapping(mapping(document).get("metadata"))
    class_name = kinds().class_of(kind.lower(), text(spec.get("type"))) if is_entity(document) else None
    if class_name is None:
        return Other(kind)
    name, namespace = text(metadata.get("name")), text(metadata.get("namespace")) or DEFAULT_NAMESPACE
    if name is None or not is_name(name):
        return Fault(place, f"This {kind} has no name that can be referred to: look at metadata.name.")
    if not is_name(namespace):
        return Fault(place, f"{name} is in a namespace that cannot be referred to: “{namespace[:60]}”.")
    return Entity(Reference(kind.lower(), namespace.lower(), name), class_name, metadata, spec, place)
