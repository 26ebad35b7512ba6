import json
from collections.abc import Iterator
from errno import EPIPE
from pathlib import Path
from socket import SHUT_RDWR
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from neo4j import Driver

from benchmarks.aims import AIMS
from benchmarks.estate import Estate
from benchmarks.ground import Ground, standing_on
from benchmarks.lines import Line, Row, read_lines, written
from benchmarks.measures import MEASURES, Measure
from benchmarks.plot import PANELS, PEERS, draw
from benchmarks.report import PAGE, blocks, filled, kept, merged
from benchmarks.run import main
from benchmarks.serving import ask, connected, served
from benchmarks.timing import Pace
from cmdb.stores.opening import Server

FIELDS = ["measure", "cis", "relations", "ms", "peer", "peer_ms", "ratio"]
FURTHER = {"bytes", "affected", "items", "services", "changes", "p99_ms", "rows_per_second"}
WITH_A_SERVER = {"build_neo4j"}
ONCE = ("--cis", "300", "--repeat", "1")


def bench(*options: str) -> list[Row]:
    """Return what the command prints, line by line."""
    done = CliRunner().invoke(main, [*ONCE, "--json", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where estates are kept."""
    return tmp_path_factory.mktemp("estates")


@pytest.fixture(scope="module")
def rows(folder: Path) -> Iterator[list[Row]]:
    """Return every line of one run, small as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("impact.snapshot.FEW_RELATIONS", 0)
        yield bench("--neo4j", "none", "--folder", str(folder))


@pytest.mark.slow
def test_everything_is_measured(rows: list[Row]) -> None:
    """Every measure that needs no server gives a line, in the order of the table."""
    names = [measure.name for measure in MEASURES if measure.name not in WITH_A_SERVER]
    assert sorted({row["measure"] for row in rows}) == sorted(names)


@pytest.mark.slow
def test_every_line_has_the_same_fields(rows: list[Row]) -> None:
    """A line says what was measured, of what, how long it took, and how long its peer."""
    for row in rows:
        assert list(row)[: len(FIELDS)] == FIELDS
        assert set(row) - set(FIELDS) <= FURTHER
        assert row["cis"] == 300
        assert row["relations"] > 900
        assert row["ms"] is not None or row["bytes"] > 0
        assert (row["peer"] is None) == (row["peer_ms"] is None) == (row["ratio"] is None)
        assert all(value > 0 for value in row.values() if isinstance(value, float))


@pytest.mark.slow
def test_peers_are_told_in_lines_of_their_own(rows: list[Row]) -> None:
    """A sweep stands beside the bare search and two libraries."""
    peers = [row["peer"] for row in rows if row["measure"] == "sweep_groups"]
    assert peers == ["bfs", "networkx", "rustworkx"]
    assert len({(row["measure"], row["peer"]) for row in rows}) == len(rows)


@pytest.mark.slow
def test_a_choice_is_measured_on_what_is_kept(folder: Path, rows: list[Row]) -> None:
    """A second run takes the same estate, and only what is asked for."""
    before = {path.name for path in folder.iterdir()}
    (row,) = bench("--neo4j", "none", "--folder", str(folder), "--only", "search")
    assert (row["measure"], row["relations"]) == ("search", rows[0]["relations"])
    assert {path.name for path in folder.iterdir()} == before


@pytest.mark.slow
def test_people_see_a_table(folder: Path) -> None:
    """Without --json each line is a row."""
    options = ["--neo4j", "none", "--folder", str(folder), "--only", "sweep"]
    done = CliRunner().invoke(main, [*ONCE, *options], catch_exceptions=False)
    assert all(word in done.stdout for word in ("measure", "sweep", "bfs", "300"))


@pytest.mark.slow
def test_a_connection_that_was_idle_is_opened_again(folder: Path, rows: list[Row]) -> None:
    """The server closes one after some seconds, and beside a slow peer the next question comes later."""
    assert rows
    with standing_on(Ground(Estate(300, 0), Pace(), folder, "none")) as ground, served(ground) as port:
        key = ground.picture.keys[ground.roots.typical.place]
        with connected(port) as connection:
            first = ask(connection, key)
            connection.sock.shutdown(SHUT_RDWR)
            assert ask(connection, key) == first


def test_a_connection_that_breaks_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not taken for somebody who does not read on, which would end all without a word."""

    def breaking(_: Ground) -> Iterator[Line]:
        raise BrokenPipeError(EPIPE, "Broken pipe")
        yield

    measure = Measure("search", "", "", breaking)
    monkeypatch.setattr("benchmarks.run.MEASURES", (measure,))
    with pytest.raises(RuntimeError, match="A connection broke"):
        bench("--neo4j", "none", "--folder", str(folder), "--only", "search")


@pytest.mark.neo4j
def test_a_server_that_holds_data_is_left_alone(
    folder: Path, empty_neo4j: Server, neo4j_driver: Driver
) -> None:
    """What is measured fills and empties a server, so nobody's own data may be there."""
    with neo4j_driver.session() as session:
        session.run("CREATE (:Precious)").consume()
        options = ["--neo4j", empty_neo4j.url, "--folder", str(folder), "--only", "http_keys"]
        done = CliRunner().invoke(main, [*ONCE, *options])
        assert (done.exit_code, "holds data" in done.output) == (2, True)
        assert session.run("MATCH (n:Precious) RETURN count(n)").single(strict=True).value() == 1


@pytest.mark.neo4j
def test_cypher_stands_beside_http(folder: Path, empty_neo4j: Server) -> None:
    """Where there is a Neo4j, a picture is made from it, and Cypher is asked what we are."""
    only = ("http_keys", "http_full", "build_neo4j")
    chosen = [word for name in only for word in ("--only", name)]
    found = bench("--neo4j", empty_neo4j.url, "--folder", str(folder), *chosen)
    assert [(row["measure"], row["peer"]) for row in found] == [
        ("build_neo4j", "scan"),
        *[(name, peer) for name in only[:2] for peer in ("cypher_count", "cypher_keys")],
    ]


LINES = [
    Line("sweep", 100, 400, 1.0, "bfs", 0.5, 2.0),
    Line("sweep_groups", 100, 400, 3.0, "bfs", 1.0, 3.0),
    Line("sweep_groups", 100, 400, 3.0, "networkx", 300.0, 0.01),
    Line("delta_1000", 100, 400, 20.0),
    Line("memory_per_relation", 100, 400, None, extra={"bytes": 150.0}),
]


def test_lines_can_be_read_again() -> None:
    """What is written is what is read."""
    assert read_lines(map(written, LINES)) == LINES


def test_new_figures_replace_old_ones() -> None:
    """Those of the same measure and size, with all their peers; others stay."""
    new = [Line("sweep_groups", 100, 401, 1.5, "bfs", 1.0, 1.5), Line("sweep", 1_000, 4_000, 9.0)]
    found = merged(LINES, new)
    assert [(line.measure, line.cis, line.relations) for line in found] == [
        ("memory_per_relation", 100, 400),
        ("delta_1000", 100, 400),
        ("sweep", 100, 400),
        ("sweep_groups", 100, 401),
        ("sweep", 1_000, 4_000),
    ]


def test_the_page_says_which_aims_are_met() -> None:
    """An aim is met up to its limit, and nothing is said of what was not measured."""
    told = blocks(LINES)["aims"]
    assert "| 3.00 times: missed |" in told
    assert "| 20.0 ms: met |" in told
    assert "| 150 bytes: met |" in told
    assert told.count("met") + told.count("missed") == 3


def test_the_page_is_what_its_figures_make_it() -> None:
    """The tables of the page were written from the lines beside it."""
    page = PAGE.read_text("utf-8")
    assert page == filled(page, blocks(kept()))
    assert all(f"| `{measure.name}` |" in page for measure in MEASURES)


def test_the_page_has_figures_for_every_aim() -> None:
    """None of them is left out."""
    lines = kept()
    assert all(any(aim.value(line) is not None for line in lines) for aim in AIMS)


def test_the_plot_shows_what_was_measured() -> None:
    """Every line has its name, and the same figures give the same bytes."""
    plot = draw(LINES)
    assert plot == draw(LINES)
    texts = [element.text for element in ET.fromstring(plot).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314  our own
    assert {"sweep_groups", "(bfs)", "(networkx)", "delta_1000"} <= set(texts)


def test_the_plot_knows_only_what_is_measured() -> None:
    """Its panels name measures there are."""
    names = {measure.name for measure in MEASURES}
    assert {one for panel in PANELS.values() for one in panel} <= names
    assert {one for some in PEERS.values() for one in some} <= names
