"""Imports say how far they are."""

import gc
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from api.service import Service, open_service
from api.service.bulk import in_bulk
from api.service.imports import Import
from api.settings import Settings
from benchmarks.estate import Estate, write
from cmdb.errors import Rejected
from cmdb.model import Actor
from cmdb.stores.neo4j import Neo4jStore
from loaders.files import files
from loaders.source import Source

Told = list[tuple[str, int, int]]


@pytest.fixture
def wanted(tmp_path: Path) -> Import:
    """Return the import of a small estate, in two files."""
    write(Estate(200), tmp_path)
    return Import(tuple(files([tmp_path])), Actor("ada"))


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Return the use cases on an empty store of either kind, which takes a large import in chunks."""
    place = None if request.param == "sqlite" else request.getfixturevalue("empty_neo4j")
    with open_service(Settings(place)) as opened:
        if isinstance(opened.workspace.store, Neo4jStore):
            opened.workspace.store.limits.large = 100
        yield opened


def followed(service: Service, wanted: Import) -> Told:
    """Return everything an import said of its progress."""
    told: Told = []
    service.imports.apply(wanted, lambda *report: told.append(report))
    return told


def test_an_import_tells_its_progress(service: Service, wanted: Import) -> None:
    """Each step is told in its order, never more than there is, and ends with all of it."""
    told = followed(service, wanted)
    last = {what: (done, total) for what, done, total in told}
    assert list(last) == [
        "files",
        "items planned",
        "relations understood",
        "relations planned",
        "operations written out",
        "items looked up",
        "keys looked up",
        "operations checked",
        "items",
        "relations",
        "sightings",
    ]
    assert all(done == total > 0 for done, total in last.values())
    assert all(0 <= done <= total for _, done, total in told)
    assert last["files"] == (2, 2)
    assert last["sightings"][1] == last["items"][1] + last["relations"][1]


def test_an_import_that_changes_nothing_tells_it_too(service: Service, wanted: Import) -> None:
    """What was seen again is recorded, which takes time as well."""
    service.imports.apply(wanted)
    told = followed(service, wanted)
    assert {what for what, _, _ in told} >= {"files", "relations planned", "sightings"}
    assert not {what for what, _, _ in told} & {"items", "relations"}


def _shown(terminal: int) -> str:
    """Return everything that is shown on a terminal until nobody has it open any more."""
    pieces = []
    with suppress(OSError):  # which is how Linux says that it was closed
        while piece := os.read(terminal, 10_000):
            pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_terminal_sees_an_import_go_on(tmp_path: Path, *, as_json: bool) -> None:
    """Bars are drawn on standard error, and none where a program has asked for a document."""
    write(Estate(200), tmp_path / "estate")
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).parent / "cmdb"), "import", str(tmp_path / "estate")]
    command += ["--json"] if as_json else []
    environment = {**os.environ, "CMDB_STORE": f"sqlite:///{tmp_path / 'cmdb.db'}", "TERM": "xterm"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=theirs) as running:
        os.close(theirs)
        shown = _shown(ours)
        printed, _ = running.communicate()
    assert ("relations planned" in shown) == (not as_json)
    assert shown or json.loads(printed)["items"]["added"] == 200
    assert b"\x1b" not in printed


def test_garbage_is_collected_after_an_import_as_before(service: Service) -> None:
    """Also after one that failed, and only where it was collected before."""
    with pytest.raises(Rejected):
        service.imports.apply(Import((Source("a.json", b'{"items": [{"key": "a"}]}'),), Actor("ada")))
    assert gc.isenabled()
    with in_bulk():
        assert not gc.isenabled()
        with in_bulk():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
