"""Which loader reads a file: the one that is asked for, or the first that recognises it."""

from __future__ import annotations

from typing import Protocol

from cmdb.errors import Unreadable, WrongUsage
from cmdb.observations import Observations
from cmdb.spelling import did_you_mean
from cmdb.vocabulary import Vocabulary
from loaders import kubernetes, native
from loaders.content import Content, understood
from loaders.secrets import without_secrets
from loaders.source import Source


class Loader(Protocol):
    """What each loader module offers.

    Attributes
    ----------
    FORMAT
        The format's name, as a person types it.
    LOOKS_LIKE
        What it recognises, in words.
    TEXT_KEYS
        Keys under which plain YAML scalars keep their source text, beside the vocabulary's text fields.
    """

    FORMAT: str
    LOOKS_LIKE: str
    TEXT_KEYS: frozenset[str]

    def recognises(self, content: Content, /) -> bool:
        """Whether content looks like this format; a glance, which no content can make fail or last."""

    def read(self, content: Content, /) -> Observations:
        """Say what a file holds; parts that mean nothing are listed as rejected."""


LOADERS: tuple[Loader, ...] = (native, kubernetes)
"""In the order in which they are asked; no file is recognised by two."""


def read(source: Source, vocabulary: Vocabulary, format: str | None = None) -> Observations:
    """Say what a file holds, secrets taken out.

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
    text_keys = vocabulary.text_fields.union(*(loader.TEXT_KEYS for loader in LOADERS))
    content = understood(source, text_keys)
    return without_secrets((asked or _recognising(content)).read(content))


def _named(format: str) -> Loader:
    by_name = {loader.FORMAT: loader for loader in LOADERS}
    if format not in by_name:
        hint = did_you_mean(format, by_name)
        raise WrongUsage(f"There is no format “{format}”; there are {', '.join(by_name)}.{hint}")
    return by_name[format]


def _recognising(content: Content) -> Loader:
    for loader in LOADERS:
        if loader.recognises(content):
            return loader
    looked_for = "; ".join(f"{loader.LOOKS_LIKE} ({loader.FORMAT})" for loader in LOADERS)
    raise Unreadable(f"{content.name} is in no format that is known here. Looked for: {looked_for}.")
