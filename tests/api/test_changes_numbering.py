"""Numbers of changes: whoever registers at once, by threads, stores or processes, gets another one."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from api.service import open_service
from api.settings import Settings
from cmdb.stores.opening import Location, Server
from tests.api.conftest import noon
from tests.api.registering import GROWING, ROLLING, fill, register
from tests.api.test_command import COMMAND, environment

EACH = 3
"""How many changes each registers."""


@pytest.fixture(params=["file", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """Return where the pool of databases is kept, for each kind of store."""
    found: Location = tmp_path / "own.db"
    if request.param == "neo4j":
        found = request.getfixturevalue("empty_neo4j")
    with open_service(Settings(found), noon) as service:
        fill(service)
    return found


def numbers(keys: list[str]) -> list[int]:
    """Return the numbers in keys, in order."""
    return sorted(int(key.removeprefix("CHG-")) for key in keys)


def test_threads_on_two_stores_never_get_one_number(place: Location) -> None:
    """Each number is given once and none is left out, with plans and without."""
    with ExitStack() as opened:
        services = [opened.enter_context(open_service(Settings(place), noon)) for _ in "12"]

        def work(number: int) -> list[str]:
            said = GROWING if number % 4 == 0 else ROLLING
            return [register(services[number % 2], said)["key"] for _ in range(EACH)]

        with ThreadPoolExecutor(8) as threads:
            keys = [key for some in threads.map(work, range(8)) for key in some]
        assert numbers(keys) == [*range(1, 8 * EACH + 1)]
        assert services[0].changes.list()["total"] == 8 * EACH


@pytest.mark.slow
def test_processes_never_get_one_number(place: Location, tmp_path: Path) -> None:
    """Several people at their own terminals at once."""
    (tmp_path / "change.json").write_text(json.dumps(ROLLING))
    home = environment(tmp_path, **_store(place))
    command: list[Any] = [COMMAND, "change", "new", tmp_path / "change.json", "--json"]
    running = [
        subprocess.Popen(command, env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = [one.communicate() for one in running]
    assert [error for _, error in answers] == [""] * 4
    assert numbers([json.loads(out)["key"] for out, _ in answers]) == [1, 2, 3, 4]


def _store(place: Location) -> dict[str, str]:
    if not isinstance(place, Server):
        return {"CMDB_STORE": f"sqlite:///{place}"}
    signed_in = {"CMDB_STORE_USER": place.user, "CMDB_STORE_PASSWORD": place.password or ""}
    return {"CMDB_STORE": place.url, **signed_in}
