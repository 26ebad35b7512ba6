"""What can be shown of image and compose file without an engine: their own commands, run as they stand."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Any, NamedTuple

import pytest
import yaml
from neo4j import Driver

from tests.neo4j_server.embedded import free_port, version

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
NEO4J, CMDB = SERVICES["neo4j"], SERVICES["cmdb"]
PROGRAMS = Path(sys.executable).parent
UID = "10001"
START_SECONDS, STOP_SECONDS = 60, 10


class Instruction(NamedTuple):
    """A line of the Dockerfile: its keyword and what follows."""

    keyword: str
    rest: str


def stages() -> list[list[Instruction]]:
    """Return the Dockerfile's instructions by stage."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    found: list[list[Instruction]] = []
    for line in filter(None, joined.splitlines()):
        keyword, _, rest = line.partition(" ")
        if keyword == "FROM":
            found.append([])
        found[-1].append(Instruction(keyword, rest.strip()))
    return found


BUILD, IMAGE = stages()


def only(stage: list[Instruction], keyword: str) -> str:
    """Return what follows a keyword that a stage uses once."""
    (rest,) = [one.rest for one in stage if one.keyword == keyword]
    return rest


def image_environment() -> dict[str, str]:
    """Return the variables that the image sets."""
    return dict(pair.split("=", 1) for pair in shlex.split(only(IMAGE, "ENV")))


def image_health_check() -> list[str]:
    """Return the command with which the image asks after its health."""
    command: list[str] = json.loads(only(IMAGE, "HEALTHCHECK").partition(" CMD ")[2])
    return command


def reaches_the_build(path: str) -> bool:
    """Tell whether .dockerignore lets a path through: its last line on it or a folder above decides."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    above = [path, *map(str, PurePosixPath(path).parents)][:-1]
    passes = True
    for line in filter(None, lines):
        pattern = line.removeprefix("!").removeprefix("**/")
        names = [PurePosixPath(name).name for name in above] if "**/" in line else above
        if any(name.count("/") == pattern.count("/") and fnmatchcase(name, pattern) for name in names):
            passes = line.startswith("!")
    return passes


# The compose file


def test_every_variable_is_required() -> None:
    """Nobody starts this with an empty or a well-known password: each variable is refused while empty."""
    used = re.findall(r"\$(\{[^}]*\}|\w+)", COMPOSE_TEXT.replace("$$", ""))
    required = [re.fullmatch(r"\{(\w+):\?.+\}", one) for one in used]

    assert all(required)
    assert {one[1] for one in required if one} == {"CMDB_STORE_PASSWORD", "CMDB_TOKENS"}


def test_the_example_names_every_variable_and_gives_none_away() -> None:
    """Who copies the example sees what to fill in, and cannot start without doing so."""
    text = (ROOT / ".env.example").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]

    assert sorted(lines) == ["CMDB_STORE_PASSWORD=", "CMDB_TOKENS="]


def test_both_services_get_the_same_password() -> None:
    """What Neo4j is told to expect is what the service sends."""
    user, _, password = NEO4J["environment"]["NEO4J_AUTH"].partition("/")

    assert user == CMDB["environment"]["CMDB_STORE_USER"]
    assert password == CMDB["environment"]["CMDB_STORE_PASSWORD"]


@pytest.mark.parametrize(("service", "ports"), [("neo4j", {"7474", "7687"}), ("cmdb", {"8000"})])
def test_nothing_is_published_beyond_loopback(service: str, ports: set[str]) -> None:
    """Only this machine reaches the service, Neo4j's Browser and Bolt."""
    published = [port.rsplit(":", 2) for port in SERVICES[service]["ports"]]

    assert {host for host, _, _ in published} == {"127.0.0.1"}
    assert {port for _, port, _ in published} == ports


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_do_no_more_than_it_must(service: str) -> None:
    """No root, no capabilities, no way to win any, and back after a crash."""
    one = SERVICES[service]

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", one["user"])
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["restart"] == "unless-stopped"
    assert "privileged" not in one


