import json

import pytest

from cmdb.observations import End
from cmdb.vocabulary import Vocabulary
from loaders.detect import read
from loaders.source import Source
from tests.loaders.conftest import Read

SHOP = """\
format: 1
items:
  - {key: checkout, class: application_service, name: Checkout, tier: 1, owner: team-shop}
  - key: db-pool
    class: redundancy_group
    needs: 1
    owner: ~
relations:
  - {source: checkout, type: depends_on, target: db-pool, known: declared}
"""


def test_items_and_relations_come_as_written(read_text: Read) -> None:
    """Keys are global, other entries are attributes, and places are lines."""
    seen = read_text(SHOP)
    checkout, pool = seen.items
    assert (checkout.class_name, checkout.source_id, checkout.name) == (
        "application_service",
        "checkout",
        "Checkout",
    )
    assert checkout.attributes == {"tier": 1, "owner": "team-shop"}
    assert checkout.where == "shop.yaml line 3, items[0]"
    assert (pool.name, pool.attributes, pool.where) == (
        None,
        {"needs": 1, "owner": None},
        "shop.yaml line 4, items[1]",
    )
    (relation,) = seen.relations
    assert (relation.source, relation.type, relation.target) == (
        End(None, "checkout"),
        "depends_on",
        End(None, "db-pool"),
    )
    assert relation.attributes == {"known": "declared"}
    assert relation.where == "shop.yaml line 9, relations[0]"
    assert (seen.format, seen.global_keys, seen.all_or_nothing) == ("native", True, True)
    assert seen.rejected == ()


def test_json_says_the_same(vocabulary: Vocabulary) -> None:
    """The same file as JSON gives the same items; places are pointers."""
    data = json.dumps({"items": [{"key": "a", "class": "server"}], "relations": []}).encode()
    (item,) = read(Source("shop.json", data), vocabulary).items
    assert (item.source_id, item.class_name, item.where) == ("a", "server", "shop.json, items[0]")


def test_text_stays_as_written(read_text: Read) -> None:
    """Keys, names, versions and ends of relations are never turned into numbers or truth values."""
    seen = read_text(
        "items: [{key: 010, class: server, name: no, version: 1.10, labels: [1.0, on], cpus: 08}]\n"
        "relations: [{source: 010, type: runs_on, target: 1e3}]"
    )
    (item,), (relation,) = seen.items, seen.relations
    assert (item.source_id, item.name) == ("010", "no")
    assert item.attributes == {"version": "1.10", "labels": ["1.0", "on"], "cpus": 8}
    assert (relation.source.name, relation.target.name) == ("010", "1e3")


@pytest.mark.parametrize("text", ["items:\nrelations:", "relations: []", "items: []\n---\nitems: []"])
def test_lists_may_be_absent_or_empty(read_text: Read, text: str) -> None:
    """A file may hold only items, only relations, or nothing in either."""
    seen = read_text(text)
    assert (seen.items, seen.relations, seen.rejected) == ((), (), ())


