"""Which loader reads a file: the one that is asked for, or the first that recognises it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from cmdb.errors import Unreadable, WrongUsage
from cmdb.observations import Observations
from cmdb.spelling import did_you_mean
from cmdb.stores.base import Progress, in_silence
from cmdb.vocabulary import Vocabulary
from loaders import (
    backstage,
    compose,
    cyclonedx,
    glpi,
    graphml,
    jaeger,
    kubernetes,
    native,
    netbox,
    nmap,
    servicenow,
    tables,
    terraform,
)
from loaders.content import Content, understood
from loaders.safe.table import Layout
from loaders.secrets import without_secrets
from loaders.source import Source
from loaders.tables.mapping import TableMapping


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


LOADERS: tuple[Loader, ...] = (
    terraform,
    cyclonedx,
    netbox,
    jaeger,
    servicenow,
    glpi,
    backstage,
    compose,
    native,
    kubernetes,
    nmap,
    graphml,
    tables,
)
"""In the order in which they are asked; no file is recognised by two."""


def read(
    source: Source, vocabulary: Vocabulary, format: str | None = None, mapping: TableMapping | None = None
) -> Observations:
    """Say what a file holds, as `read_all` does of several."""
    return read_all([source], vocabulary, format, mapping)[0]


def read_all(
    sources: Sequence[Source],
    vocabulary: Vocabulary,
    format: str | None = None,
    mapping: TableMapping | None = None,
    progress: Progress = in_silence,
) -> list[Observations]:
    """Say what files hold, secrets taken out.

    A file that was found in a folder and is in no format that is known is passed over with a warning, beside
    others that are. What the files say is a part then: nothing is missing because it is not there.

    Parameters
    ----------
    sources
        The files. Those of a format that is read together make one observation.
    vocabulary
        Names the fields that hold text and so keep it as written.
    format
        The name of their format; without one it is recognised for each.
    mapping
        What the columns of tables mean; other formats need none.

    Raises
    ------
    WrongUsage
        If no format has this name, or a mapping was given and no table.
    Unreadable
        If one cannot be parsed, or no format recognises it.
    TooLarge
        If it is above a limit.
    """
    asked = None if format is None else _named(format)
    text_keys = vocabulary.text_fields.union(*(loader.TEXT_KEYS for loader in LOADERS))
    layout = Layout(surely=asked is tables) if mapping is None else mapping.layout
    seen: list[Observations] = []
    manifests: list[Content] = []
    passed_over: list[Content] = []
    are_tables = False
    for done, source in enumerate(sources, start=1):
        content = understood(source, text_keys, layout)
        loader = asked or _recognising(content)
        if loader is None and source.found:
            passed_over.append(content)
        elif loader is None:
            raise _unknown(content)
        elif loader is kubernetes:
            manifests.append(content)
        elif loader is tables:
            are_tables = True
            seen.append(without_secrets(tables.read(content, vocabulary, mapping)))
        else:
            seen.append(without_secrets(loader.read(content)))
        progress("files", done, len(sources))
    if mapping is not None and not are_tables:
        raise WrongUsage(
            "A mapping says what the columns of tables mean, and none of these files is a table."
        )
    if manifests:
        seen.append(without_secrets(kubernetes.read_together(manifests)))
    if passed_over and not seen:
        raise _unknown(passed_over[0])
    return _without(passed_over, seen) if passed_over else seen


def _without(passed_over: Sequence[Content], seen: Sequence[Observations]) -> list[Observations]:
    """What was seen, as the part that it is without the files that were passed over."""
    first, *rest = (replace(one, partial=True) for one in seen)
    told = "was passed over: it is in no format that is known here, so nothing is retired"
    warnings = (f"{one.name} {told}." for one in passed_over)
    return [replace(first, warnings=(*warnings, *first.warnings)), *rest]


def _named(format: str) -> Loader:
    by_name = {loader.FORMAT: loader for loader in LOADERS}
    if format not in by_name:
        hint = did_you_mean(format, by_name)
        raise WrongUsage(f"There is no format “{format}”; there are {', '.join(by_name)}.{hint}")
    return by_name[format]


def _recognising(content: Content) -> Loader | None:
    return next((loader for loader in LOADERS if loader.recognises(content)), None)


def _unknown(content: Content) -> Unreadable:
    looked_for = "; ".join(f"{loader.LOOKS_LIKE} ({loader.FORMAT})" for loader in LOADERS)
    return Unreadable(f"{content.name} is in no format that is known here. Looked for: {looked_for}.")
