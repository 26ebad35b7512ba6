"""Damaged backups: whatever is wrong with a file, it is refused before anything of it is restored."""

from __future__ import annotations

import gzip
import os
import pickle
import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cmdb.backup import checked
from cmdb.backup.lines import LONGEST
from cmdb.errors import NotFound, Unreadable
from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore
from tests.cmdb.estates import Clock
from tests.cmdb.histories import as_packed, back_up, live, refused

FLIPS = 5_000 if os.environ.get("CMDB_SOAK") else 200


@pytest.fixture
def source(clock: Clock) -> Iterator[Store]:
    """Return a store with a past of every kind."""
    with closing(SqliteStore(None, clock)) as store:
        live(store)
        yield store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the backup of the test is."""
    return tmp_path / "cmdb.jsonl"


def test_no_line_can_be_dropped_doubled_or_swapped(source: Store, path: Path) -> None:
    """Whichever it is, the file is refused."""
    lines = back_up(source, path).splitlines(keepends=True)
    for number in range(len(lines)):
        refused(path, b"".join([*lines[:number], *lines[number + 1 :]]))
        refused(path, b"".join([*lines[: number + 1], *lines[number:]]))
        refused(path, b"".join([*lines[:number], b"\n", *lines[number:]]))
    for number in range(len(lines) - 1):
        swapped = [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]]
        refused(path, b"".join(swapped))
    assert lines[-1].startswith(b'{"end":')


@pytest.mark.parametrize("name", ["cmdb.jsonl", "cmdb.jsonl.gz"])
def test_a_file_that_is_cut_off_is_refused(source: Store, tmp_path: Path, name: str) -> None:
    """At each sixteenth, at each end of a line, and one byte before its end."""
    path = tmp_path / name
    content = back_up(source, path)
    ends = [place + 1 for place, byte in enumerate(content) if byte == ord("\n")]
    sixteenths = [len(content) * part // 16 for part in range(16)]
    for place in {*ends, *sixteenths, len(content) - 1} - {len(content)}:
        refused(path, content[:place])


def test_any_flipped_byte_is_noticed(source: Store, path: Path) -> None:
    """Wherever it stands, the file is refused."""
    content = back_up(source, path)
    for seed in range(FLIPS):
        refused(path, flipped(content, seed))


def test_any_flipped_byte_of_a_packed_file_is_noticed(source: Store, tmp_path: Path) -> None:
    """The file is refused, unless the byte meant nothing and the content is what it was."""
    path = tmp_path / "cmdb.jsonl.gz"
    content = back_up(source, path)
    noticed = 0
    for seed in range(FLIPS):
        damaged = flipped(content, seed)
        try:
            same = zlib.decompress(damaged, wbits=31) == zlib.decompress(content, wbits=31)
        except zlib.error:
            same = False
        if not same or damaged[:10] != content[:10]:
            refused(path, damaged)
            noticed += 1
    assert noticed > 0.9 * FLIPS


def flipped(content: bytes, seed: int) -> bytes:
    """Return content with one byte changed."""
    rng = random.Random(seed)
    place = rng.randrange(len(content))
    other = bytes([content[place] ^ rng.randint(1, 255)])
    return content[:place] + other + content[place + 1 :]


def test_a_refusal_names_place_reason_and_cure(source: Store, path: Path) -> None:
    """The one line says all there is to know."""
    lines = back_up(source, path).splitlines(keepends=True)
    altered = b"".join(lines).replace(b"Apollo", b"Apollq")
    assert refused(path, altered) == (
        f"{path} line 9: revision 4: what it did, who did it or why is not what was written. The backup is"
        " damaged; take another copy of it."
    )
    for rest in (b"", lines[7][:-9]):
        assert "line 8: the file is cut off here" in refused(path, b"".join([*lines[:7], rest]))


NOTHING_OF_OURS = {
    "nothing": b"",
    "blanks": b" \n \n",
    "a byte order mark": b"\xef\xbb\xbf",
    "json": b'{"format": 1, "items": [], "relations": []}\n',
    "a list": b"[1, 2]\n",
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0",
    "a pickle": pickle.dumps({"cmdb_backup": 1}),
    "a zip": b"PK\x03\x04" + bytes(100),
    "a database": b"SQLite format 3\0" + bytes(100),
    "utf-16": '{"cmdb_backup":{}}\n'.encode("utf-16"),
    "a page": b"<!DOCTYPE html><title>Log in</title>",
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("what", NOTHING_OF_OURS)
def test_what_is_no_backup_is_refused(path: Path, what: str, *, packed: bool) -> None:
    """It is told apart from one that is damaged."""
    content = NOTHING_OF_OURS[what]
    assert "is not a backup" in refused(path, as_packed(content) if packed else content)


@pytest.mark.parametrize(
    ("wrap", "reason"),
    [
        (lambda content: gzip.compress(content, mtime=1), "packed by another program than cmdb. Unpack it"),
        (lambda content: as_packed(content) + b"\0", "something stands behind its end"),
        (lambda content: as_packed(content) * 2, "something stands behind its end"),
        (lambda content: as_packed(content) + as_packed(b""), "something stands behind its end"),
        (lambda content: as_packed(as_packed(content)), "is not a backup"),
        (lambda content: as_packed(content)[:10], "it is cut off"),
        (lambda content: as_packed(content)[:-8], "it is cut off"),
        (lambda content: as_packed(content)[:-4] + b"\0\0\0\1", "it cannot be unpacked"),
        (lambda content: as_packed(content) + bytes(2**20 - len(as_packed(content)) + 1), "behind its end"),
    ],
    ids=range(9),
)
def test_what_is_packed_wrongly_is_refused(
    source: Store, path: Path, wrap: Callable[[bytes], bytes], reason: str
) -> None:
    """Packed twice, by others, with something behind it, or with another length than it declares."""
    assert reason in refused(path, wrap(back_up(source, path)))


def test_a_bomb_fills_no_memory(path: Path, source: Store) -> None:
    """A file that would unpack to a thousand times its size is refused at its first block."""
    bomb = as_packed(b" " * 100_000_000)
    header = back_up(source, path).splitlines(keepends=True)[0]
    endless = as_packed(header + b'{"commit":' + b"[" * 10_000_000)
    tracemalloc.start()
    assert "is not a backup" in refused(path, bomb)
    first = tracemalloc.get_traced_memory()[1]
    refused(path, endless)
    tracemalloc.stop()
    assert first < 10_000_000


@pytest.mark.slow
def test_a_line_without_end_is_refused(path: Path, source: Store) -> None:
    """It is refused as soon as it is longer than any line may be."""
    header = back_up(source, path).splitlines(keepends=True)[0]
    assert "longer than 256 MiB" in refused(path, as_packed(header + b"[" * (LONGEST + 2**20)))


def test_a_backup_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    """A missing file is a wrong name, and a folder is no file."""
    with pytest.raises(NotFound, match="There is no file"):
        checked(tmp_path / "missing")
    with pytest.raises(Unreadable, match="cannot be read: Is a directory"):
        checked(tmp_path)
    with pytest.raises(Unreadable, match="is no file on a disk"):
        checked(Path(os.devnull))
