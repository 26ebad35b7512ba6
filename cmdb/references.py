"""References that lead nowhere: what a source says of an item that is here and one that is not.

They are kept as texts that people can read, KEY TYPE NAME. Keys and types hold no blanks, so they can be
read back; the name is all the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cmdb.keys import wrong_with
from cmdb.values import Value

UNRESOLVED = "unresolved"
"""The field of a source in which they are kept."""

RESOLVES = "resolves"
"""The field of a relation that says which name it stands for."""

LONGEST_NAME = 200
_BACK = "^"


class Reference(NamedTuple):
    """A relation one end of which is missing.

    Attributes
    ----------
    key, type
        The item that is here, and the type of the relation.
    name
        What the source calls the item that is missing.
    back
        Whether the relation would lead from the missing item to the one that is here.
    """

    key: str
    type: str
    name: str
    back: bool = False

    def __str__(self) -> str:
        return f"{self.key} {_BACK * self.back}{self.type} {self.name}"


def reference(key: str, type_name: str, name: str, *, back: bool) -> Reference:
    """A reference with a name that can be stored in one line, shortened if it is very long.

    Examples
    --------
    >>> str(reference("shop", "depends_on", "Orders  DB", back=False))
    'shop depends_on Orders DB'
    """
    storable = name.encode(errors="backslashreplace").decode()
    return Reference(key, type_name, " ".join(storable.split())[:LONGEST_NAME], back)


def read_reference(text: str) -> Reference | None:
    """The reference that a text tells; `None` if it tells none.

    Examples
    --------
    >>> read_reference("shop ^uses Orders DB")
    Reference(key='shop', type='uses', name='Orders DB', back=True)
    """
    key, _, rest = text.partition(" ")
    kind, _, name = rest.partition(" ")
    if wrong_with(key) or not kind.removeprefix(_BACK) or not name.strip():
        return None
    return Reference(key, kind.removeprefix(_BACK), name, kind.startswith(_BACK))


def references_of(attributes: Mapping[str, Value]) -> list[Reference]:
    """The references that the attributes of a source's item tell."""
    texts = attributes.get(UNRESOLVED)
    return [*filter(None, map(read_reference, map(str, texts if isinstance(texts, list) else ())))]


def names_resolved(key: str, name: str, attributes: Mapping[str, Value]) -> set[str]:
    """The names that a relation stands for: those of the item at its other end, and the one that it gives."""
    return {key, name, str(attributes.get(RESOLVES, key))}
