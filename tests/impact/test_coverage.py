"""Coverage: how much of the estate an answer can rest on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cmdb.model import Provenance, Relation, RelationId
from cmdb.values import instant
from cmdb.vocabulary_files import load_vocabulary
from impact.coverage import coverage
from impact.following import take
from impact.hearing import hear
from impact.rules import rules
from impact.wording import coverage_sentence
from tests.impact.pictures import NOON, graph_of

ESTATE = graph_of(
    {
        "shop": {"class": "application_service"},
        "db": {"class": "database"},
        "lost": {"class": "server"},
        "idle-1": {"class": "server"},
        "idle-2": {"class": "server"},
        "new": {"class": "server", "status": "planned"},
        "team": {"class": "team"},
    },
    [("shop", "depends_on", "db"), ("idle-1", "depends_on", "idle-2")],
)


def test_only_live_configuration_items_are_counted() -> None:
    """Teams and planned items are no part of the estate that can be hit."""
    covered = coverage(take(ESTATE, load_vocabulary()), NOON)
    assert (covered.cis, covered.reach_service, len(covered.unmapped)) == (5, 2, 1)


def test_an_item_without_relations_is_named() -> None:
    """What could never be in a blast radius is listed."""
    picture = take(ESTATE, load_vocabulary())
    assert [picture.keys[place] for place in coverage(picture, NOON).unmapped] == ["lost"]


def test_a_relation_is_stale_when_nobody_has_seen_it_for_long() -> None:
    """Writing, seeing and verifying each count as evidence; the newest decides."""
    one, two = RelationId("shop", "depends_on", "db"), RelationId("idle-1", "depends_on", "idle-2")
    old, fresh = (instant(NOON - timedelta(days=days)) for days in (61, 59))
    relations = {
        one: Relation(one, provenance={"type": Provenance("native", old)}),
        two: Relation(two, {"verified_at": fresh}, provenance={"type": Provenance("native", old)}),
    }
    picture = take(replace(ESTATE, relations=relations), load_vocabulary())
    assert coverage(picture, NOON).stale_relations == 1
    assert coverage(hear(picture, [[(one.uid, fresh), (one.uid, old)]], 1), NOON).stale_relations == 0


def test_coverage_reads_as_a_sentence() -> None:
    """The sentence that opens every answer."""
    covered = coverage(take(ESTATE, load_vocabulary()), NOON)
    assert coverage_sentence(covered, rules().evidence.stale_days) == (
        "2 of 5 CIs reach a service, 1 has no relations, all relations are older than 60 days;"
        " no relation verified yet."
    )


def test_an_empty_map_says_so() -> None:
    """No division by nothing."""
    covered = coverage(take(graph_of({}, []), load_vocabulary()), NOON)
    assert coverage_sentence(covered, 60) == "The map holds no live configuration item."
