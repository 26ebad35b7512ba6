"""Files that other people's tools wrote, imported as their users would."""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

import loaders.detect
from api.service import Service, open_service
from api.service.imports import Import
from api.settings import Settings
from cmdb.canonical import digest
from cmdb.export import as_json
from cmdb.model import Actor
from cmdb.stores.opening import Server
from loaders.content import Content
from loaders.content import understood as really_understood
from loaders.safe import Element
from loaders.source import Source
from tests.api.conftest import noon
from tests.loaders.real_files import real_files

pytestmark = pytest.mark.slow

TOLD = tomllib.loads((Path(__file__).parents[2] / "docs" / "real-files.toml").read_text("utf-8"))
FORMATS = [name for name, told in TOLD.items() if "files" in told]
SHUFFLES = 20 if os.environ.get("CMDB_SOAK") else 4


def bring(service: Service, sources: Sequence[Source]) -> Any:  # noqa: ANN401 - a document
    """Import files at once."""
    return service.imports.apply(Import(tuple(sources), Actor("somebody")))


def graph_digest(service: Service) -> str:
    """Return what stands for everything in the graph, whatever the order it came in."""
    return digest(as_json(service.workspace.store.read()))


@pytest.mark.parametrize("format", FORMATS)
def test_the_page_of_formats_tells_what_real_files_bring(
    format: str, real_data: Path, service: Service
) -> None:
    """Every item and relation is counted; a second import changes nothing."""
    sources = real_files(format, real_data)
    done = bring(service, sources)
    graph = service.workspace.store.read()
    assert {
        "items": dict(Counter(item.class_name for item in graph.items.values())),
        "relations": len(graph.relations),
        "unresolved": len(done["unresolved"]),
    } == {name: TOLD[format][name] for name in ("items", "relations", "unresolved")}
    assert done["rejected"] == []
    again = bring(service, sources)
    assert (again["revision"], again["changes"]) == (None, 0)


@pytest.mark.parametrize("format", FORMATS)
def test_the_order_of_records_does_not_matter(
    format: str, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a tool sorts its export, the graph is the same."""
    sources = real_files(format, real_data)
    rng, digests = Random(format), set()
    for round_ in range(SHUFFLES):
        if round_:
            monkeypatch.setattr(loaders.detect, "understood", shuffling(rng))
            rng.shuffle(sources)
        with open_service(Settings(None), noon) as service:
            bring(service, sources)
            digests.add(graph_digest(service))
    assert len(digests) == 1


def test_all_formats_share_one_graph(all_in_one: Service, real_data: Path) -> None:
    """Imported one after the other and then again, nothing is lost and nothing changes any more."""
    everything = [real_files(name, real_data) for name in FORMATS]
    for sources in everything:
        bring(all_in_one, sources)
    graph = all_in_one.workspace.store.read()
    wanted = Counter[str]()
    for name in FORMATS:
        wanted.update(TOLD[name]["items"])
    assert Counter(item.class_name for item in graph.items.values()) == wanted
    assert len(graph.relations) == sum(TOLD[name]["relations"] for name in FORMATS)
    for sources in everything:
        again = bring(all_in_one, sources)
        assert (again["revision"], again["changes"]) == (None, 0)
    assert all_in_one.proof.verify()["intact"] is True


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def all_in_one(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """Yield use cases on an empty store of each kind."""
    store: Path | Server = tmp_path / "all.db"
    if request.param == "neo4j":
        store = request.getfixturevalue("empty_neo4j")
    with open_service(Settings(store), noon) as service:
        yield service


def shuffling(rng: Random) -> Callable[[Source, frozenset[str]], Content]:
    """Return a way to understand a file that puts its records into another order."""

    def understood(source: Source, *rest: Any) -> Content:  # noqa: ANN401 - passed on as it came
        content = really_understood(source, *rest)
        documents = [_shuffled(one, rng) for one in content.documents]
        rng.shuffle(documents)
        root = None if content.root is None else _shuffled_element(content.root, rng)
        return replace(content, documents=documents, root=root)

    return understood


def _shuffled(document: Any, rng: Random) -> Any:  # noqa: ANN401 - a document holds anything
    if isinstance(document, list):
        return rng.sample(document, len(document))
    if not isinstance(document, dict):
        return document
    mixed = copy(document)
    for key, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            mixed[key] = rng.sample(value, len(value))
    return mixed


def _shuffled_element(root: Element, rng: Random) -> Element:
    mixed = copy(root)
    mixed.children = rng.sample(root.children, len(root.children))
    return mixed
