"""What the sources of an import were seen to see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

from cmdb.model import Identity, RelationId, Sighting


@dataclass
class Sightings(Sequence[Sighting]):
    """The sightings of an import, items first.

    Those of relations follow from the relations, of which there may be millions: each is made when it is
    asked for.

    Attributes
    ----------
    items
        By the name a source has for it, the uid of each item that it saw.
    relations
        By the name of a source, each relation that it saw, once.
    """

    time: str
    items: dict[Identity, str] = field(default_factory=dict)
    relations: dict[str, list[RelationId]] = field(default_factory=dict)

    def see(self, source: str, relation: RelationId) -> None:
        """Note that a source saw a relation, not noted before."""
        self.relations.setdefault(source, []).append(relation)

    def __len__(self) -> int:
        return len(self.items) + sum(map(len, self.relations.values()))

    def __iter__(self) -> Iterator[Sighting]:
        for identity, uid in self.items.items():
            yield Sighting(identity, uid, self.time)
        for source, relations in self.relations.items():
            for one in relations:
                identity = Identity(source, one.type, f"{one.source}>{one.target}")
                yield Sighting(identity, one.uid, self.time)

    @overload
    def __getitem__(self, place: int) -> Sighting: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Sighting]: ...
    def __getitem__(self, place: int | slice) -> Sighting | Sequence[Sighting]:
        return tuple(self)[place]
