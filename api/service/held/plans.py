"""Plans on disk: everything an import would do, in parts that are read a page at a time."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from api.service.showing import PARTS, STEPS, Showing
from cmdb.progress import telling
from cmdb.stores.base import Progress
from cmdb.stores.staging import batches
from impact.documents.brief import Document

AT_ONCE = 1000
"""How many entries are handed out in one piece."""

_HEAD = "head.json"
_NAME = "plan"


class Page(NamedTuple):
    """Some entries of one part of a plan, and how many there are that were asked for."""

    rows: list[Any]
    total: int


@dataclass(frozen=True)
class KeptPlan:
    """The plan in a folder."""

    folder: Path

    @cached_property
    def head(self) -> Document:
        """The document without the entries of its parts; `totals` tells how many each has."""
        head: Document = orjson.loads((self.folder / _HEAD).read_bytes())
        return head

    def page(self, part: str, match: str | None, start: int, size: int) -> Page:
        """Some of the entries of one part, in the order of the document.

        Parameters
        ----------
        match
            As in `Showing`: only those about keys like this.
        """
        if match is None:
            return Page(list(islice(self.entries(part), start, start + size)), self.head["totals"][part])
        wanted = Showing(match=match)
        total, rows = 0, []
        for one in self.entries(part):
            if wanted.is_about(part, one):
                if start <= total < start + size:
                    rows.append(one)
                total += 1
        return Page(rows, total)

    def entries(self, part: str) -> Iterator[Any]:
        """Every entry of one part."""
        with self._path(part).open("rb") as lines:
            yield from map(orjson.loads, lines)

    def json(self) -> Iterator[bytes]:
        """The whole document as it was planned, in pieces."""
        lists = [("steps", list(STEPS)), *((part, [part]) for part in PARTS if part not in STEPS)]
        yield orjson.dumps(self.head)[:-1]
        for name, parts in lists:
            yield b',"%b":[' % name.encode()
            yield from self._joined(parts)
            yield b"]"
        yield b"}"

    def _joined(self, parts: Iterable[str]) -> Iterator[bytes]:
        between = b""
        for part in parts:
            with self._path(part).open("rb") as lines:
                for some in batches(lines, AT_ONCE):
                    yield between + b",".join(line.rstrip(b"\n") for line in some)
                    between = b","

    def _path(self, part: str) -> Path:
        return self.folder / f"{part}.jsonl"


def keep(document: Document, folder: Path, progress: Progress) -> None:
    """Write a plan into a folder, in place of the one that is there."""
    whole = folder / _NAME
    begun = folder / f"{_NAME}.new"
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir()
    total = sum(document["totals"].values())
    entries = telling(progress, "entries written down", _by_part(document), total)
    files = {part: (begun / f"{part}.jsonl").open("wb") for part in PARTS}
    try:
        for part, entry in entries:
            files[part].write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
    finally:
        for file in files.values():
            file.close()
    head = {name: value for name, value in document.items() if name not in {"steps", *PARTS}}
    (begun / _HEAD).write_bytes(orjson.dumps(head))
    shutil.rmtree(whole, ignore_errors=True)
    begun.rename(whole)


def kept(folder: Path) -> KeptPlan | None:
    """The plan that is kept in a folder."""
    return KeptPlan(folder / _NAME) if (folder / _NAME).exists() else None


def _by_part(document: Document) -> Iterator[tuple[str, Any]]:
    parts: Mapping[str, str] = {action: part for part, action in STEPS.items()}
    yield from ((parts[step["action"]], step) for step in document["steps"])
    for part in PARTS:
        if part not in STEPS:
            yield from ((part, entry) for entry in document[part])