def test_every_volume_is_declared_and_used() -> None:
    """No data lands in a folder of the machine or in a volume without a name."""
    mounted = [volume.split(":") for one in SERVICES.values() for volume in one["volumes"]]

    assert sorted(name for name, _ in mounted) == sorted(COMPOSE["volumes"])
    assert {"/data", "/logs"} == {volume.split(":")[1] for volume in NEO4J["volumes"]}
    assert [only(IMAGE, "VOLUME")] == [volume.split(":")[1] for volume in CMDB["volumes"]]


def test_the_service_waits_for_a_neo4j_that_answers() -> None:
    """It starts when a query was answered, and looks for its store where Neo4j is."""
    kind, question = NEO4J["healthcheck"]["test"]
    address = re.fullmatch(r"bolt://(\w+):(\d+)", CMDB["environment"]["CMDB_STORE"])

    assert kind == "CMD-SHELL"
    assert question.endswith("'RETURN 1'")
    assert CMDB["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert address
    assert address[1] in SERVICES
    assert address[2] in {port.rsplit(":", 1)[1] for port in NEO4J["ports"]}


def test_the_tests_run_against_the_neo4j_that_is_shipped() -> None:
    """A store that passes the tests is tested on this very version."""
    assert NEO4J["image"] == f"neo4j:{version()}-community"


def test_neo4js_memory_is_fixed() -> None:
    """It neither grows with the machine nor pauses to grow."""
    settings = neo4j_settings()

    assert settings["server.memory.heap.initial_size"] == settings["server.memory.heap.max_size"]
    assert "server.memory.pagecache.size" in settings


@pytest.mark.neo4j
def test_neo4j_knows_every_setting_it_is_given(neo4j_driver: Driver) -> None:
    """A wrong name among them, a password's too, and the image would not start."""
    records = neo4j_driver.execute_query("SHOW SETTINGS YIELD name").records

    assert neo4j_settings().keys() - {record["name"] for record in records} == set()


def neo4j_settings() -> dict[str, str]:
    """Return Neo4j's settings as its image reads them from the environment."""
    given = {name: value for name, value in NEO4J["environment"].items() if name != "NEO4J_AUTH"}
    assert all(name.startswith("NEO4J_") for name in given)
    return {
        name.removeprefix("NEO4J_").replace("_", ".").replace("..", "_"): value
        for name, value in given.items()
    }


# What both files must agree on


def test_the_service_writes_only_where_it_may() -> None:
    """The root is read-only; data, cache and scratch folders belong to the user it runs as."""
    folders = dict(entry.partition(":")[::2] for entry in CMDB["tmpfs"])
    environment = image_environment()
    cache = environment["XDG_CACHE_HOME"]
    made = next(one.rest for one in IMAGE if one.keyword == "RUN")

    assert CMDB["read_only"] is True
    assert CMDB["user"] == only(IMAGE, "USER") == f"{UID}:{UID}"
    assert f"useradd --uid {UID} --user-group" in made
    assert f"--owner=cmdb --group=cmdb /data {cache}" in made
    assert environment["NUMBA_CACHE_DIR"].startswith(f"{cache}/")
    assert environment["CMDB_CACHE"].startswith("/data/")  # outlives the container
    assert folders == {"/tmp": "", cache: f"uid={UID},gid={UID},mode=0700"}  # noqa: S108


def test_image_and_compose_file_ask_the_same_after_health() -> None:
    """They are healthy in the same cases, in the same time."""
    check = CMDB["healthcheck"]
    options = only(IMAGE, "HEALTHCHECK").partition(" CMD ")[0]

    assert check["test"] == ["CMD", *image_health_check()]
    assert dict(option.removeprefix("--").split("=") for option in options.split()) == {
        name.replace("_", "-"): str(value) for name, value in check.items() if name != "test"
    }


# The image


def test_both_stages_stand_on_the_same_python() -> None:
    """An environment made by one Python does not run on another."""
    base, _, name = only(BUILD, "FROM").partition(" AS ")

    assert only(IMAGE, "FROM") == base
    assert f"--from={name} /opt/cmdb /opt/cmdb" in [one.rest for one in IMAGE if one.keyword == "COPY"]


def test_what_the_build_fetches_is_pinned_and_hashed() -> None:
    """It installs what the lock files name and nothing besides."""
    runs = " && ".join(one.rest for one in BUILD if one.keyword == "RUN")
    installs = re.findall(r"(?:pip|npm) (?:install|ci)[^&]*", runs)

    assert [install.strip() for install in installs] == [
        "pip install --no-deps --require-hashes --requirement requirements.lock",
        "npm ci --omit=dev",
        "pip install --no-deps --no-build-isolation .",
    ]


@pytest.mark.parametrize(
    "source",
    [
        source
        for one in BUILD
        if one.keyword == "COPY"
        for source in one.rest.split()[:-1]
        if source != "."  # that is what .dockerignore lets through
    ],
)
def test_what_the_image_copies_exists(source: str) -> None:
    """Nothing is renamed or ignored without the image hearing of it."""
    assert (ROOT / source).exists()
    assert reaches_the_build(source)


def test_the_whole_project_reaches_the_build() -> None:
    """Every package and every file that the wheel names is there when it is built."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    files = ["pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]]

    assert [name for name in [*packages, *files] if not reaches_the_build(name)] == []
    assert reaches_the_build("cmdb/stores/sqlite/schema.sql")


@pytest.mark.parametrize(
    "path",
    [
        ".venv",
        "node_modules/htmx.org",
        ".git/config",
        "tests/test_container.py",
        ".env",
        "cmdb.db",
        "api/web/static/vendor",
        "cmdb/__pycache__",
    ],
)
def test_nothing_else_reaches_the_build(path: str) -> None:
    """No secrets, no data, nothing that was made or fetched on another machine."""
    assert not reaches_the_build(path)


# The image's commands, run here


@contextmanager
def running_image(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run what the image runs, with the folders it has at its root in another and its port on loopback."""
    entry, command = (json.loads(only(IMAGE, keyword)) for keyword in ("ENTRYPOINT", "CMD"))
    moved = {"0.0.0.0": "127.0.0.1", only(IMAGE, "EXPOSE"): str(port)}  # noqa: S104  what is moved away
    program, *arguments = [moved.get(word, word) for word in [*entry, *command]]
    environment = {
        name: re.sub(r"(?<=/)/(data|cache)|^/(data|cache)", rf"{folder}/\1\2", value)
        for name, value in image_environment().items()
    }
    (folder / "data").mkdir()
    with subprocess.Popen(
        [PROGRAMS / program, *arguments],
        cwd=folder / "data",
        env={**environment, "PATH": f"{PROGRAMS}:/usr/bin:/bin", "CMDB_TOKENS": "ann=s3cret"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def ready(process: subprocess.Popen[str], port: int) -> Mapping[str, object]:
    """Return what a server answers when asked whether it is ready, once it listens."""
    deadline = monotonic() + START_SECONDS
    while process.poll() is None and monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        with suppress(ConnectionError), closing(connection):
            connection.request("GET", "/health/ready")
            answer: Mapping[str, object] = json.load(connection.getresponse())
            return answer
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    process.kill()
    pytest.fail(f"The image's command does not serve: {process.communicate()[0]}")


def ask_after_health(port: int, **environment: str) -> int:
    """Run the health check's own command against a port; return the code it ends with."""
    program, *arguments = (word.replace("8000", str(port)) for word in image_health_check())
    check = subprocess.run(
        [PROGRAMS / program, *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        check=False,
    )
    return check.returncode


def test_the_images_command_serves(tmp_path: Path) -> None:
    """With nothing but the image's environment and tokens it answers, and keeps its graph in /data."""
    port = free_port()
    with running_image(tmp_path, port) as process:
        answer = ready(process, port)
        healthy = ask_after_health(port)
        behind_a_proxy = ask_after_health(port, http_proxy=f"http://127.0.0.1:{free_port()}")

    assert answer["status"] == "ready"
    assert (tmp_path / "data" / "cmdb.db").exists()
    assert healthy == 0
    assert behind_a_proxy == 0


def test_where_nothing_listens_is_no_health() -> None:
    """An engine takes 1 for unhealthy and knows no other code."""
    assert ask_after_health(free_port()) == 1
