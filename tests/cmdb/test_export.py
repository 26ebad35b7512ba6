"""The native file of a graph: it is pleasant to read, and importing it gives the same graph."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdb.export import WRITERS, as_json, as_yaml
from cmdb.keys import key_from, wrong_with
from cmdb.model import Graph, RelationId
from cmdb.operations import AddRelation, CreateItem, Operation
from cmdb.stores.sqlite import SqliteStore
from cmdb.values import Kind, instant, normalise
from cmdb.vocabulary import Field, Vocabulary
from cmdb.vocabulary_files import load_vocabulary
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring, commit, content, create, relate

pytestmark = pytest.mark.slow

EXAMPLES = 2_000 if os.environ.get("CMDB_SOAK") else 60
VOCABULARY = load_vocabulary()

WORDS = """
NO no y on true False null Null ~ = << - -- --- ... ? 010 08 0o17 0x1F 1.10 1e3 1_000 +.5 -.5e-7 .inf -.INF
.nan
+1 -0 12:30 12:30:45 2026-11-20 2026-11-20T12:00:00Z 1,024 50% 99999999999999999999 =1+1 -x @SUM +cmd -prod-db
=HYPERLINK(1) %TAG % `a &a *a !a a:b #a {a } [a ] a,b | > ' " '' \\n it's a: </script> \\u0027 📈 a📈 é क्षि
"""
NASTY = [
    *WORDS.split(),
    *("a: b", "a #b", "- a", "+49 30 1234", " lead", "trail ", "  ", "9" * 200, "x" * 5_000, "word " * 1_000),
    *("\n", "two\nlines", "two\n\nlines\n", "\n lead\n", "a\n", "\r", "a\rb", "a\r\nb", "a\n---\nb"),
    *("\t", "\ttab", "tab\t", "a\tb", "%TAG ! x\n%TAG", "$param {{x}}", "\0", "a\0b", "\x1b[31m", "\x7f"),
    *("\x85", "a\x85b", "\x9f", "\xa0", "\u2028", "a\u2029b", "\u200f", "\u200b", "\ufeff", "a\ufeff"),
    *("\ufffe", "\uffff", "\U0010ffff", "\ue000"),
]
"""What other readers of YAML and spreadsheets take for something else, and what cannot be seen."""

TEXTS = st.sampled_from(NASTY) | st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
WHOLE = st.integers(-(2**63), 2**63 - 1)

VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "integer": WHOLE,
    "number": NUMBERS,
    "boolean": st.booleans(),
    "date": st.dates().map(lambda day: day.isoformat()),
    "instant": st.datetimes(timezones=st.just(UTC)).map(instant),
    "duration": st.sampled_from(["PT5M", "P1D", "PT0.5S", "P2W", "P1DT1H"]),
    "needs": st.integers(1, 2**63 - 1) | st.sampled_from(["50%", "0.5%", "100%"]),
    "texts": st.lists(TEXTS, max_size=3),
    "integers": st.lists(WHOLE, max_size=3),
    "numbers": st.lists(NUMBERS, max_size=3),
    "booleans": st.lists(st.booleans(), max_size=3),
}
KEYS = st.text(min_size=1, max_size=8).map(key_from) | st.sampled_from(NASTY).filter(
    lambda text: not wrong_with(text)
)
NAMES = TEXTS.filter(str.strip)


def value_of(field: Field) -> st.SearchStrategy[Any]:
    """Return the values a field may have, in their normal form."""
    values = st.sampled_from(field.one_of) if field.one_of else VALUES[field.type]
    return values.map(lambda value: normalise(field.type, value))


def some(fields: dict[str, Field]) -> st.SearchStrategy[dict[str, Any]]:
    """Return values for some of the fields."""
    return st.lists(st.sampled_from([*fields]), max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: value_of(fields[name]) for name in names})
    )


@st.composite
def graphs(draw: st.DrawFn) -> list[Operation]:
    """Make any items and relations that the vocabulary allows."""
    made: list[Operation] = []
    classes: dict[str, str] = {}
    for number, key in enumerate(draw(st.lists(KEYS, max_size=5, unique=True))):
        uid, class_name = f"uid-{number}", draw(st.sampled_from([*VOCABULARY.classes]))
        values = draw(some(VOCABULARY.item_fields(class_name)))
        core = {"key": key, "class": class_name, "name": draw(NAMES)}
        made.append(CreateItem(uid, {**core, **values}, "test"))
        classes[uid] = class_name
    possible = [
        RelationId(source, type_name, target)
        for source in classes
        for target in classes
        for type_name in VOCABULARY.relations
        if source != target and VOCABULARY.allows(type_name, classes[source], classes[target])
    ]
    chosen = draw(st.lists(st.sampled_from(possible), max_size=5, unique=True)) if possible else []
    return made + [
        AddRelation(one, draw(some(VOCABULARY.relation_fields(one.type))), "test") for one in chosen
    ]


def stored(*operations: Operation) -> Graph:
    """Return the graph that some operations make."""
    with closing(SqliteStore(None, Clock())) as store:
        commit(store, *operations)
        return store.read()


def imported(data: bytes, format: str, vocabulary: Vocabulary = VOCABULARY) -> Graph:
    """Import a file into an empty store, and once more, which must change nothing; return the graph."""
    with closing(SqliteStore(None, Clock())) as store:
        seen = read(Source(f"export.{format}", data), vocabulary)
        bring(store, vocabulary, seen)
        assert bring(store, vocabulary, seen).operations == ()
        return store.read()


@pytest.mark.parametrize("format", WRITERS)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(operations=graphs())
def test_importing_an_export_gives_the_same_graph(format: str, operations: list[Operation]) -> None:
    """Whatever items, values and relations there are, to the last character and kind of number."""
    graph = stored(*operations)
    again = imported(WRITERS[format](graph), format)
    assert content(again) == content(graph)
    assert [WRITERS[format](again), as_json(again)] == [WRITERS[format](graph), as_json(graph)]


@pytest.mark.parametrize("format", WRITERS)
@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_any_text_comes_back_as_it_was(text: str, format: str) -> None:
    """As a name, in a field, in a list, and as a key where it can be one."""
    key = "a" if wrong_with(text) else text
    name = "a" if text.isspace() else text
    made = create("a", key=key, name=name, description=text, labels=[text, "x", text])
    graph = stored(made, create("z", key="z-z"), relate("a", "z", role=text))
    assert content(imported(WRITERS[format](graph), format)) == content(graph)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(operations=graphs())
def test_other_readers_of_yaml_read_the_same(operations: list[Operation]) -> None:
    """Also by the rules of YAML 1.1, where NO is false and 12:30 a number."""
    graph = stored(*operations)
    assert yaml.safe_load(as_yaml(graph)) == orjson.loads(as_json(graph))


@pytest.mark.parametrize(
    "number", [0.1, 1e16, 1e-7, 5e-324, 1.7976931348623157e308, -2.5e-10, 8.0, 123456789.0]
)
@pytest.mark.parametrize("format", WRITERS)
def test_any_number_comes_back_as_it_was(number: float, format: str) -> None:
    """To the last digit, and as a number with a point where it was one."""
    graph = stored(create("a", size_gb=number, **{"class": "database"}))
    value = imported(WRITERS[format](graph), format).item("a").attributes["size_gb"]
    assert isinstance(value, float)
    assert math.isclose(value, number, rel_tol=0)


@pytest.mark.parametrize("format", WRITERS)
def test_what_is_retired_stays_retired(format: str) -> None:
    """An import revives what is listed again; an export says that it is retired."""
    graph = stored(create("old", status="retired"), create("new"), relate("new", "old"))
    again = imported(WRITERS[format](graph), format)
    assert again.item("old").retired
    assert len(again.relations) == 1


def test_yaml_is_pleasant_to_read() -> None:
    """Items stand over several lines in order of their keys, relations on one each, and few quotes."""
    graph = stored(
        create("b", name="Checkout's DB: main", version="1.10", labels=["a", "b c"], tier=1),
        create("a", **{"class": "redundancy_group"}, needs="50%", description="two\nlines"),
        create("z"),
        relate("z", "b"),
        relate("b", "a", role="primary, for now", known="declared"),
    )
    assert as_yaml(graph).decode() == (
        "format: 1\n"
        "items:\n"
        "- key: a\n"
        "  class: redundancy_group\n"
        "  name: a\n"
        '  description: "two\\nlines"\n'
        "  needs: 50%\n"
        "- key: b\n"
        "  class: server\n"
        "  name: 'Checkout''s DB: main'\n"
        "  labels: [a, b c]\n"
        "  tier: 1\n"
        "  version: '1.10'\n"
        "- key: z\n"
        "  class: server\n"
        "  name: z\n"
        "relations:\n"
        "- {source: b, type: depends_on, target: a, known: declared, role: 'primary, for now'}\n"
        "- {source: z, type: depends_on, target: b}\n"
    )


def test_json_is_one_document() -> None:
    """It has the same order, and an end of line at its end."""
    written = as_json(stored(create("b", tier=1), create("a"), relate("b", "a")))
    assert written.endswith(b"\n}\n")
    assert orjson.loads(written) == {
        "format": 1,
        "items": [
            {"key": "a", "class": "server", "name": "a"},
            {"key": "b", "class": "server", "name": "b", "tier": 1},
        ],
        "relations": [{"source": "b", "type": "depends_on", "target": "a"}],
    }


@pytest.mark.parametrize("format", WRITERS)
def test_an_empty_graph_is_an_empty_file(format: str) -> None:
    """It can be imported, and changes nothing."""
    assert imported(WRITERS[format](stored()), format).items == {}


@pytest.mark.parametrize("write", WRITERS.values())
def test_the_same_graph_is_the_same_bytes(write: Callable[[Graph], bytes]) -> None:
    """However it came to be what it is."""
    operations: list[Operation] = [create("a", tier=1, owner="x"), create("b"), relate("a", "b")]
    other: list[Operation] = [
        create("2", key="b", name="b"),
        create("1", key="a", name="a", owner="x", tier=1),
        relate("1", "2"),
    ]
    assert write(stored(*operations)) == write(stored(*other))