def test_several_documents_are_one_file(read_text: Read) -> None:
    """Items of every document count."""
    seen = read_text("items: [{key: a, class: server}]\n---\nitems: [{key: b, class: server}]")
    assert [item.where for item in seen.items] == ["shop.yaml line 1, items[0]", "shop.yaml line 3, items[0]"]


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ("items: {a: 1}", "shop.yaml line 1, items", "“items” is not a list."),
        ("items: 0", "shop.yaml line 1, items", "“items” is not a list."),
        ("items: []\nrelations: x", "shop.yaml line 1, relations", "“relations” is not a list."),
        ("items: []\nitem: []", "shop.yaml line 1, item", "“item” is not known here"),
        ("items: []\nformat: 2", "shop.yaml line 1, format", "Only format 1 can be read, not 2."),
        ("items: []\nformat: true", "shop.yaml line 1, format", "Only format 1 can be read, not True."),
        ("items: []\n---\n- 1", "shop.yaml", "This is not a mapping with the lists"),
        ("items: [web]", "shop.yaml, items[0]", "This is not a mapping."),
        ("items: [~]", "shop.yaml, items[0]", "This is not a mapping."),
        ("items:\n- class: server", "shop.yaml line 2, items[0]", "“key” is missing."),
        ("items:\n- {key: ~, class: server}", "shop.yaml line 2, items[0]", "“key” is missing."),
        ("items:\n- {key: '', class: server}", "shop.yaml line 2, items[0]", "“key” is missing."),
        ("items:\n- {key: [a], class: server}", "shop.yaml line 2, items[0]", "“key” is not text."),
        ("items:\n- {key: a}", "shop.yaml line 2, items[0]", "“class” is missing."),
        (
            "items:\n- {key: a b, class: server}",
            "shop.yaml line 2, items[0]",
            "“a b” cannot be a key: it holds a",
        ),
        (
            "items:\n- {key: -a, class: server}",
            "shop.yaml line 2, items[0]",
            "“-a” cannot be a key: it starts",
        ),
        (
            f"items:\n- {{key: {'a' * 201}, class: server}}",
            "shop.yaml line 2, items[0]",
            f"“{'a' * 60}” cannot be",
        ),
        (
            "items:\n- {key: a, class: server, name: {b: 1}}",
            "shop.yaml line 2, items[0]",
            "“name” is not text.",
        ),
        ("relations:\n- {type: uses, target: b}", "shop.yaml line 2, relations[0]", "“source” is missing."),
        ("relations:\n- {source: a, target: b}", "shop.yaml line 2, relations[0]", "“type” is missing."),
        ("relations:\n- {source: a, type: uses}", "shop.yaml line 2, relations[0]", "“target” is missing."),
        (
            "relations:\n- {source: a, type: uses, target: [b]}",
            "shop.yaml line 2, relations[0]",
            "“target” is not",
        ),
    ],
)
def test_faults_name_place_and_reason(read_text: Read, text: str, where: str, problem: str) -> None:
    """Each structural fault is listed with its place."""
    (fault,) = read_text(text).rejected
    assert fault.pointer == where
    assert fault.detail.startswith(problem)


def test_every_fault_is_listed(read_text: Read) -> None:
    """One reading is enough to repair the whole file."""
    seen = read_text(
        "items: [{}, {key: /, class: [a], name: []}, {key: good, class: server}]\nrelations: [{}, 7]"
    )
    assert [(fault.pointer.rpartition(", ")[2], fault.detail) for fault in seen.rejected] == [
        ("items[0]", "“key” is missing."),
        ("items[0]", "“class” is missing."),
        ("items[1]", "“class” is not text."),
        ("items[1]", "“/” cannot be a key: it holds “/”."),
        ("items[1]", "“name” is not text."),
        ("relations[0]", "“source” is missing."),
        ("relations[0]", "“type” is missing."),
        ("relations[0]", "“target” is missing."),
        ("relations[1]", "This is not a mapping."),
    ]
    assert [item.source_id for item in seen.items] == ["good"]


def test_a_number_is_no_key_in_json(vocabulary: Vocabulary) -> None:
    """JSON says what is text; a number where text belongs is a fault."""
    data = b'{"items": [{"key": 7, "class": "server", "name": 7}]}'
    faults = read(Source("shop.json", data), vocabulary).rejected
    assert [fault.detail for fault in faults] == ["“key” is not text.", "“name” is not text."]


def test_doubles_are_left_to_reconciliation(read_text: Read) -> None:
    """The same key or relation twice is not a question of shape."""
    seen = read_text(
        "items: [{key: a, class: server}, {key: a, class: rack}]\n"
        "relations: [{source: a, type: uses, target: a}, {source: a, type: uses, target: a}]"
    )
    assert (len(seen.items), len(seen.relations), seen.rejected) == (2, 2, ())
