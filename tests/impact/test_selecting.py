"""What selections mean in a picture."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import pytest

from cmdb.errors import NotFound
from cmdb.selection import Named, Others, Selection, Walk, parse_selection
from cmdb.selection.tree import Direction
from cmdb.vocabulary_files import load_vocabulary
from impact.following import take
from impact.picture import Picture
from impact.reach import Reach, downstream, upstream
from impact.selecting import part, select
from tests.impact.cases import random_case
from tests.impact.pictures import graph_of, nonsense

VOCABULARY = load_vocabulary()
WAYS: Mapping[Direction, Callable[[Picture, list[int]], Reach]] = {
    "upstream": upstream,
    "downstream": downstream,
}

GRAPH = graph_of(
    {
        "team-a": {"class": "team"},
        "shop": {"class": "application_service", "tier": 1, "owner": "team-a", "name": "Shop"},
        "mail": {"class": "technical_service", "tier": 2, "environment": "production"},
        "db-1": {"class": "database", "owner": "team-a", "status": "maintenance"},
        "db-2": {"class": "database", "status": "retired"},
        "web-1": {"environment": "test", "status": "live"},
        "web-2": {"environment": "production", "name": "Shop front"},
        "power": {"class": "power_feed"},
    },
    [
        ("shop", "depends_on", "db-1"),
        ("shop", "depends_on", "web-1"),
        ("mail", "depends_on", "shop"),
        ("db-1", "runs_on", "web-2"),
        ("web-2", "depends_on", "power"),
        ("shop", "owned_by", "team-a"),
    ],
)


@pytest.fixture(scope="module")
def picture() -> Picture:
    """Return a small shop."""
    return take(GRAPH, VOCABULARY)


def keys(picture: Picture, text: str) -> list[str]:
    """Return the keys of what a selection means."""
    return [picture.keys[place] for place in select(picture, parse_selection(text, VOCABULARY))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shop", "shop"),
        ("class:database", "db-1 db-2"),
        ("class:*_service", "mail shop"),
        ("family:services,data", "db-1 db-2 mail shop"),
        ("tier:1,2", "mail shop"),
        ("tier:none", "db-1 db-2 power team-a web-1 web-2"),
        ("owner:team-a", "db-1 shop"),
        ("owner:team-* and tier:none", "db-1"),
        ("owner:none and class:database", "db-2"),
        ("env:prod*", "mail web-2"),
        ("environment:none and class:server", ""),
        ("status:live", "mail power shop team-a web-1 web-2"),
        ("status:retired,maintenance", "db-1 db-2"),
        ("key:web-*", "web-1 web-2"),
        ("name:shop*", "shop web-2"),
        ("web-2 or shop or web-1 or shop", "shop web-1 web-2"),
        ("class:server and env:test", "web-1"),
        ("class:database and not status:retired", "db-1"),
        ("not (tier:1,2 or key:*-*)", "power"),
        ("upstream shop", "db-1 power shop web-1 web-2"),
        ("upstream shop within 0", "shop"),
        ("upstream shop within 1", "db-1 shop web-1"),
        ("upstream shop within 2", "db-1 shop web-1 web-2"),
        ("upstream(shop) and not shop and class:server", "web-1 web-2"),
        ("downstream power", "db-1 mail power shop web-2"),
        ("downstream power within 2", "db-1 power web-2"),
        ("downstream(class:power_feed or web-1) within 1", "power shop web-1 web-2"),
        ("upstream(db-2)", "db-2"),
        ("downstream(upstream(web-1))", "mail shop web-1"),
    ],
)
def test_selections_mean(text: str, found: str, picture: Picture) -> None:
    """Conditions, sets and walks, in order of the keys."""
    assert keys(picture, text) == found.split()


def test_an_unknown_key_is_not_found(picture: Picture) -> None:
    """It is never taken for nothing."""
    with pytest.raises(NotFound, match="Nothing has the key “nobody”"):
        keys(picture, "shop or nobody")


def test_a_part_of_the_graph(picture: Picture) -> None:
    """It holds its items and the relations among them; those that lead out are named in order."""
    found = part(picture, select(picture, parse_selection("shop or class:database,server", VOCABULARY)))
    assert sorted(found.graph.items) == ["db-1", "db-2", "shop", "web-1", "web-2"]
    assert sorted(one.target for one in found.graph.relations) == ["db-1", "web-1", "web-2"]
    assert [(picture.keys[one.source], picture.keys[one.target]) for one in found.cut] == [
        ("mail", "shop"),
        ("shop", "team-a"),
        ("web-2", "power"),
    ]
    assert found.graph.revision == GRAPH.revision


def test_walks_go_as_far_as_harm_could() -> None:
    """On random graphs in a vocabulary of nonsense a walk is what `depends` and `impact` rest on."""
    for seed in range(50):
        picture = nonsense(random_case(random.Random(seed), 12))
        everything = set(range(len(picture)))
        for place in everything:
            start: Selection = Named(picture.keys[place])
            for direction, way in WAYS.items():
                steps = way(picture, [place])
                walk = Walk(direction, start)
                assert set(select(picture, walk)) == steps.keys()
                assert set(select(picture, Others(walk))) == everything - steps.keys()
                near = {one for one, step in steps.items() if step <= 2}
                assert set(select(picture, Walk(direction, start, 2))) == near
