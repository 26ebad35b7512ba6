"""What a file holds once its text is understood, before anybody knows what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.errors import Unreadable
from loaders.packed import is_workbook, unpacked
from loaders.safe import Element, documents, read_xml
from loaders.source import Source

_HTML = ("<!doctype html", "<html")


@dataclass(frozen=True)
class Content:
    """The content of a file, in the one shape that it has.

    Attributes
    ----------
    name
        What messages call the file.
    documents
        Those of a YAML or JSON file that hold anything: read-only, as `loaders.safe.documents` says.
    root
        That of an XML file.
    """

    name: str
    documents: Sequence[Any] = ()
    root: Element | None = None


def understood(source: Source, text_keys: frozenset[str]) -> Content:
    """Read a file, compressed or not.

    Raises
    ------
    Unreadable
        If it is empty, damaged or of no kind that is known here.
    TooLarge
        If it is above a limit.
    """
    source = unpacked(source)
    if is_workbook(source.data):
        raise Unreadable(f"{source.name} is a workbook, which is not read here.")
    text = source.text.lstrip()
    if not text:
        raise Unreadable(f"{source.name} is empty: there is nothing in it to import.")
    if text[:20].lower().startswith(_HTML):
        raise Unreadable(
            f"{source.name} is a web page, perhaps of a login that was asked for on the way."
            " Save the file itself."
        )
    if text.startswith("<"):
        return Content(source.name, root=read_xml(source))
    if "\0" in text:
        raise Unreadable(f"{source.name} is not text: it holds NUL characters. Name a file of data.")
    found = documents(source, text_keys)
    if not found:
        raise Unreadable(f"{source.name} is empty: there is nothing in it to import.")
    return Content(source.name, documents=found)
