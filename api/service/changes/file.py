"""The file that a change is written down in: one mapping, as YAML or JSON, with its secrets taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cmdb.changes.form import PARTS
from cmdb.errors import Rejected
from cmdb.vocabulary import Vocabulary
from cmdb.words import listed
from loaders.content import understood
from loaders.secrets import redacted
from loaders.source import Source

_TEXT_KEYS = frozenset(
    {"title", "text", "evidence", "start", "end", "zone", "deadline", "key", "unregistered", "retire"}
) | {"source", "target", "type", "reason", "requester", "implementer", "implementation", "test", "backout"}
"""What keeps the text it has in a YAML file, beside the vocabulary's text fields."""


_NAMES = (".key", ".source", ".target", ".retire")
"""Where the keys of items stand, which are never altered."""


class Clean(NamedTuple):
    """What is said of a change without secrets, and what a reader should know of that."""

    said: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


def change_in(source: Source, vocabulary: Vocabulary) -> Mapping[str, Any]:
    """Read the file of a change.

    Raises
    ------
    Unreadable, TooLarge
        If it cannot be read.
    Rejected
        If it is not one mapping.
    """
    documents = understood(source, vocabulary.text_fields | _TEXT_KEYS).documents
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise Rejected(f"{source.name} is not one change: a mapping of {listed([*PARTS])}.")
    said: Mapping[str, Any] = documents[0]
    return said


def without_secrets(said: Mapping[str, Any]) -> Clean:
    """What is said of a change without the passwords, keys and tokens in it."""
    places: list[str] = []
    clean = {str(name): _clean(value, str(name), places) for name, value in said.items()}
    return Clean(clean, tuple(_warned(places)))


def _warned(places: list[str]) -> Iterator[str]:
    if places:
        yield f"What looked like a password, key or token was left out, at {listed(places)}."


def _clean(value: Any, pointer: str, places: list[str]) -> Any:  # noqa: ANN401  a file holds anything
    if isinstance(value, str) and not pointer.endswith(_NAMES):
        text = redacted(value)
        places += [pointer] if text != value else []
        return text
    if isinstance(value, Mapping):
        return {str(name): _clean(one, f"{pointer}.{name}", places) for name, one in value.items()}
    if isinstance(value, list):
        return [_clean(one, f"{pointer}[{place}]", places) for place, one in enumerate(value)]
    return value
