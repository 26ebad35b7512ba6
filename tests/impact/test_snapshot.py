"""Pictures on disk: opened as they were written, and made again where they cannot be used."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from cmdb.harm import State
from cmdb.model import Actor, Identity, Sighting
from cmdb.operations import Operation
from cmdb.stores.base import Store, Transaction
from cmdb.stores.opening import open_store
from cmdb.values import moment
from cmdb.views import LIVE
from cmdb.vocabulary_files import load_vocabulary
from impact import answer, coverage, snapshot
from impact.answer import ask
from impact.coverage import survey
from impact.documents.brief import Document
from impact.documents.impact import impact_document
from impact.picture import Picture
from impact.pictures import Pictures
from impact.reach import Reach, upstream
from impact.snapshot import Snapshots
from impact.sweep import Harm, sweep
from tests.cmdb.estates import Clock, change, create, needs, relate, unrelate
from tests.impact.pictures import NOW
from tests.impact.test_following import told

VOCABULARY = load_vocabulary()
FLIPS = 150


def commit(store: Store, *operations: Operation) -> None:
    """Commit operations."""
    store.commit(Transaction(operations, Actor("ada"), "a step"))


def filled(path: Path, first: str = "k0") -> Store:
    """Return a new store with a chain of servers in it."""
    opened = open_store(path, Clock())
    names = [first, *(f"k{number}" for number in range(1, 12))]
    pool = create("pool", **{"class": "redundancy_group"})
    chain = [relate(one, two, known="observed") for one, two in pairwise(names)]
    commit(opened, *(create(name, name=f"{name}\nä", tier=2) for name in names), pool, *chain)
    commit(opened, change(first, {}, {"status": "maintenance"}))
    return opened


@pytest.fixture(autouse=True)
def small_pictures_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pictures of any size be kept."""
    monkeypatch.setattr(snapshot, "FEW_RELATIONS", 0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a store with a chain of servers in it."""
    with closing(filled(tmp_path / "graph.db")) as opened:
        yield opened


@pytest.fixture
def kept(tmp_path: Path) -> Snapshots:
    """Return where the store's picture is kept."""
    return Snapshots(tmp_path / "cache" / "graph.picture")


def shown(store: Store, kept: Snapshots | None = None) -> Picture:
    """Return the picture of today as a new process shows it."""
    return Pictures(store, VOCABULARY, kept).show(LIVE).picture


def test_a_picture_is_opened_as_it_was_written(store: Store, kept: Snapshots) -> None:
    """A second process has the same picture from the disk."""
    first = shown(store, kept)
    opened = kept.open(store, VOCABULARY)
    assert opened is not None
    assert told(opened) == told(first) == told(shown(store))


def test_what_a_picture_was_found_to_cover_is_kept(
    store: Store, kept: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process does not look at everything again, as long as nothing was committed."""
    found, looked_at = survey(shown(store, kept)), set()

    def noted(picture: Picture, starts: Iterable[int]) -> Reach:
        looked_at.add(len(picture))
        return upstream(picture, starts)

    monkeypatch.setattr(coverage, "upstream", noted)
    again = survey(shown(store, kept))
    assert looked_at <= {0}
    assert (again.reached == found.reached).all()
    assert (again.unmapped, again.verified) == (found.unmapped, found.verified)


def test_what_is_hurt_anyway_is_kept(store: Store, kept: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process spreads only what it is asked about, and answers the same."""
    made, swept = shown(store), []

    def noted(picture: Picture, causes: Mapping[int, State], before: Harm) -> Harm:
        swept.append(set(map(picture.keys.__getitem__, causes)))
        return sweep(picture, causes, before)

    def answered(picture: Picture) -> Document:
        return impact_document(ask(picture, {picture.find("k5"): State.OUT}, NOW), "live")

    shown(store, kept)
    opened = kept.open(store, VOCABULARY)
    assert opened is not None
    with monkeypatch.context() as patched:
        patched.setattr(answer, "sweep", noted)
        found = answered(opened)
    assert swept == [{"k5"}, {"k5"}]
    assert found == answered(made)
    assert [one["key"] for one in found["already"]] == ["k0", "pool"]

    commit(store, change("k0", {"status": "maintenance"}, {"status": "live"}))
    commit(store, change("k3", {}, {"status": "maintenance"}))
    assert answered(shown(store, kept)) == answered(shown(store))


def test_an_opened_picture_follows_on(store: Store, kept: Snapshots) -> None:
    """What was committed since is added to what was kept; the file itself does not change."""
    shown(store, kept)
    content = kept.path.read_bytes()
    commit(store, create("new", owner="ann"), relate("new", "k3"), unrelate("k0", "k1", known="observed"))
    commit(store, change("k4", {"key": "k4"}, {"key": "renamed"}))
    assert told(shown(store, kept)) == told(shown(store))
    assert kept.path.read_bytes() == content


def test_what_sources_saw_is_kept_too(store: Store, kept: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process does not read again when each relation was seen, only what was seen since."""
    relation = needs("k0", "k1").uid
    name = Identity("scan", "depends_on", "1")
    store.see([Sighting(name, relation, "2026-11-20T13:00:00Z")])
    first = shown(store, kept)
    assert first.evidence(first.relations_at(first.find("k0"))[0]) == moment("2026-11-20T13:00:00Z")
    with monkeypatch.context() as patched:
        patched.setattr(store, "last_seen", None)
        assert told(shown(store, kept)) == told(first)
    store.see([Sighting(name, relation, "2026-11-21T13:00:00Z")])
    again = shown(store, kept)
    assert again.evidence(again.relations_at(again.find("k0"))[0]) == moment("2026-11-21T13:00:00Z")
    assert told(again) == told(shown(store))


@pytest.mark.slow
def test_a_damaged_picture_is_made_again(store: Store, kept: Snapshots) -> None:
    """Whichever byte is another one, and wherever the file ends, the answer is the right one."""
    whole = told(shown(store, kept))
    content = kept.path.read_bytes()
    rng = random.Random(5)
    seen = 0
    for _ in range(FLIPS):
        damaged = bytearray(content)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        kept.path.write_bytes(damaged)
        opened = kept.open(store, VOCABULARY)
        seen += opened is None
        assert opened is None or told(opened) == whole  # where nothing is kept, nothing was damaged
    assert seen
    for size in [*(rng.randrange(len(content)) for _ in range(20)), 0]:
        kept.path.write_bytes(content[:size])
        assert kept.open(store, VOCABULARY) is None
        assert told(shown(store, kept)) == whole
        assert kept.path.read_bytes() == content


def test_the_picture_of_another_store_is_not_used(store: Store, kept: Snapshots, tmp_path: Path) -> None:
    """A store that took the place of another one, at the same revision, is shown as it is."""
    shown(store, kept)
    with closing(filled(tmp_path / "other.db", first="other")) as other:
        assert kept.open(other, VOCABULARY) is None
        assert told(shown(other, kept)) == told(shown(other))
    with closing(open_store(tmp_path / "empty.db", Clock())) as empty:
        assert kept.open(empty, VOCABULARY) is None


def test_a_picture_in_another_vocabulary_is_not_used(store: Store, kept: Snapshots) -> None:
    """Where a relation type carries harm otherwise, everything is worked out again."""
    shown(store, kept)
    softer = VOCABULARY.relations["depends_on"].model_copy(update={"to_source": "softened"})
    other = replace(VOCABULARY, relations={**VOCABULARY.relations, "depends_on": softer})
    assert kept.open(store, other) is None


def test_a_picture_of_another_program_is_not_used(
    store: Store, kept: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where columns have come or gone since, the picture is made again."""
    shown(store, kept)
    monkeypatch.setattr(snapshot, "_PLAIN", ("versions", "origins", "special", "classes"))
    assert kept.open(store, VOCABULARY) is None


def test_a_folder_that_cannot_be_written_is_no_hindrance(store: Store, tmp_path: Path) -> None:
    """The answer is given, and nothing is kept."""
    (tmp_path / "file").write_text("no folder")
    assert told(shown(store, Snapshots(tmp_path / "file" / "graph.picture"))) == told(shown(store))
