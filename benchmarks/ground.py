"""The ground of all measurements: one estate, its files and store on disk, and what is opened on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from api.service import Service, open_service
from api.settings import Settings
from benchmarks import attributes, estate, layers, links
from benchmarks.estate import Estate, write
from benchmarks.filling import apart, fill
from benchmarks.lines import Line
from benchmarks.peers import neo4j
from benchmarks.roots import Roots, choose
from benchmarks.timing import Pace
from cmdb.canonical import digest
from cmdb.stores.base import Store
from cmdb.stores.opening import Server
from impact.picture import Picture

MADE_BY = (attributes, estate, layers, links)
"""The modules that an estate is made by: where one of them is another, estates that were kept are too."""


@dataclass(frozen=True)
class Ground:
    """An estate that is kept between runs.

    Attributes
    ----------
    pace
        How often things are measured.
    kept
        The folder of all estates that are kept.
    neo4j_url
        Where Neo4j is, or what `benchmarks.peers.neo4j.running` knows beside that.
    """

    estate: Estate
    pace: Pace
    kept: Path
    neo4j_url: str
    _open: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def folder(self) -> Path:
        """Where this one is kept."""
        made_by = digest(b"".join(Path(str(one.__file__)).read_bytes() for one in MADE_BY))
        folder = self.kept / f"{self.estate.cis}-{self.estate.seed}-{made_by[:12]}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @cached_property
    def files(self) -> Path:
        """The folder of its files."""
        folder = self.folder / "files"
        if not folder.exists():
            say(f"writing an estate of {self.estate.cis:,} configuration items")
            with self.scratch() as fresh:
                write(self.estate, fresh / "files")
                (fresh / "files").rename(folder)
        return folder

    @cached_property
    def store_path(self) -> Path:
        """The SQLite file that it was imported into."""
        path = self.folder / "store.db"
        if not path.exists():
            files = self.files
            say("importing it")
            with self.scratch() as fresh:
                apart(fill, fresh / path.name, files)
                (fresh / path.name).rename(path)
        return path

    @property
    def settings(self) -> Settings:
        """Those under which it is asked."""
        return Settings(self.store_path, cache=self.cache)

    @property
    def cache(self) -> Path:
        """The folder of snapshots of pictures."""
        return self.folder / "pictures"

    @cached_property
    def service(self) -> Service:
        """The use cases on its store."""
        return self._open.enter_context(open_service(self.settings))

    @property
    def store(self) -> Store:
        """The store."""
        return self.service.workspace.store

    @cached_property
    def picture(self) -> Picture:
        """The picture of today."""
        return self.service.workspace.scene().picture

    @cached_property
    def roots(self) -> Roots:
        """What is asked about."""
        return choose(self.picture, self.estate.seed)

    def neo4j(self) -> AbstractContextManager[Server | None]:
        """An empty server that may be filled, for as long as it is needed."""
        return neo4j.running(self.neo4j_url)

    def copy_store(self, path: Path) -> None:
        """Copy the store, for measures that write."""
        with closing(sqlite3.connect(self.store_path)) as old, closing(sqlite3.connect(path)) as new:
            old.backup(new)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder on the same disk, for as long as it is needed."""
        with TemporaryDirectory(prefix="scratch-", dir=self.folder) as folder:
            yield Path(folder)

    def line(
        self,
        measure: str,
        ms: float | None,
        peer: str | None = None,
        peer_ms: float | None = None,
        **extra: float,
    ) -> Line:
        """What was measured of it; the ratio is that of the two times."""
        ratio = None if ms is None or peer_ms is None else ms / peer_ms
        return Line(measure, self.estate.cis, self.picture.relations.live, ms, peer, peer_ms, ratio, extra)


@contextmanager
def standing_on(ground: Ground) -> Iterator[Ground]:
    """Close afterwards whatever was opened on it."""
    with ground._open:  # noqa: SLF001  nobody else is to close it
        yield ground


def say(what: str) -> None:
    """Tell whoever waits what is being done."""
    click.echo(f"  {what} …", err=True)
