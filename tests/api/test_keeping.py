"""Export, backup and restore, through each door."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient

from api.service import Service, open_service
from api.service.exports import Exported
from api.service.imports import Import
from api.settings import Settings
from cmdb.backup import backup_file
from cmdb.errors import Unavailable, WrongUsage
from cmdb.model import Actor
from impact.wording import capital, count
from loaders.source import Source
from tests.api.conftest import ImportText, noon

pytestmark = pytest.mark.slow

Captured = pytest.CaptureFixture[str]
Command = Callable[..., int]

ESTATE = """
items:
- {key: shop, class: application_service, name: Shop, tier: 1}
- {key: db, class: database, version: "1.10"}
- {key: old, class: server, status: retired}
relations:
- {source: shop, type: depends_on, target: db, known: declared}
"""


def answer(captured: Captured) -> dict[str, object]:
    """Return the one JSON document on standard output, with nothing on standard error."""
    out, err = captured.readouterr()
    assert err == ""
    document: dict[str, object] = json.loads(out)
    return document


def totals(exported: Exported) -> tuple[int, int]:
    """Return how many items and relations an export says it has."""
    return exported.document["items"], exported.document["relations"]


# -- export


def test_an_export_is_printed(cmdb: Command, capsys: Captured) -> None:
    """Without a file it goes to standard output, as YAML, and nothing else does."""
    assert cmdb("export") == 0
    out, err = capsys.readouterr()
    assert {
        "key": "power-f2",
        "class": "power_feed",
        "name": "Power feed F2, DC North",
        "capacity": "60 kW",
        "failures_per_year": 0.1,
        "hours_to_restore": 4.0,
        "location": "DC North, west wall",
        "owner": "facilities-team",
    } in yaml.safe_load(out)["items"]
    assert err == ""


@pytest.mark.parametrize("words", [("--json",), ("--format", "json"), ("-", "--format", "json", "--json")])
def test_an_export_as_json_is_one_document(cmdb: Command, capsys: Captured, words: tuple[str, ...]) -> None:
    """It carries its format, as every document does."""
    assert cmdb("export", *words) == 0
    document = answer(capsys)
    assert [*document] == ["format", "items", "relations"]
    assert document["format"] == 1


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (("estate.yaml",), "format: 1"),
        (("estate.yml",), "format: 1"),
        (("estate.json",), "{"),
        (("estate.txt", "--format", "json"), "{"),
        (("estate.json", "--format", "yaml"), "format: 1"),
        (("estate.yaml", "--json"), "format: 1"),
    ],
)
def test_an_export_to_a_file(
    cmdb: Command, capsys: Captured, tmp_path: Path, words: tuple[str, ...], first: str
) -> None:
    """The file's name says how it is written, unless that is said; what was written is told."""
    path = tmp_path / words[0]
    assert cmdb("export", path, *words[1:]) == 0
    written = path.read_text("utf-8")
    assert written.splitlines()[0] == first
    items, relations = (len(yaml.safe_load(written)[name]) for name in ("items", "relations"))
    assert f"{items} items and {relations} relations exported, as of revision " in capsys.readouterr().out


def test_a_file_is_replaced_only_when_asked_to(cmdb: Command, capsys: Captured, tmp_path: Path) -> None:
    """Neither an export nor a backup writes over what is there."""
    path = tmp_path / "mine.yaml"
    path.write_text("precious")
    for verb in ("export", "backup"):
        assert cmdb(verb, path) == 1
        assert f"There is a file {path} already" in capsys.readouterr().err
        assert path.read_text() == "precious"
        assert cmdb(verb, path, "--force") == 0
        path.write_text("precious")


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_every_door_gives_the_same_file(
    cmdb: Command, client: TestClient, demo: Service, capsys: Captured, format: str
) -> None:
    """Command line, HTTP and service, to the last byte, each time it is asked for."""
    for _ in range(2):
        assert cmdb("export", "--format", format) == 0
        data = capsys.readouterr().out.encode()
        assert data == client.get(f"/api/v1/export?format={format}").content
        assert data == demo.exports.export(format=format).data


def test_an_export_of_the_past(service: Service, import_text: ImportText) -> None:
    """A view shows what it showed then."""
    import_text(service, ESTATE)
    import_text(service, "items: [{key: more, class: server}]")
    assert [totals(service.exports.export(view)) for view in ("live", "@1", "@0")] == [(4, 1), (3, 1), (0, 0)]
    document = service.exports.export("@1").document
    assert (document["view"], document["revision"], document["stale"]) == ("@1", 1, False)


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_importing_an_export_changes_nothing(service: Service, import_text: ImportText, format: str) -> None:
    """What is there is there already, what is retired stays so, and an empty store becomes the same."""
    import_text(service, ESTATE)
    exported = service.exports.export(format=format)
    wanted = Import((Source(f"export.{format}", exported.data),), Actor("ada"))
    assert service.imports.apply(wanted)["changes"] == 0
    with open_service(Settings(None), noon) as other:
        other.imports.apply(wanted)
        assert other.exports.export(format=format).data == exported.data
        assert other.items.show("old")["attributes"] == {"status": "retired"}


