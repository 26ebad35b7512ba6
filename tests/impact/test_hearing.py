"""What sources saw is evidence for relations, however many they tell of at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cmdb.values import instant, moment
from cmdb.vocabulary_files import load_vocabulary
from impact.following import take
from impact.hearing import hear
from tests.impact.pictures import NOON, graph_of

ITEMS = 30
CHAIN = graph_of(
    {f"s{number}": {"class": "server"} for number in range(ITEMS)},
    [(f"s{number}", "depends_on", f"s{number + 1}") for number in range(ITEMS - 1)],
)
LATER = instant(NOON + timedelta(hours=1))


@pytest.mark.parametrize("size", [1, 4, ITEMS])
def test_each_relation_hears_of_itself(size: int) -> None:
    """In batches of any size: the latest instant stays, and what is not here is passed over."""
    picture = take(CHAIN, load_vocabulary())
    told = [(f"s{number}>depends_on>s{number + 1}", LATER) for number in range(0, ITEMS - 1, 2)]
    told += [(one, instant(NOON)) for one, _ in told]
    told += [("s0>depends_on>gone", LATER), ("s1>eats>s2", LATER), ("s5>depends_on>s9", LATER)]
    heard = hear(picture, (told[at : at + size] for at in range(0, len(told), size)), 7)
    links = [heard.relations_at(heard.find(f"s{number}")) for number in range(ITEMS - 1)]
    seen = [next(one for one in some if heard.keys[one.source] == f"s{n}") for n, some in enumerate(links)]
    expected = [moment(LATER) if number % 2 == 0 else None for number in range(ITEMS - 1)]
    assert [heard.evidence(link) for link in seen] == expected
    assert (heard.reports, heard.heard) == (7, int(moment(LATER).timestamp()))


def test_nothing_heard_changes_nothing() -> None:
    """An empty batch, or none, tells of no relation."""
    picture = take(CHAIN, load_vocabulary())
    nothing: list[list[tuple[str, str]]] = []
    for batches in (nothing, [*nothing, []]):
        assert hear(picture, batches, 3).heard == picture.heard
