"""The installed command, run as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).with_name("cmdb")


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing is set but a home and what is given."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], **more}


def cmdb(*arguments: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_demo_in_an_empty_home(tmp_path: Path) -> None:
    """It prints the answers of the three groups, and the same again the second time."""
    first, second = (cmdb("demo", "--no-serve", home=tmp_path) for _ in range(2))

    assert (first.returncode, first.stderr) == (0, "")
    for said in (
        "Change advisory board: what if",
        "Checkout and Click & collect go out.",
        "Project manager: what threatens",
        "False redundancy: Checkout DB pool",
        "Incident responder: Payments does not answer.",
        "Payments is out: it connects via Rule FW-118.",
    ):
        assert said in first.stdout
    assert "\x1b" not in first.stdout
    assert second.stdout == first.stdout


def test_the_demo_tells_how_to_go_on(tmp_path: Path) -> None:
    """The line it ends with can be pasted into a shell, even from a home with a blank in its name."""
    home = tmp_path / "my home"
    shown = cmdb("demo", "--no-serve", home=home)
    pasted = subprocess.run(
        ["sh", "-c", shown.stdout.splitlines()[-1].removeprefix("Ask more:")],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert pasted.stdout.startswith("Payments and Returns go out.")


def test_the_demo_as_a_document(tmp_path: Path) -> None:
    """With --json everything is one document."""
    document = json.loads(cmdb("demo", "--no-serve", "--json", home=tmp_path).stdout)
    assert document.keys() == {"format", "store", "estate", "board", "manager", "responder"}


def test_a_demo_that_cannot_have_its_file(tmp_path: Path) -> None:
    """A home that is no folder is an unavailable store, not a crash."""
    home = tmp_path / "home"
    home.write_text("")
    ended = cmdb("demo", "--no-serve", home=home)
    assert ended.returncode == 3
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--version"], 0),
        (["--store", "sqlite://", "search", "x"], 0),
        (["--store", "sqlite://", "show", "nobody"], 1),
        (["show", "--frob"], 2),
        (["--store", "sqlite:////", "show", "nobody"], 3),
        (["search", "x"], 3),
    ],
    ids=str,
)
def test_exit_codes(arguments: list[str], code: int, tmp_path: Path) -> None:
    """What a shell sees is what was promised."""
    assert cmdb(*arguments, home=tmp_path).returncode == code


ENGINE = {"numpy", "pydantic", "lark", "rapidfuzz"}
FILES = {"openpyxl", "yaml", "defusedxml", "loaders"}
SERVERS = {"fastapi", "starlette", "uvicorn", "jinja2", "neo4j"}
TERMINAL = {"rich"}
HEAVY = ENGINE | FILES | SERVERS | TERMINAL | {"impact", "numba"}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--help"], set()),
        (["--version"], set()),
        (["frob"], set()),
        (["impact", "--help"], set()),
        (["import", "--help"], ENGINE | {"impact"}),  # which lists the parts of a plan
        (["completion", "bash"], set()),
        (["show", "checkout", "--json"], ENGINE | {"impact"}),
        (["show", "checkout"], ENGINE | TERMINAL | {"impact"}),
        (["impact", "power-f2", "--json"], ENGINE | {"impact"}),
        (["data", "--json"], ENGINE | {"impact"}),
        (["edit", "checkout", "tier=frob", "--json"], ENGINE | {"impact"}),
        (["change", "new", "--help"], set()),
        (["change", "list", "--json"], ENGINE | {"impact", "loaders"}),
        (["verify", "--json"], ENGINE | {"impact"}),
        (["export", "--json"], ENGINE | FILES - {"openpyxl"} | {"impact"}),
    ],
    ids=lambda one: " ".join(sorted(one) if isinstance(one, set) else one),
)
def test_a_command_loads_what_it_needs(
    arguments: list[str], needed: set[str], demo_file: Path, tmp_path: Path
) -> None:
    """Nobody waits for a web framework, a compiler, or readers of files that they do not use."""
    program = (
        "import sys; from api.cli.main import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment(tmp_path, CMDB_STORE=f"sqlite:///{demo_file}"),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = HEAVY & {name.partition(".")[0] for name in ended.stderr.split()}
    assert loaded <= needed


def test_an_import_of_yaml_loads_no_reader_of_workbooks(tmp_path: Path) -> None:
    """Each reader is heavy, and few files are workbooks."""
    file = tmp_path / "a.yaml"
    file.write_text("items: [{key: db-a, class: database}]")
    program = "import sys; from api.cli.main import run; run(sys.argv[1:]); print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program, "import", str(file)],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in ended.stdout.split()}
    assert loaded.isdisjoint(SERVERS | {"openpyxl", "numba"})


@pytest.mark.parametrize("arguments", [["search", "e"], ["search", "e", "--json"], ["--help"]], ids=str)
def test_a_reader_that_went_away_is_no_reason_to_complain(
    arguments: list[str], demo_file: Path, tmp_path: Path
) -> None:
    """As in `cmdb search e | head -1`: whoever reads has enough, and nothing is said about it."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        ended = subprocess.run(
            [COMMAND, *arguments],
            env=environment(tmp_path, CMDB_STORE=f"sqlite:///{demo_file}"),
            stdout=gone,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ended.stderr == b""


@pytest.mark.parametrize("arguments", [["show", "checkout"], ["show", "checkout", "--json"]], ids=str)
def test_output_that_cannot_be_written_is_told(arguments: list[str], demo_file: Path, tmp_path: Path) -> None:
    """A full disk is told in a sentence, and the command does not pass for done."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [COMMAND, *arguments],
            env=environment(tmp_path, CMDB_STORE=f"sqlite:///{demo_file}"),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert "No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_terminal_without_the_glyphs(demo_file: Path, tmp_path: Path) -> None:
    """What cannot be printed is replaced; the words stay."""
    ended = cmdb(
        "impact",
        "power-f2",
        home=tmp_path,
        CMDB_STORE=f"sqlite:///{demo_file}",
        PYTHONIOENCODING="ascii",
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "? out" in ended.stdout


def test_standard_input_is_a_file_too(tmp_path: Path) -> None:
    """`cmdb import -` reads what is piped into it."""
    ended = subprocess.run(
        [COMMAND, "import", "-", "--json"],
        env=environment(tmp_path),
        input=b"items:\n  - {key: db-a, class: database}\n",
        capture_output=True,
        check=True,
    )
    assert json.loads(ended.stdout)["items"]["added"] == 1