def test_an_export_that_no_import_reads_says_so(
    service: Service, import_text: ImportText, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the size an import takes, the cure is named."""
    import_text(service, ESTATE)
    for limit in ("MAX_BYTES", "MAX_YAML_VALUES"):
        assert service.exports.export().document["warnings"] == []
        monkeypatch.setattr(f"api.service.exports.{limit}", 10)
        (warning,) = service.exports.export().document["warnings"]
        assert "use cmdb backup and cmdb restore" in warning
        monkeypatch.undo()


def test_an_export_says_on_the_side_that_no_import_reads_it(
    cmdb: Command, demo: Service, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is printed stays a file that can be read."""
    monkeypatch.setattr("api.service.exports.MAX_BYTES", 10)
    assert cmdb("export") == 0
    out, err = capsys.readouterr()
    assert len(yaml.safe_load(out)["items"]) == totals(demo.exports.export())[0]
    assert "One import does not read a file as large as this" in err


def test_an_export_says_so_over_http_too(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a header, as the file is the answer."""
    assert client.get("/api/v1/export").headers["Cmdb-Importable"] == "yes"
    monkeypatch.setattr("api.service.exports.MAX_YAML_VALUES", 10)
    assert client.get("/api/v1/export").headers["Cmdb-Importable"] == "no"
    assert client.get("/api/v1/export?format=json").headers["Cmdb-Importable"] == "yes"


def test_an_export_never_goes_out_of_date_unseen(service: Service, import_text: ImportText) -> None:
    """With the store away there is none: a file could not say that it may be old."""
    import_text(service, ESTATE)
    service.exports.export()
    service.workspace.store.close()
    with pytest.raises(Unavailable, match="out of date"):
        service.exports.export()


def test_unknown_formats_are_wrong_usage(service: Service, cmdb: Command, capsys: Captured) -> None:
    """Through each door."""
    with pytest.raises(WrongUsage, match="There is no format “csv” to export; there are yaml, json"):
        service.exports.export(format="csv")
    assert cmdb("export", "--format", "csv") == 2
    assert "csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("query", "format", "view"),
    [("", "yaml", "live"), ("?format=yaml", "yaml", "live"), ("?format=json&view=@1", "json", "@1")],
)
def test_an_export_is_downloaded(
    client: TestClient, demo: Service, query: str, format: str, view: str
) -> None:
    """Over HTTP it is the same file, with its type and a name to save it under."""
    response = client.get(f"/api/v1/export{query}")
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == f"application/{format}"
    exported = demo.exports.export(view, format=format)
    name = f"cmdb-{exported.document['revision']}.{format}"
    assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert response.content == exported.data


@pytest.mark.parametrize(
    ("query", "status"), [("format=csv", 422), ("view=yesterday", 422), ("view=@99", 404), ("view=@", 422)]
)
def test_an_export_that_cannot_be_is_refused(client: TestClient, query: str, status: int) -> None:
    """As a problem document, like every other question."""
    response = client.get(f"/api/v1/export?{query}")
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_the_description_names_both_types(client: TestClient) -> None:
    """Whoever reads it knows what may come."""
    described = client.get("/api/openapi.json").json()["paths"]["/api/v1/export"]["get"]
    assert [*described["responses"]["200"]["content"]] == ["application/yaml", "application/json"]


# -- backup and restore


@pytest.fixture
def backup_path(demo: Service, tmp_path: Path) -> Path:
    """Return a backup of the demo estate."""
    path = tmp_path / "demo.jsonl.gz"
    with backup_file(path) as file:
        demo.backups.backup(file)
    return path


def test_there_and_back(
    cmdb: Command, demo: Service, capsys: Captured, tmp_path: Path, backup_path: Path
) -> None:
    """The restored store proves its history, gives the same export, and tells the same hash."""
    new = f"sqlite:///{tmp_path / 'new.db'}"
    assert cmdb("--store", new, "restore", backup_path, "--json") == 0
    restored = answer(capsys)
    assert cmdb("verify", "--json") == 0
    verified = answer(capsys)
    assert (restored["revisions"], restored["hash"]) == (verified["revisions"], verified["hash"])
    assert (restored["items"], restored["relations"]) == totals(demo.exports.export())
    assert restored["sightings"] == len(demo.workspace.store.sightings())
    exports = []
    for words in ((), ("--store", new)):
        assert cmdb(*words, "export") == 0
        exports.append(capsys.readouterr().out)
    assert exports[0] == exports[1]
    assert cmdb("--store", new, "verify", "--noted", verified["hash"], "--exit-code") == 0


def test_what_was_done_is_told_in_words(
    cmdb: Command, demo: Service, capsys: Captured, tmp_path: Path
) -> None:
    """With the hash that should be noted elsewhere."""
    assert cmdb("backup", tmp_path / "demo.jsonl") == 0
    assert cmdb("--store", f"sqlite:///{tmp_path / 'new.db'}", "restore", tmp_path / "demo.jsonl") == 0
    lines = capsys.readouterr().out.splitlines()
    head, (items, relations) = demo.workspace.store.head(), totals(demo.exports.export())
    assert lines[0] == f"{capital(count(head.revision, 'revision'))} backed up, the newest of {head.time}."
    restored = lines[0].replace("backed up", "restored").rstrip(".")
    assert lines[2] == f"{restored}: {items} items and {relations} relations."
    assert lines[1] == lines[3]
    assert lines[1].startswith("Newest hash, to be noted elsewhere: ")


def test_a_backup_is_printed(cmdb: Command, capsys: Captured, tmp_path: Path) -> None:
    """With - as the file, standard output holds the backup and nothing else."""
    assert cmdb("backup", tmp_path / "file.jsonl") == 0
    capsys.readouterr()
    for words in ((), ("--json",)):
        assert cmdb("backup", "-", *words) == 0
        assert capsys.readouterr() == ((tmp_path / "file.jsonl").read_text("utf-8"), "")


def test_a_backup_tells_a_program_what_it_holds(
    cmdb: Command, demo: Service, capsys: Captured, tmp_path: Path
) -> None:
    """With --json as one document."""
    assert cmdb("backup", tmp_path / "file.jsonl", "--json") == 0
    document = answer(capsys)
    assert [*document] == ["format", "detail", "revisions", "hash", "time", "sightings"]
    store = demo.workspace.store
    assert (document["revisions"], document["sightings"]) == (store.head().revision, len(store.sightings()))


def test_a_store_that_is_not_there_is_not_backed_up(
    cmdb_at_home: Command, capsys: Captured, tmp_path: Path
) -> None:
    """A misspelt name must not leave an empty backup that looks like one."""
    assert cmdb_at_home("backup", tmp_path / "file.jsonl") == 3
    assert "There is no store" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("verb", ["backup", "export"])
def test_a_store_is_not_replaced_by_what_is_taken_from_it(
    cmdb_at_home: Command, capsys: Captured, tmp_path: Path, backup_path: Path, verb: str
) -> None:
    """Not even when asked to replace the file."""
    assert cmdb_at_home("restore", backup_path) == 0
    for name in ("own.db", "own.db-wal"):
        assert cmdb_at_home(verb, tmp_path / name, "--force") == 1
        assert "is the store itself" in capsys.readouterr().err
    assert cmdb_at_home("verify", "--exit-code") == 0


def test_a_damaged_backup_makes_no_store(
    cmdb_at_home: Command, capsys: Captured, tmp_path: Path, backup_path: Path
) -> None:
    """Nothing is written, and with --json the reason is a problem document."""
    backup_path.write_bytes(backup_path.read_bytes()[:-20])
    assert cmdb_at_home("restore", backup_path, "--json") == 1
    problem = json.loads(capsys.readouterr().err)
    assert problem["type"] == "/problems/unreadable"
    assert "it is cut off" in problem["detail"]
    assert [*tmp_path.iterdir()] == [backup_path]


@pytest.mark.parametrize(("file", "code"), [("missing.jsonl", 1), (".", 1)])
def test_a_backup_that_is_not_there(cmdb_at_home: Command, capsys: Captured, file: str, code: int) -> None:
    """A wrong name is told as one."""
    assert cmdb_at_home("restore", file) == code
    assert capsys.readouterr().err.strip()


def test_a_store_with_another_history_is_left_alone(
    cmdb_at_home: Command, capsys: Captured, tmp_path: Path, backup_path: Path
) -> None:
    """It is refused, with what to do."""
    (tmp_path / "own.yaml").write_text(ESTATE)
    cmdb_at_home("import", tmp_path / "own.yaml")
    assert cmdb_at_home("restore", backup_path) == 1
    assert "Restore into an empty store; nothing was changed here." in capsys.readouterr().err
    assert cmdb_at_home("show", "shop") == 0


def test_a_backup_has_no_route(client: TestClient) -> None:
    """It holds everything, whatever anybody may see: it is taken where the store is."""
    paths = client.get("/api/openapi.json").json()["paths"]
    assert not [path for path in paths if "backup" in path or "restore" in path]


# -- progress


def test_a_terminal_sees_how_far_it_is(demo_file: Path, tmp_path: Path) -> None:
    """A bar is drawn on standard error where that is a terminal, and standard output stays clean."""
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).parent / "cmdb"), "backup", "-"]
    environment = {**os.environ, "CMDB_STORE": f"sqlite:///{demo_file}", "TERM": "xterm"}
    with (tmp_path / "out").open("wb") as out:
        subprocess.run(command, env=environment, stdout=out, stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "revisions" in shown
    assert "100%" in shown
    assert (tmp_path / "out").read_bytes().startswith(b'{"cmdb_backup"')


def test_a_pipe_sees_no_bars(demo_file: Path) -> None:
    """Where standard error is no terminal, nothing is written to it."""
    command = [str(Path(sys.executable).parent / "cmdb"), "backup", "-"]
    environment = {**os.environ, "CMDB_STORE": f"sqlite:///{demo_file}", "FORCE_COLOR": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert done.stderr == b""
