"""Arrays that pictures share: what one of them takes in is not to be seen in another."""

from __future__ import annotations

import random
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import pytest

from impact.arrays import texts, uids
from impact.arrays.growing import Room
from impact.arrays.ordering import Ordering
from impact.arrays.ranges import Numbers
from impact.arrays.texts import Distinct, Texts, Words, no_texts
from impact.arrays.uids import NOBODY, Uids


def numbers(*places: int) -> Numbers:
    """Numbers in an array."""
    return np.array(places, np.int32)


def texts_of(words: Sequence[str]) -> Texts:
    """Texts by number."""
    return no_texts().replaced(numbers(*range(len(words))), Words(w.encode() for w in words), len(words))


def test_what_gets_longer_shares_its_memory() -> None:
    """Only the values that are new are written."""
    room = Room()
    first = room.longer("values", numbers(1, 2, 3), 4)
    first[3:] = 4
    longer = room.longer("values", first, 6)
    assert np.shares_memory(first, longer)
    assert (first.tolist(), longer.tolist()) == ([1, 2, 3, 4], [1, 2, 3, 4, 0, 0])


def test_two_that_come_of_one_do_not_meet() -> None:
    """The memory behind an array is taken once; so neither sees what the other one fills in."""
    room = Room()
    trunk = room.longer("values", numbers(1), 2)
    branches = [room.longer("values", trunk, 3) for _ in range(2)]
    for number, branch in enumerate(branches):
        branch[2] = 7 + number
    assert [branch.tolist() for branch in (trunk, *branches)] == [[1, 0], [1, 0, 7], [1, 0, 8]]


def test_an_array_that_is_full_moves() -> None:
    """However often it gets longer, it begins with the same values."""
    room, values = Room(), numbers()
    for length in range(1, 1_000):
        values = room.longer("values", values, length)
        values[-1] = length
    assert values.tolist() == list(range(1, 1_000))


@pytest.mark.parametrize("seed", range(4))
def test_versions_keep_what_they_hold(seed: int) -> None:
    """Whichever of them comes of which, however long each is held, and wherever it was written."""
    rng, room = random.Random(seed), Room()
    versions = [(numbers(), list[int]())]
    for step in range(1, 200):
        values, told = rng.choice(versions) if rng.random() < 0.2 else versions[-1]
        length = len(told) + rng.choice((0, 0, 1, 3, 9))
        some = np.array(rng.sample(range(len(told)), rng.randint(0, len(told))), np.int32)[
            : rng.choice((2, 999))
        ]
        if len(some):
            found = room.changed("values", values, length, some)
            found[some] = step
        else:
            found = room.longer("values", values, length)
        found[len(told) :] = -step
        expected = [step if place in some else value for place, value in enumerate(told)]
        versions.append((found, expected + [-step] * (length - len(told))))
        del values, found
        versions = versions[-rng.randint(1, 9) :]
        assert all(held.tolist() == told for held, told in versions)


def test_memory_that_nobody_reads_is_used_again() -> None:
    """Two versions that take turns need two memories more than the first has."""
    room, values = Room(), np.zeros(1_000, np.int32)
    places = set[int]()
    for step in range(100):
        values = room.changed("values", values, 1_000, numbers(step))
        values[step] = step
        places.add(values.ctypes.data)
    assert values[:100].tolist() == list(range(100))
    assert len(places) == 2


def test_a_part_of_a_version_keeps_it() -> None:
    """Whoever reads a few values of it, or their bytes, finds them unchanged."""
    room, values = Room(), np.zeros(1_000, np.int32)
    values = room.changed("values", values, 1_000, numbers(3))
    values[3] = 7
    part, raw = values[2:5], values[3:4].data
    for step in range(10):
        values = room.changed("values", values, 1_000, numbers(3))
        values[3] = step
    assert (part.tolist(), raw.tolist()) == ([0, 7, 0], [7])


def test_texts_that_stay_are_not_written_again() -> None:
    """Told the same once more, texts are what they were, in the same place."""
    before = texts_of(["a", "bc", ""])
    same = before.replaced(numbers(2, 1), Words([b"", b"bc"]), 3)
    other = before.replaced(numbers(0, 1), Words([b"a", "ö".encode()]), 3)
    assert same is before
    assert other.all() == ["a", "ö", ""]
    assert other.ranges.pool.used == len("abc") + len("ö".encode())
    assert before.all() == ["a", "bc", ""]


def test_texts_are_the_same_however_many_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once as many were asked for as there are, all of them are kept, also by what comes after."""
    monkeypatch.setattr(texts, "MANY", 1)
    found = texts_of(["a", "b", "c", "d"])
    for _ in range(4):
        assert found.some(numbers(3, 1)) == ["d", "b"]
    after = found.replaced(numbers(1, 4), Words([b"x", b"y"]), 5)
    assert (found.all(), after.all()) == (["a", "b", "c", "d"], ["a", "x", "c", "d", "y"])
    assert after.some(numbers(4, 1, 0)) == ["y", "x", "a"]


def test_values_are_read_as_they_come() -> None:
    """What came after others were read is read as well."""
    values = Distinct([b"null"])
    assert list(values.read()) == [None]
    assert values.code(b'"gold"') == 1
    assert list(values.read()) == [None, "gold"]


def test_uids_are_found_among_all_that_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one and many at once, whether they are among the many or were added since."""
    monkeypatch.setattr(uids, "FEW", 5)
    names = [f"uid-{number}" for number in range(60)]
    index, known = Uids(), 0
    while known < len(names):
        some = names[known : known + 7]
        index, known = index.with_more(some, known), known + len(some)
        own = texts_of(names[:known])
        wanted = [*names, "other"]
        expected = [place if place < known else NOBODY for place in range(len(names))] + [NOBODY]
        assert index.places(wanted, own).tolist() == expected
        assert index.folded().places(wanted, own).tolist() == expected
        assert [index.place(one, own) for one in wanted] == [None if at < 0 else at for at in expected]
    assert len(index.many.hashes) > len(index.added.hashes)


def test_uids_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text itself decides, also where it is known by nobody."""
    monkeypatch.setattr(uids, "_digest", lambda text: blake2b(text[:1].encode(), digest_size=8).digest())
    names = ["a-1", "b-1", "a-2", "a-3"]
    index, own = Uids().with_more(names[:2], 0).folded().with_more(names[2:], 2), texts_of(names)
    assert index.places([*names, "a-4", "c"], own).tolist() == [0, 1, 2, 3, NOBODY, NOBODY]
    assert [index.place(one, own) for one in (*names, "a-4", "c")] == [0, 1, 2, 3, None, None]


def test_an_order_is_kept_as_texts_come_and_change() -> None:
    """As sorting anew would find it, and a text that nothing can be is found nowhere."""
    rng = random.Random(1)
    words = [f"{rng.choice('abÄzß')}{number}" for number in range(200)]
    order = Ordering(numbers()).replaced(numbers(*range(200)), texts_of(words))
    for _ in range(20):
        changed = rng.sample(range(len(words)), 3)
        for place in changed:
            words[place] = f"{rng.choice('abÄzß')}{rng.random()}"
        changed.append(len(words))
        words.append(f"ö{rng.random()}")
        order = order.replaced(numbers(*changed), texts_of(words))
        assert order.numbers.tolist() == sorted(range(len(words)), key=words.__getitem__)
    assert [order.place(word, texts_of(words)) for word in words[:5]] == list(range(5))
    assert order.place("nothing", texts_of(words)) is None
    assert order.place("\ud800", texts_of(words)) is None
