from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cmdb.observations import Observations
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders import jaeger
from loaders.content import Content
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring


def call(parent: Any, child: Any, number: Any = 1) -> dict[str, Any]:  # noqa: ANN401
    """Make a row as Jaeger writes it."""
    return {"parent": parent, "child": child, "callCount": number}


def seen(*rows: Any, **envelope: Any) -> Observations:  # noqa: ANN401
    """Read rows as the answer of Jaeger."""
    return jaeger.read(Content("calls.json", [{"data": [*rows], **envelope}]))


def calls(found: Observations) -> dict[tuple[str, str], int | None]:
    """Return how often each service calls another."""
    return {(one.source.name, one.target.name): one.attributes.get("calls") for one in found.relations}


def test_the_real_file(real_data: Path, vocabulary: Vocabulary) -> None:
    """The bare list of a real file gives 8 services and 7 relations, callers needing what they call."""
    path = real_data / "jaeger-dependencies" / "small.json"
    found = read(Source(path.name, path.read_bytes()), vocabulary)
    assert found.format == "jaeger"
    assert {item.source_id for item in found.items} == {f"Service{number}" for number in range(1, 9)}
    assert {item.class_name for item in found.items} == {"application_service"}
    assert len(found.relations) == 7
    assert calls(found)["Service2", "Service4"] == 129_216
    assert {(one.type, one.attributes["known"]) for one in found.relations} == {("depends_on", "observed")}
    assert (found.rejected, found.warnings) == ((), ())


def test_an_answer_is_imported(vocabulary: Vocabulary) -> None:
    """An answer of Jaeger arrives whole, circles and islands too, and again changes nothing."""
    rows = [call("a", "b", 2), call("b", "a", 3), call("c", "d", 214_774)]
    text = json.dumps({"data": rows, "total": 3, "limit": 0, "offset": 0, "errors": None})
    store = SqliteStore(None, Clock())
    found = read(Source("calls.json", text.encode()), vocabulary)
    plan = bring(store, vocabulary, found)
    assert (plan.items["added"], plan.relations["added"], plan.rejected) == (4, 3, ())
    assert bring(store, vocabulary, found).operations == ()
    assert {one.attributes["calls"] for one in store.read().relations.values()} == {2, 3, 214_774}
    store.close()


def test_rows_of_one_pair_are_one_relation() -> None:
    """Calls of the same pair are added up; rows without a usable number do not lessen them."""
    found = seen(call("a", "b", 2), call("a", "b", None), call("a", "b", 5), call("b", "a", -1))
    assert calls(found) == {("a", "b"): 7, ("b", "a"): None}
    assert found.relations[0].where == "calls.json, data[0]"


@pytest.mark.parametrize("number", [None, "7", 7.5, -1, True, [7], 2**63])
def test_a_number_that_cannot_be_right_is_left_out(number: object) -> None:
    """The relation stands without it."""
    assert calls(seen(call("a", "b", number))) == {("a", "b"): None}


def test_a_service_does_not_depend_on_itself() -> None:
    """Calls of services to themselves are left out and counted; the services are there."""
    found = seen(call("a", "a"), call("b", "b"), call("b", "b"))
    assert [item.name for item in found.items] == ["a", "b"]
    assert (found.relations, found.rejected) == ((), ())
    assert found.warnings == ("The calls of 2 services to themselves are left out: a and b",)
    assert seen(call("a", "a")).warnings == ("The calls of 1 service to itself are left out: a",)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (call("", "b"), "parent"),
        (call(None, "b"), "parent"),
        (call(7, "b"), "parent"),
        (call("a", " "), "child"),
        ({"parent": "a"}, "child"),
        ([], "parent"),
        ("a", "parent"),
        (None, "parent"),
    ],
)
def test_rows_that_name_nothing_are_listed(row: object, wrong: str) -> None:
    """The other rows are read."""
    found = seen(call("x", "y"), row)
    (fault,) = found.rejected
    assert (fault.pointer, fault.detail) == (
        "calls.json, data[1]",
        f"“{wrong}” is not the name of a service.",
    )
    assert calls(found) == {("x", "y"): 1}


def test_an_answer_that_is_not_complete_is_told() -> None:
    """Where Jaeger could not answer in full, what is missing is not taken for gone."""
    found = seen(call("a", "b"), errors=[{"code": 500, "msg": "storage is slow"}])
    assert [fault.detail for fault in found.rejected] == ["Jaeger says that it could not answer in full."]
    assert calls(found) == {("a", "b"): 1}


@pytest.mark.parametrize("document", [None, 7, "x", [], {}, {"data": {}}, {"data": None}, [[]], [7]])
def test_wrong_shapes_never_break_it(document: object) -> None:
    """Whatever the file holds, nothing is invented."""
    content = Content("calls.json", [document])
    assert not jaeger.recognises(content)
    found = jaeger.read(content)
    assert (found.items, found.relations) == ((), ())


def test_an_answer_without_calls_is_one() -> None:
    """Jaeger answers with an empty list where nothing was traced."""
    empty = {"data": [], "total": 0, "limit": 0, "offset": 0, "errors": None}
    assert jaeger.recognises(Content("calls.json", [empty]))
    assert jaeger.read(Content("calls.json", [empty])).rejected == ()


def test_traces_are_not_claimed() -> None:
    """The other answers of Jaeger have another shape."""
    assert not jaeger.recognises(Content("traces.json", [{"data": [{"traceID": "1", "spans": []}]}]))
