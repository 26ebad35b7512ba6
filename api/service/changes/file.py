"""The file that a change is written down in: one mapping, as YAML or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cmdb.changes.form import PARTS
from cmdb.errors import Rejected
from cmdb.vocabulary import Vocabulary
from cmdb.words import listed
from loaders.content import understood
from loaders.source import Source

_TEXT_KEYS = frozenset(
    {"title", "text", "evidence", "start", "end", "zone", "deadline", "key", "unregistered", "retire"}
) | {"source", "target", "type", "reason", "requester", "implementer", "implementation", "test", "backout"}
"""What keeps the text it has in a YAML file, beside the vocabulary's text fields."""


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
