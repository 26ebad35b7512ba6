"""What every store holds unharmed, and what every store refuses, in the same words."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.errors import Rejected
from cmdb.model import RelationId
from cmdb.operations import AddRelation, ChangeItem, ChangePlan, ChangeRelation, CreateItem, Operation, Step
from cmdb.stores.base import Store, Transaction
from cmdb.values import Value
from tests.cmdb.estates import asked, change, commit, create, needs, relate

SOAK = bool(os.environ.get("CMDB_SOAK"))
EXAMPLES = {"file": 50, "memory": 100, "neo4j": 10}

NASTY = [
    "x'}) DETACH DELETE n //",
    "a`) DETACH DELETE (n",
    "'; DROP TABLE items; --",
    "<img src=x onerror=alert(1)></script>",
    "two\nlines\r\nand\ttabs",
    "📈 Ünïcode क्षि",
    "right \u200fto\u202e left",
    "nothing\0after",
    "=HYPERLINK(1)",
    "\x1b[31mred",
    "\\u0027 $param {{x}}",
    "a>b>c",
    "100%3E",
    "",
]


def told(store: Store, text: str) -> tuple[str, object, object]:
    """Have a text kept wherever one can stand; return it as it comes back."""
    uid = f"item-{store.head().revision}{text[:50]}"
    made = create(uid, key=f"{store.head().revision}", name="x" + text, description=text, labels=[text, text])
    wanted = asked(made, AddRelation(RelationId(uid, "uses", uid), {"role": text}, text), id=f"id {uid}")
    done = store.commit(replace(wanted, message=text, result={"said": text}))
    assert store.commit(replace(wanted, message=text)) == done
    version = store.item_history(uid)[-1]
    assert (version.commit.message, done.result["said"]) == (text, text)
    graph = store.read()
    relation = graph.relations[RelationId(uid, "uses", uid)]
    assert (relation.attributes, relation.provenance["role"].source) == ({"role": text}, text)
    item = graph.items[uid]
    return item.name, item.attributes["description"], item.attributes["labels"]


def test_text_comes_back_unharmed(store: Store) -> None:
    """Query language, markup, line breaks, emoji, direction marks and NUL are only text."""
    for text in NASTY:
        assert told(store, text) == ("x" + text, text, [text, text])


def test_any_text_comes_back_unharmed(store: Store, kind: str) -> None:
    """Whatever can be written in Unicode is stored and read as it was."""

    @settings(max_examples=EXAMPLES[kind] * (10 if SOAK else 1), deadline=None)
    @given(text=st.text())
    def check(text: str) -> None:
        assert told(store, text) == ("x" + text, text, [text, text])

    check()


def test_numbers_keep_their_size_and_kind(store: Store) -> None:
    """64-bit integers, floats and truth values come back equal and of the same kind, alone and in lists."""
    values: dict[str, Value] = {
        "big": 2**63 - 1,
        "small": -(2**63),
        "part": 0.1,
        "whole": 3.0,
        "tiny": 5e-324,
        "yes": True,
        "none": [],
        "wholes": [1, 2**63 - 1],
        "parts": [0.5, 2.0],
        "truths": [True, False],
    }
    commit(store, create("a", **values), create("b"), relate("a", "b", **values))
    commit(store, change("a", {}, {"tier": 1}), ChangeRelation(needs("a", "b"), {}, {"tier": 1}, "test"))
    for revision, more in ((1, {}), (2, {"tier": 1})):
        graph = store.read(revision)
        for found in (graph.items["a"].attributes, graph.relations[needs("a", "b")].attributes):
            assert found == {**values, **more}
            assert repr(found) == repr(dict(sorted({**values, **more}.items())))


def test_a_field_may_be_called_as_the_store_calls_its_own(store: Store) -> None:
    """No name that a field can have means anything to the store."""
    fields: dict[str, Value] = {
        name: name for name in ("uid", "version", "since", "until", "provenance", "source", "target", "id")
    }
    more = {**fields, "key": "k", "name": "n"}
    made = CreateItem("a", {"key": "a", "class": "server", "name": "a", **fields}, "test")
    commit(store, made, create("b"), AddRelation(needs("a", "b"), more, "test"))
    commit(store, change("a", {"uid": "uid"}, {"uid": "other"}))
    graph = store.read()
    assert graph.items["a"].attributes == {**fields, "uid": "other"}
    assert graph.relations[needs("a", "b")].attributes == more
    assert store.read(1).items["a"].attributes == fields


def test_words_that_look_alike_are_kept_apart(store: Store) -> None:
    """Names that differ in underscores only, or are as long as can be, are not mixed up."""
    names = ["item", "a_b", "a__b", "ab", "a_b_", "match", "x" * 100]
    commit(store, *(create(f"i{number}", **{"class": name}) for number, name in enumerate(names)))
    commit(store, create("all", **dict.fromkeys(names, 1)))
    ends = [RelationId("i0", name, "i1") for name in names]
    commit(store, *(AddRelation(one, {}, "test") for one in ends))
    graph = store.read()
    assert [graph.items[f"i{number}"].class_name for number in range(len(names))] == names
    assert graph.items["all"].attributes == dict.fromkeys(sorted(names), 1)
    assert graph.relations.keys() == {*ends}
    for before, after in pairwise(names):
        commit(store, ChangeItem("i0", {"class": before}, {"class": after}, "test"))
        assert store.read().items["i0"].class_name == after


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"cpus": 2**63}, "a: cpus cannot be stored: the number does not fit 64 bits."),
    ({"cpus": -(2**63) - 1}, "This cannot be stored: Integer exceeds 64-bit range."),
    ({"size": nan}, "a: size cannot be stored: the number is not finite."),
    ({"size": inf}, "a: size cannot be stored: the number is not finite."),
    ({"labels": ["x", 1]}, "a: labels cannot be stored: a list holds one kind of value."),
    ({"labels": [1, 2.0]}, "a: labels cannot be stored: a list holds one kind of value."),
    ({"labels": [["x"]]}, "a: labels cannot be stored: a list holds no lists and no gaps."),
    ({"labels": [None]}, "a: labels cannot be stored: a list holds no lists and no gaps."),
    ({"labels": [2**63]}, "a: labels cannot be stored: the number does not fit 64 bits."),
    ({"Upper": 1}, "a: “Upper” cannot be stored: names are lower-case words joined by _."),
    ({"two words": 1}, "a: “two words” cannot be stored: names are lower-case words joined by _."),
    ({"_since": 1}, "a: “_since” cannot be stored: names are lower-case words joined by _."),
    ({"x`) DETACH DELETE n //": 1}, "a: “x`) DETACH DELETE n //” cannot be stored: names are lower-case"),
    ({"class": "server`) DELETE n //"}, "a: “server`) DELETE n //” cannot be stored: names are lower-case"),
    ({"class": "Server"}, "a: “Server” cannot be stored: names are lower-case words joined by _."),
    ({"class": "\\u0060"}, "a: “\\u0060” cannot be stored: names are lower-case words joined by _."),
    ({"x" * 101: 1}, f"a: “{'x' * 101}” cannot be stored: names are lower-case words joined by _."),
]


def refused(store: Store, *operations: Operation) -> str:
    """Have operations refused, and nothing written; return the words."""
    before = store.head()
    with pytest.raises(Rejected) as caught:
        commit(store, *operations)
    assert store.head() == before
    return caught.value.detail


def test_what_no_store_could_hold_is_refused(store: Store) -> None:
    """In the same words by every store: for an item, a relation and a step of a plan, new or changed."""
    commit(store, create("a"), create("b"), create("p"), relate("a", "b"))
    for fields, words in REFUSED:
        made = CreateItem("new", {"key": "a2", "class": "server", "name": "x", **fields}, "test")
        assert words.replace("a:", "a2:", 1) in refused(store, made)
        assert words in refused(store, ChangeItem("a", {}, fields, "test"))
        planned = ChangePlan("p", None, Step(ChangeItem("a", {}, fields, "test")))
        assert words.replace("a:", "p, its plan:", 1) in refused(store, planned)
        if "class" not in fields:
            told = words.replace("a:", "a → b, depends_on:", 1)
            assert told in refused(store, ChangeRelation(needs("a", "b"), {}, fields, "test"))


@pytest.mark.parametrize(
    "name", ["DEPENDS_ON", "depends on", "x`]->() DETACH DELETE n //", "\\u0060", "", "_until", "uses>a"]
)
def test_a_relation_type_is_a_lower_case_word(store: Store, name: str) -> None:
    """Anything else is refused, and asking for it finds nothing."""
    commit(store, create("a"), create("b"), relate("a", "b"))
    one = RelationId("a", name, "b")
    assert refused(store, AddRelation(one, {}, "test")).endswith(
        f"“{name}” cannot be stored: names are lower-case words joined by _." if name else "joined by _."
    )
    assert store.read(only=[one]).relations == {}
    assert len(store.read().relations) == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        asked(create("a", description="\ud800")),
        replace(asked(create("a")), message="\udfff"),
        replace(asked(create("a")), result={"said": "\ud800"}),
    ],
    ids=["value", "message", "result"],
)
def test_half_a_character_is_refused(store: Store, spoilt: Transaction) -> None:
    """A lone surrogate, as bad bytes on a command line give, is refused wherever it stands."""
    with pytest.raises(Rejected, match="cannot be stored"):
        store.commit(spoilt)
    assert store.head().revision == 0


def test_a_long_text_is_kept(store: Store) -> None:
    """A description may be as long as a book, and a source may call things by very long names."""
    text = "word " * 200_000
    commit(store, create("a", description=text))
    assert store.read().items["a"].attributes["description"] == text
