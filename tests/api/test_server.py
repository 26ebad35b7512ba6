"""A real server on a real socket: what a test client smooths over."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import quote

import pytest
import uvicorn

from api.server.app import create_app
from api.service import open_service
from api.service.imports import Import
from api.settings import Settings
from cmdb.model import Actor
from loaders.source import Source
from tests.api.conftest import noon

KEYS = ["100%", "%2e%2e", "%41", "what?", "no#1", "größe-日本語", "a;b=c&d", "a\\b"]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Return the port of a server on a store in memory that holds the odd keys."""
    listening = socket.create_server(("127.0.0.1", 0))
    estate = json.dumps({"items": [{"key": key, "class": "database"} for key in KEYS]})
    with open_service(Settings(None), noon) as service:
        service.imports.apply(Import((Source("odd.json", estate.encode()),), Actor("somebody")))
        server = uvicorn.Server(
            uvicorn.Config(create_app(service, Settings(None)), log_level="warning", server_header=False)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def send(port: int, *lines: str, body: bytes = b"") -> HTTPResponse:
    """Send the lines of a request as they are, and return the response."""
    connection = HTTPConnection("127.0.0.1", port)
    method, target = lines[0].split(" ", 1)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for line in lines[1:]:
        connection.putheader(*line.split(": ", 1))
    connection.endheaders()
    connection.send(body)
    return connection.getresponse()


@pytest.mark.parametrize("key", KEYS)
def test_any_key_works_in_an_address(key: str, port: int) -> None:
    """Percent-encoded once, every key that a file may hold finds its item."""
    response = send(port, f"GET /api/v1/items/{quote(key, safe='')}", "Host: localhost", "Connection: close")
    assert json.load(response)["key"] == key


@pytest.mark.parametrize("host", ["Host: localhost.example.com", "Host: [bad", "Host: a/health/", "Host: "])
def test_a_name_of_others_is_refused(host: str, port: int) -> None:
    """Whatever stands in the header, nothing is told to who asks under another name."""
    response = send(port, "GET /api/v1/search", host, "Connection: close")
    assert response.status in {400, 404}
    assert b"100%" not in response.read()


def test_a_body_in_pieces_above_the_limit(port: int) -> None:
    """A body of unannounced length is refused at the limit."""
    piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    response = send(
        port,
        "POST /api/v1/impact",
        "Host: localhost",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
        "Connection: close",
        body=piece + b"1\r\n \r\n0\r\n\r\n",
    )
    assert response.status == 413
    assert json.load(response)["type"] == "/problems/too-large"


def test_the_server_does_not_tell_what_it_is(port: int) -> None:
    """No header names the program and its version."""
    response = send(port, "GET /health/live", "Host: localhost", "Connection: close")
    assert response.headers["Server"] is None
    assert response.read() == b'{"status":"live"}'
