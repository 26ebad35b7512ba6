"""Files held on the server between their upload and their import."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api.service.held import Uploads, uploads
from api.service.imports import Import
from cmdb.errors import NotFound, TooLarge, Unavailable
from cmdb.model import Actor
from loaders.source import Source
from tests.api.conftest import NOON

ADA, EVE = Actor("ada"), Actor("eve")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Return what it shows."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that shows noon."""
    return Clock()


@pytest.fixture
def held(tmp_path: Path, clock: Clock) -> Uploads:
    """Return the uploads of an empty folder."""
    return Uploads(tmp_path / "uploads", clock)


def asked(*files: Source, **how: object) -> Import:
    """Ask for an import in ada's name."""
    return Import(files or (Source("a.yaml", b"items: []"),), ADA, **how)  # type: ignore[arg-type]


def test_an_import_comes_back_as_it_was_asked_for(held: Uploads) -> None:
    """With every file, how it is to be read, and the id under which it is applied."""
    files = (Source("a.csv", b"key\nx"), Source("a.csv", b"\x00\xff"))
    wanted = asked(*files, format="table", source="ops", any_share=True, mapping=Source("m.toml", b"[items]"))
    upload = held.hold(wanted)
    found = held.find(upload.id, ADA).wanted
    assert found.id == upload.id
    assert found.request() == wanted.request()
    assert (found.files, found.mapping) == (files, wanted.mapping)


def test_ids_cannot_be_guessed_and_nobody_else_may_use_them(held: Uploads) -> None:
    """The same name with a token is somebody else than without."""
    first, second = held.hold(asked()), held.hold(asked())
    assert first.id != second.id
    assert len(first.id) == 32
    for other in (EVE, Actor("ada", "authenticated")):
        with pytest.raises(NotFound):
            held.find(first.id, other)
    assert held.find(first.id, ADA) == first


@pytest.mark.parametrize("id", ["", "..", "../a", "x" * 32, "." + "x" * 31, "x" * 5000, "a\x00b"])
def test_no_id_leads_anywhere_else(id: str, held: Uploads) -> None:
    """Neither a path nor what is only half written."""
    held.hold(asked())
    (held.folder / ("." + "x" * 31)).mkdir()
    with pytest.raises(NotFound):
        held.find(id, ADA)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "CON", "x" * 5000, "a\nb", "..", "ü"])
def test_a_files_name_is_never_a_path(name: str, held: Uploads, tmp_path: Path) -> None:
    """What is written is named by the server alone."""
    upload = held.hold(asked(Source(name, b"secret")))
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"asked.json", "file-0"}
    assert held.find(upload.id, ADA).wanted.files[0].name == name


def test_only_the_servers_own_user_may_look(held: Uploads) -> None:
    """The folders are closed to everybody else on the machine."""
    upload = held.hold(asked())
    assert [path.stat().st_mode & 0o077 for path in (held.folder, upload.folder)] == [0, 0]


def test_after_a_day_it_is_gone(held: Uploads, clock: Clock) -> None:
    """It is not found then, and not on the disk once somebody else brings files."""
    upload = held.hold(asked())
    clock.now += timedelta(hours=23)
    (upload.folder / "later").touch()
    assert held.find(upload.id, ADA).id == upload.id
    clock.now += timedelta(hours=2)
    with pytest.raises(NotFound):
        held.find(upload.id, ADA)
    other = held.hold(asked())
    assert [path.name for path in held.folder.iterdir()] == [other.id]


def test_what_was_discarded_is_gone(held: Uploads) -> None:
    """At once, and from the disk."""
    upload = held.hold(asked())
    held.discard(upload)
    held.discard(upload)
    assert list(held.folder.iterdir()) == []
    with pytest.raises(NotFound):
        held.find(upload.id, ADA)
    with pytest.raises(NotFound):
        _ = upload.wanted


def test_files_can_be_dropped_and_the_rest_kept(held: Uploads) -> None:
    """What was asked stays known."""
    upload = held.hold(asked(mapping=Source("m.toml", b"")))
    upload.drop_files()
    assert [path.name for path in upload.folder.iterdir()] == ["asked.json"]
    assert not held.find(upload.id, ADA).has_files


TOO_MUCH = [
    ("EACH_AT_MOST", 8, "larger than 0 MiB together"),
    ("FILES_AT_MOST", 0, "These are 1 files, and 0 at once are the most"),
]


@pytest.mark.parametrize(("ceiling", "most", "said"), TOO_MUCH)
def test_one_upload_has_a_ceiling(
    ceiling: str, most: int, said: str, held: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of bytes and of files; nothing stays behind."""
    monkeypatch.setattr(uploads, ceiling, most)
    with pytest.raises(TooLarge, match=said):
        held.hold(asked())
    assert not held.folder.exists()


def test_all_uploads_together_have_a_ceiling(tmp_path: Path, clock: Clock) -> None:
    """What is discarded or old makes room again; plans that were made count."""
    held = Uploads(tmp_path / "uploads", clock, total_at_most=4000)
    upload = held.hold(asked(Source("a", b"x" * 2000)))
    (upload.folder / "plan").write_bytes(b"x" * 1500)
    with pytest.raises(TooLarge, match="Discard imports that you have read"):
        held.hold(asked(Source("b", b"x" * 500)))
    clock.now += timedelta(days=2)
    assert held.hold(asked(Source("b", b"x" * 3000))).has_files


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path, clock: Clock) -> None:
    """With the reason, and without any path."""
    (tmp_path / "uploads").write_text("a file stands where the folder should be")
    with pytest.raises(Unavailable, match=r"^The server cannot hold the files: [A-Z][a-z ]+\.$"):
        Uploads(tmp_path / "uploads", clock).hold(asked())


def test_what_was_left_half_written_goes_with_time(held: Uploads, clock: Clock) -> None:
    """A server that was killed leaves a folder that nobody finds."""
    held.hold(asked())
    left = held.folder / ".left"
    left.mkdir()
    clock.now = datetime.now(tz=NOON.tzinfo) + timedelta(days=2)
    held.sweep()
    assert not left.exists()
