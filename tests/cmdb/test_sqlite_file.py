import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cmdb.errors import Conflict, Stale, Unavailable
from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore
from tests.cmdb.estates import Clock, commit, create

ROUNDS = 20 if os.environ.get("CMDB_SOAK") else 4
ROOT = Path(__file__).parents[2]

FULL = """
import resource, sys
from pathlib import Path
from cmdb.errors import Unavailable
from cmdb.model import Actor
from cmdb.operations import CreateItem
from cmdb.stores.base import Transaction
from cmdb.stores.sqlite import SqliteStore
from cmdb.values import moment

def made(uid, size):
    fields = {"key": uid, "class": "server", "name": uid, "description": size * "x"}
    return Transaction([CreateItem(uid, fields, "test")], Actor("ada"), "a test")

store = SqliteStore(Path(sys.argv[1]), lambda: moment("2026-11-20T12:00:00Z"))
store.commit(made("first", 10))
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, unlimited[1]))
for _ in range(2):
    try:
        store.commit(made("large", 3_000_000))
    except Unavailable as error:
        print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
store.commit(made("second", 10))
print(*sorted(store.read().uid_of), store.head().revision)
store.close()
"""

UNWRITABLE = """
import sys
from pathlib import Path
from cmdb.errors import Unavailable
from cmdb.stores.sqlite import SqliteStore
from cmdb.values import moment

try:
    SqliteStore(Path(sys.argv[1]), lambda: moment("2026-11-20T12:00:00Z"))
except Unavailable as error:
    print(error)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the store of the test is."""
    return tmp_path / "test.db"


@pytest.fixture
def stored(path: Path, clock: Clock) -> Iterator[SqliteStore]:
    """Return an empty store in a file."""
    opened = SqliteStore(path, clock)
    yield opened
    opened.close()


def together(number: int, work: Callable[[int], object]) -> list[object]:
    """Start the same work in several threads at once; return what each got or raised."""
    start = threading.Barrier(number)

    def one(me: int) -> object:
        start.wait()
        try:
            return work(me)
        except (Conflict, Stale) as error:
            return type(error)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def run(script: str, *words: object) -> str:
    """Run a Python program of its own in the project and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_commits_from_many_threads_leave_no_gap(store: Store) -> None:
    """Everybody's commits get revisions of their own, without a gap, and nothing is lost."""
    outcomes = together(8, lambda me: [commit(store, create(f"{me}-{n}")).revision for n in range(ROUNDS)])
    revisions = [one for each in outcomes if isinstance(each, list) for one in each]
    assert sorted(revisions) == list(range(1, 8 * ROUNDS + 1))
    assert len(store.read().items) == 8 * ROUNDS


def test_many_may_open_a_new_file_at_once(tmp_path: Path, clock: Clock) -> None:
    """Whoever comes first makes the file; nobody is turned away."""

    def attempt(me: int) -> None:
        opened = SqliteStore(new, clock)
        commit(opened, create(f"by-{me}"))
        opened.close()

    for number in range(ROUNDS):
        new = tmp_path / f"new-{number}.db"
        together(8, attempt)
        store = SqliteStore(new, clock)
        assert len(store.read().items) == 8
        store.close()


def test_reading_goes_on_while_another_writes(path: Path, stored: SqliteStore, clock: Clock) -> None:
    """Half of somebody's commit is never seen, and nobody who reads or opens the file waits for its end."""
    commit(stored, create("a"))
    before = stored.read()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE items SET name = 'half'")
    assert stored.read() == before
    late = SqliteStore(path, clock)
    assert late.read() == before
    other.execute("ROLLBACK")
    other.close()
    late.close()


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_threads_that_end_leave_no_file_open(path: Path, stored: SqliteStore) -> None:
    """A server that runs for weeks does not collect open files."""

    def opened() -> int:
        links = (one.readlink() for one in Path("/proc/self/fd").iterdir() if one.is_symlink())
        return sum(link == path for link in links)

    stored.read()
    for _ in range(20):
        thread = threading.Thread(target=stored.read)
        thread.start()
        thread.join()
    assert opened() <= 2


def test_a_full_disk_spoils_nothing(path: Path) -> None:
    """A commit that does not fit is refused as a whole, and the next that fits succeeds."""
    first, second, last = run(FULL, path).splitlines()
    assert first == second
    assert first.startswith(f"The store {path} cannot be used: ")
    assert last == "first second 2"


@pytest.mark.parametrize("content", [b"<html>Please log in</html>" * 50, b"\x89PNG" * 2000])
def test_a_file_that_is_no_database_is_refused(path: Path, clock: Clock, content: bytes) -> None:
    """A wrong file is named, with the reason, and left as it is."""
    path.write_bytes(content)
    with pytest.raises(Unavailable) as caught:
        SqliteStore(path, clock)
    assert caught.value.detail == f"The store {path} cannot be used: file is not a database."
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE mine (x)", "PRAGMA user_version = 7", "PRAGMA user_version = 1"]
)
def test_somebody_elses_database_is_left_alone(path: Path, clock: Clock, statement: str) -> None:
    """A database of another program or version is refused and not a byte of it changes."""
    other = sqlite3.connect(path)
    other.execute(statement)
    other.commit()
    other.close()
    content = path.read_bytes()
    with pytest.raises(Unavailable, match="is not a database of cmdb"):
        SqliteStore(path, clock)
    assert path.read_bytes() == content
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_an_empty_file_becomes_a_store(path: Path, clock: Clock) -> None:
    """A file of no bytes holds nothing that could be lost."""
    path.touch()
    store = SqliteStore(path, clock)
    assert store.head().revision == 0
    store.close()


def test_a_path_that_leads_nowhere_is_unavailable(tmp_path: Path, clock: Clock) -> None:
    """A folder as the file, or a file as the folder, is refused with the path and the reason."""
    (tmp_path / "file").touch()
    for path, reason in ((tmp_path, "unable to open"), (tmp_path / "file" / "x.db", "File exists|Not a dir")):
        with pytest.raises(Unavailable, match=f"The store {path} cannot be used: .*({reason})"):
            SqliteStore(path, clock)


def _as_somebody(script: str, path: Path) -> str:
    """Run a program as a user whom file permissions bind, which they do not bind root."""
    if os.geteuid() != 0:
        return run(script, path)
    return run(f"import cmdb.stores.sqlite, os; os.setuid(65534)\n{script}", path)


def test_an_unwritable_folder_is_unavailable(tmp_path: Path, clock: Clock) -> None:
    """Where nothing may be written, the store says so, for a new file and for one that is there."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    closed = tmp_path / "closed"
    store = SqliteStore(closed / "old.db", clock)
    commit(store, create("a"))
    store.close()
    closed.chmod(0o555)
    for name in ("new.db", "old.db", "new/store.db"):
        told = _as_somebody(UNWRITABLE, closed / name)
        assert told.startswith(f"The store {closed / name} cannot be used: ")
    closed.chmod(0o755)
