"""Backups: everything comes back, into whichever store, and as it was at one moment."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cmdb.backup import checked, restore, write
from cmdb.errors import Conflict, Rejected
from cmdb.model import Identity, Sighting
from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore
from cmdb.verify import verify
from tests.cmdb.estates import TIME, Clock, asked, change, commit, create, relate
from tests.cmdb.histories import answer, back_up, everything, interrupted_after, live, made, seen


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


def restored(path: Path) -> dict[str, Any]:
    """Restore a backup into a store of its own; return everything that this says of itself."""
    with closing(SqliteStore(None, Clock())) as store:
        restore(store, checked(path))
        return everything(store)


@pytest.mark.parametrize("name", ["cmdb.jsonl", "cmdb.jsonl.gz"])
def test_everything_comes_back(store: Store, source: Store, tmp_path: Path, name: str) -> None:
    """Log, every past revision, plans, sightings, answers: all is as in the store that was backed up."""
    back_up(source, tmp_path / name)
    restore(store, checked(tmp_path / name))
    assert everything(store) == everything(source)
    assert verify(store, noted=source.log()[-1].commit.hash).faults == ()


def test_every_kind_of_store_gives_the_same_backup(store: Store, source: Store, path: Path) -> None:
    """A backup is made of the content alone: not of the time it is made, nor of where things are kept."""
    live(store)
    assert back_up(store, path) == back_up(source, path)


def test_the_backup_of_a_restored_store_is_the_same_file(store: Store, source: Store, path: Path) -> None:
    """Nothing is lost on the way, however often it is gone."""
    first = back_up(source, path)
    restore(store, checked(path))
    assert back_up(store, path) == first


def test_a_name_that_is_refused_by_now_comes_back(store: Store, source: Store, path: Path) -> None:
    """What was allowed when it was written is kept; only what is new is refused."""
    source.commit(replace(asked(create("blank", name=" ")), time="2030-01-01T00:00:00.000000Z"))
    back_up(source, path)
    restore(store, checked(path))
    assert store.read() == source.read()
    assert verify(store).faults == ()
    with pytest.raises(Rejected, match="other: its name holds nothing but blanks"):
        commit(store, create("other", name=" "))


def test_an_empty_store_can_be_backed_up(store: Store, path: Path) -> None:
    """Nothing comes back as nothing."""
    back_up(store, path)
    found = checked(path)
    assert (found.header.revision, found.items, found.relations) == (0, 0, 0)
    assert restored(path)["log"] == []


def test_a_backup_of_the_first_format_can_be_restored(store: Store, source: Store) -> None:
    """What was kept safe once can be had back by every later version."""
    restore(store, checked(Path(__file__).with_name("old_backups") / "format-1.jsonl"))
    assert everything(store) == everything(source)


def test_a_request_sent_again_after_a_restore_is_known(store: Store, source: Store, path: Path) -> None:
    """It is answered with the result of the first time, also where that changed nothing, word for word."""
    back_up(source, path)
    restore(store, checked(path))
    first = made(1, [])
    assert store.commit(first).revision == 1
    told = store.recall("id-1", "of 1") or {}
    assert list(told) == ["items", "a", "revision"]
    assert store.recall("nothing to do", "of nothing to do") == answer("nothing to do").result
    with pytest.raises(Rejected, match="used before, for another request"):
        store.commit(replace(first, request_hash="of something else"))


def test_life_goes_on_after_a_restore(store: Store, source: Store, path: Path) -> None:
    """The next commit follows on the last one, and versions of relations go on counting."""
    back_up(source, path)
    restore(store, checked(path))
    assert commit(store, create("later")).revision == source.head().revision + 1
    assert verify(store).faults == ()


def test_the_checked_backup_says_what_it_holds(source: Store, path: Path) -> None:
    """Its newest revision, with hash and time, and how many items and relations that has."""
    back_up(source, path)
    found = checked(path)
    newest = source.log()[-1].commit
    assert (found.header.revision, found.header.hash, found.header.time) == (8, newest.hash, newest.time)
    assert (found.items, found.relations) == (34, 1)


# -- one consistent moment


class BusyStore(SqliteStore):
    """A store to which somebody writes while its sightings are read."""

    def sightings(self, uid: str | None = None) -> list[Sighting]:
        """Return the sightings, once more has happened."""
        later = Sighting(Identity("scan", "server", "srv-late"), "late", TIME)
        again = Sighting(Identity("scan", "depends_on", "late>a"), "late>depends_on>a", TIME)
        self.commit(replace(asked(create("late"), relate("late", "a")), sightings=[later, again]))
        return super().sightings(uid)


def test_what_comes_while_a_backup_is_written_is_left_out(path: Path, clock: Clock) -> None:
    """A later commit is not in it, and neither are the names of what that brought."""
    with closing(BusyStore(None, clock)) as store:
        store.commit(replace(asked(create("a")), sightings=[seen("a")]))
        back_up(store, path)
    after = restored(path)
    assert [*after["graphs"][-1].items] == ["a"]
    assert after["sightings"] == [seen("a")]


@pytest.mark.slow
def test_a_backup_under_load_shows_one_moment(store: Store, tmp_path: Path) -> None:
    """While four people write, each backup is what the store was at one of its revisions."""

    def work(me: str) -> None:
        for number in range(30):
            uid = f"{me}-{number}"
            store.commit(replace(asked(create(uid), relate(uid, "hub")), sightings=[seen(uid)]))

    store.commit(replace(asked(create("hub")), sightings=[seen("hub")]))
    writers = [threading.Thread(target=work, args=(me,)) for me in "abcd"]
    for one in writers:
        one.start()
    for number in count():
        back_up(store, tmp_path / f"{number}.jsonl")
        if not any(one.is_alive() for one in writers):
            break
    for path in tmp_path.glob("*.jsonl"):
        after = restored(path)
        graph = after["graphs"][-1]
        assert graph == store.read(graph.revision)
        assert {one.uid for one in after["sightings"]} == graph.items.keys()


def test_a_log_can_be_read_by_parts(store: Store) -> None:
    """Whoever reads a long history need not take all of it at once."""
    for name in "abc":
        commit(store, create(name))
    log = store.log()
    assert [store.log(0, 2), store.log(2, 2), store.log(3, 2)] == [log[:2], log[2:], []]
    assert [store.log(1), store.log(0, 0)] == [log[1:], []]


@pytest.mark.slow
def test_the_length_of_history_takes_no_memory(tmp_path: Path, clock: Clock) -> None:
    """Two thousand commits of 20 kB are written with less memory than two hundred of them would take."""
    with closing(SqliteStore(tmp_path / "long.db", clock)) as store:
        for number in range(2_000):
            commit(store, create(str(number), description=f"{number}" * 5_000))
        with Path(os.devnull).open("wb") as nowhere:
            tracemalloc.start()
            write(store, nowhere)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert peak < 4_000_000


# -- into which store


def test_an_interrupted_restore_can_be_repeated(
    open_again: Callable[[], Store], source: Store, path: Path
) -> None:
    """Wherever it is cut off, doing it again completes it."""
    back_up(source, path)
    backup = checked(path)
    store = open_again()
    for steps in count():
        try:
            restore(store, backup, interrupted_after(steps))
        except KeyboardInterrupt:
            assert verify(store).faults == ()
        else:
            break
    assert steps > 8
    assert everything(store) == everything(source)
    store.close()


def test_a_store_with_the_beginning_of_the_history_is_brought_up_to_date(
    store: Store, source: Store, tmp_path: Path
) -> None:
    """Last week's copy becomes today's."""
    back_up(source, tmp_path / "old.jsonl")
    commit(source, change("b", {}, {"tier": 3}))
    back_up(source, tmp_path / "new.jsonl")
    for name in ("old.jsonl", "new.jsonl"):
        restore(store, checked(tmp_path / name))
    assert everything(store) == everything(source)


@pytest.mark.parametrize("number", [1, 8, 9])
def test_a_store_with_another_history_is_left_alone(
    store: Store, source: Store, path: Path, number: int
) -> None:
    """Shorter, as long or longer: it is refused, and nothing in it changes."""
    back_up(source, path)
    for one in range(number):
        commit(store, create(f"own-{one}"))
    before = everything(store)
    with pytest.raises(Conflict, match=r"not the beginning of the one in .*Restore into an empty store"):
        restore(store, checked(path))
    assert everything(store) == before


def test_a_store_that_is_ahead_is_left_alone(store: Store, source: Store, path: Path) -> None:
    """What was written after the backup is not undone."""
    back_up(source, path)
    restore(store, checked(path))
    commit(store, create("later"))
    with pytest.raises(Conflict, match="not the beginning"):
        restore(store, checked(path))
    assert store.head().revision == 9


def test_a_store_somebody_else_writes_to_is_told(store: Store, source: Store, path: Path) -> None:
    """Where a commit comes between, the restore ends with the reason."""
    back_up(source, path)

    def meddle(what: str, done: int, _total: int) -> None:
        if (what, done) == ("revisions", 3):
            commit(store, create("mine"))

    with pytest.raises(Conflict, match="Somebody else wrote to the store"):
        restore(store, checked(path), meddle)


def test_a_backup_that_is_replaced_meanwhile_is_not_restored(store: Store, source: Store, path: Path) -> None:
    """What is restored is what was checked."""
    back_up(source, path)
    found = checked(path)
    commit(source, create("later"))
    back_up(source, path)
    with pytest.raises(Conflict, match="was replaced while it was checked"):
        restore(store, found)
    assert store.head().revision == 0
