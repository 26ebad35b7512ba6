"""Which loader reads a file: the one that is asked for, or the first that recognises it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from cmdb.errors import Unreadable, WrongUsage
from cmdb.observations import Observations
from cmdb.spelling import did_you_mean
from cmdb.vocabulary import Vocabulary
from loaders import kubernetes, native
from loaders.safe import documents
from loaders.source import Source


class Loader(Protocol):
    """What each loader module offers.

    Attributes
    ----------
    FORMAT
        The format's name, as a person types it.
    LOOKS_LIKE
        What it recognises, in words.
    """

    FORMAT: str
    LOOKS_LIKE: str

    def recognises(self, documents: Sequence[Any], /) -> bool:
        """Whether documents look like this format."""

    def read(self, source: Source, documents: Sequence[Any], /) -> Observations:
        """Say what the documents of a file hold; parts that mean nothing are listed as rejected."""


LOADERS: tuple[Loader, ...] = (native, kubernetes)


def read(source: Source, vocabulary: Vocabulary, format: str | None = None) -> Observations:
    """Say what a file holds.

    Parameters
    ----------
    source
        The file.
    vocabulary
        Names the fields that hold text and so keep it as written.
    format
        The name of its format; without one it is recognised.

    Raises
    ------
    WrongUsage
        If no format has this name.
    Unreadable
        If it cannot be parsed, or no format recognises it.
    TooLarge
        If it is above a limit.
    """
    asked = None if format is None else _named(format)
    found = documents(source, vocabulary.text_fields | native.TEXT_KEYS)
    if not found:
        raise Unreadable(f"{source.name} is empty: there is nothing in it to import.")
    return (asked or _recognising(source, found)).read(source, found)


def _named(format: str) -> Loader:
    by_name = {loader.FORMAT: loader for loader in LOADERS}
    if format not in by_name:
        hint = did_you_mean(format, by_name)
        raise WrongUsage(f"There is no format “{format}”; there are {', '.join(by_name)}.{hint}")
    return by_name[format]


def _recognising(source: Source, found: Sequence[Any]) -> Loader:
    for loader in LOADERS:
        if loader.recognises(found):
            return loader
    looked_for = "; ".join(f"{loader.LOOKS_LIKE} ({loader.FORMAT})" for loader in LOADERS)
    raise Unreadable(f"{source.name} is in no format that is known here. Looked for: {looked_for}.")
