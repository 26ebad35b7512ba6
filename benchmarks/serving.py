"""A server as people start it, and clients that ask it over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import sleep

import orjson

from benchmarks.ground import Ground

COMMAND = Path(sys.executable).with_name("cmdb")
HOST = "127.0.0.1"
READY_SECONDS = 120
PATIENCE = 600
"""How many seconds a client waits for an answer."""


def environment(ground: Ground) -> dict[str, str]:
    """The variables under which `cmdb` uses an estate's store and the pictures kept of it.

    Python keeps what it compiled, as it does for people, even where whoever measures has told it not to.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "CMDB_STORE": f"sqlite:///{ground.store_path}", "CMDB_CACHE": str(ground.cache)}


@contextmanager
def served(ground: Ground) -> Iterator[int]:
    """Run `cmdb serve` on an estate's store; yields its port once it can answer."""
    port = _free_port()
    server = subprocess.Popen(  # noqa: S603  our own command
        [COMMAND, "serve", "--port", str(port)], env=environment(ground), stdout=subprocess.DEVNULL
    )
    try:
        _wait_until_ready(server, port)
        yield port
    finally:
        server.terminate()
        server.wait()


@contextmanager
def connected(port: int) -> Iterator[HTTPConnection]:
    """A client's connection, kept open from question to question."""
    with closing(HTTPConnection(HOST, port, timeout=PATIENCE)) as connection:
        yield connection


def ask(connection: HTTPConnection, key: str, fields: Collection[str] | None = None) -> bytes:
    """What an item being out would do: the whole answer as it came.

    Raises
    ------
    RuntimeError
        If the question is refused.
    """
    question = {"causes": [key]} if fields is None else {"causes": [key], "fields": list(fields)}
    try:
        return _answer(connection, orjson.dumps(question))
    except (BrokenPipeError, ConnectionResetError):  # the server closes what was idle for some seconds
        connection.close()
        return _answer(connection, orjson.dumps(question))


def _answer(connection: HTTPConnection, question: bytes) -> bytes:
    connection.request("POST", "/api/v1/impact", question, {"Content-Type": "application/json"})
    with connection.getresponse() as response:
        answer = response.read()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {answer[:200]!r}")
    return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(10 * READY_SECONDS):
        if server.poll() is not None:
            raise RuntimeError(f"cmdb serve ended with {server.returncode} before it was ready")
        try:
            with connected(port) as connection:
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            sleep(0.1)
    raise RuntimeError(f"cmdb serve was not ready after {READY_SECONDS} seconds")
