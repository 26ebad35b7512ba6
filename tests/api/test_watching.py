"""What those see who watch over the server: request ids, figures and log lines."""

from __future__ import annotations

import json
import logging

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.server.logs import configure
from api.service import Service
from api.settings import Settings, read_settings
from cmdb.errors import WrongUsage
from tests.api.conftest import ImportText, NewClient

PRIVATE = "very-private-name"


def figures(client: TestClient) -> dict[str, dict[tuple[str, ...], float]]:
    """Return every figure by its name and the values of its labels."""
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_the_graph_is_told_in_figures(
    service: Service, new_client: NewClient, import_text: ImportText
) -> None:
    """Prometheus sees how large the graph is, at which revision, and whether the store is there."""
    import_text(service, "items: [{key: a, class: server}, {key: b, class: server}]")
    found = figures(new_client())
    assert {
        name: found[name][()] for name in ("cmdb_ready", "cmdb_stale", "cmdb_revision", "cmdb_items")
    } == {
        "cmdb_ready": 1,
        "cmdb_stale": 0,
        "cmdb_revision": 1,
        "cmdb_items": 2,
    }


def test_requests_are_counted_by_route_and_status(new_client: NewClient) -> None:
    """Templates of addresses are counted and no values, so that there are only so many."""
    client = new_client()
    for key in (PRIVATE, "other"):
        assert client.get(f"/api/v1/items/{key}").status_code == 404
    client.get(f"/nowhere/{PRIVATE}")
    found = figures(client)
    counted = found["cmdb_http_requests_total"]
    assert counted["GET", "/api/v1/items/{key}", "404"] == 2
    assert counted["GET", "none", "404"] == 1
    assert found["cmdb_http_request_seconds_count"]["/api/v1/items/{key}",] == 2
    assert PRIVATE not in client.get("/metrics").text


def test_a_request_keeps_the_id_it_came_with(new_client: NewClient) -> None:
    """A proxy's id comes back; one that could break a log line is replaced."""
    client = new_client()
    assert client.get("/health/live", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    made = [client.get("/health/live", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"] for _ in "12"]
    assert all(len(one) == 32 for one in made)
    assert made[0] != made[1]


@pytest.mark.parametrize("path", [f"/api/v1/items/{PRIVATE}", f"/nowhere/{PRIVATE}"])
def test_log_lines_tell_a_request_without_its_values(
    path: str, new_client: NewClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each request leaves one line of JSON with its id, and nobody's names."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure("info")
        new_client().get(path, headers={"X-Request-ID": "abc-1"})
    finally:
        root.handlers[:], root.level = handlers, level
    err = capsys.readouterr().err
    ours = [one for one in map(json.loads, err.splitlines()) if one["logger"].startswith("api.")]
    (line,) = ours
    assert {name: line[name] for name in ("level", "message", "method", "status", "request_id")} == {
        "level": "INFO",
        "message": "request",
        "method": "GET",
        "status": 404,
        "request_id": "abc-1",
    }
    assert line["ms"] >= 0
    assert PRIVATE not in repr(ours)


def test_figures_need_a_token_where_everything_does(new_client: NewClient) -> None:
    """How large a graph is, is not for strangers; that the server lives is."""
    client = new_client({"a-token": "somebody"})
    assert client.get("/metrics").status_code == 401
    assert client.get("/health/live").status_code == 200


def test_the_log_level_is_a_setting() -> None:
    """It is read without regard to case, and an unknown one is refused."""
    assert read_settings({"CMDB_LOG_LEVEL": "INFO"}).log_level == "info"
    assert read_settings({}).log_level == Settings(None).log_level == "warning"
    with pytest.raises(WrongUsage, match="CMDB_LOG_LEVEL is “loud”; it can be debug, info, warning, error"):
        read_settings({"CMDB_LOG_LEVEL": "loud"})
