"""What a shell is offered where somebody has begun to type, and the scripts that ask for it."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from api.cli.kinds import MOST
from api.service import Service, open_service
from api.settings import Settings
from tests.api.conftest import ImportText
from tests.api.test_command import COMMAND, cmdb, environment

pytestmark = pytest.mark.slow

SHELLS = ("bash", "zsh", "fish")

Offered = Callable[..., list[tuple[str, ...]]]


@pytest.fixture
def offered(demo_file: Path, tmp_path: Path) -> Offered:
    """Return a function that tells what could stand at the end of a line, as a shell would ask."""

    def ask(line: str, shell: str = "fish", **more: str) -> list[tuple[str, ...]]:
        store = {"CMDB_STORE": f"sqlite:///{demo_file}", **more}
        done = cmdb(home=tmp_path, CMDB_LINE=line, _CMDB_COMPLETE=f"{shell}_complete", **store)
        assert (done.returncode, done.stderr) == (0, "")
        return [tuple(entry.split("\t")) for entry in done.stdout.splitlines() if entry]

    return ask


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("cmdb im", ["impact", "import"]),
        ("cmdb impact --st", ["--state", "--store"]),
        ("cmdb impact --state d", ["degraded"]),
        ("cmdb data --fix re", ["relation", "reference"]),
        ("cmdb export --format ", ["yaml", "json"]),
        ("cmdb completion ", list(SHELLS)),
        ("cmdb show db-pay", ["db-pay-1", "db-pay-2", "db-pay-3"]),
        ("cmdb explain power-f2 checkout-d", ["checkout-db-pool"]),
        ("cmdb impact power-f1 power-f", ["power-f1", "power-f2"]),
        ("cmdb edit db-pay-", ["db-pay-1", "db-pay-2", "db-pay-3"]),
        ("cmdb services --owner team-s", ["team-shop"]),
        ("cmdb show x --view l", ["live", "live+project:", "live+deliverable:", "live+change:"]),
        ("cmdb show x --view @1+pro", ["@1+project:"]),
        ("cmdb show x --view=live+project:web", ["live+project:web-shop"]),
        ("cmdb diff live live+project:w", ["live+project:web-shop"]),
        ("cmdb change can", ["cancel"]),
        ("cmdb change show ", []),
        ("cmdb withdraw project:w", ["project:web-shop"]),
        ("cmdb relate checkout --into project:w", ["project:web-shop"]),
        ("cmdb --store sqlite:///nowhere.db show db-pay", []),
        ("cmdb show nothing-begins-so", []),
        ("cmdb show 'db-pay", ["db-pay-1", "db-pay-2", "db-pay-3"]),
        ("", None),
    ],
)
def test_what_is_offered(line: str, values: list[str] | None, offered: Offered) -> None:
    """Commands, options, choices, views, plans and the keys in the store, as far as they begin alike."""
    found = [entry[1] for entry in offered(line)]
    assert found == values if values is not None else "impact" in found


def test_files_are_left_to_the_shell(offered: Offered) -> None:
    """Which files there are, a shell knows best."""
    assert [entry[0] for entry in offered("cmdb import ")] == ["file"]


def test_keys_come_with_the_names_of_what_has_them(offered: Offered) -> None:
    """A shell that has room shows what is what; what more has to follow is marked."""
    assert offered("cmdb show checkout-d", "zsh") == [("plain", "checkout-db-pool", "Checkout DB pool")]
    assert offered("cmdb show x --view live+p", "zsh")[0][:2] == ("prefix", "live+project:")


def test_bash_replaces_only_what_stands_behind_the_last_cut(offered: Offered) -> None:
    """It cuts words at colons, so that a key with colons comes in pieces."""
    line = "cmdb show x --view live+project:web"
    assert offered(line, "bash", CMDB_WORD="web") == [("plain", "web-shop", "")]
    assert offered("cmdb show x --view=l", "bash", CMDB_WORD="l")[0] == ("plain", "live", "")


def test_many_keys_are_not_all_offered(tmp_path: Path, import_text: ImportText, offered: Offered) -> None:
    """A list that nobody reads is cut; a key that a shell would take apart is quoted."""
    path = tmp_path / "many.db"
    rows = "\n".join(f"  - {{key: srv-{n:03}, class: server}}" for n in range(MOST * 2))
    with open_service(Settings(path)) as service:
        import_text(service, f'items:\n{rows}\n  - {{key: "odd\'$(key)", class: server}}\n')
    store = f"sqlite:///{path}"
    assert len(offered("cmdb show srv", CMDB_STORE=store)) == MOST
    assert offered("cmdb show odd", "bash", CMDB_STORE=store, CMDB_WORD="odd") == [
        ("plain", "'odd'\"'\"'$(key)'", "")
    ]


@pytest.mark.parametrize("store", ["sqlite:///folder/none.db", "sqlite://", "bolt://127.0.0.1:1", "nonsense"])
def test_without_a_store_nothing_is_offered_and_none_is_made(
    store: str, offered: Offered, tmp_path: Path
) -> None:
    """Whoever types is told nothing, and no file appears."""
    assert offered("cmdb show a", CMDB_STORE=store) == []
    assert not list(tmp_path.rglob("*.db"))


def test_completing_is_cheap(demo_file: Path, tmp_path: Path) -> None:
    """Neither the engine nor what reads files is loaded to offer a key."""
    program = (
        "import sys\nfrom api.cli.main import run\n"
        "try: run([])\nexcept SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    asked = {"CMDB_LINE": "cmdb show che", "_CMDB_COMPLETE": "fish_complete"}
    done = subprocess.run(
        [COMMAND.with_name("python"), "-c", program],
        env=environment(tmp_path, CMDB_STORE=f"sqlite:///{demo_file}", **asked),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "checkout" in done.stdout
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert loaded.isdisjoint({"numpy", "pydantic", "lark", "yaml", "rich", "impact", "loaders", "neo4j"})


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_as_a_document(shell: str, tmp_path: Path) -> None:
    """With --json it is in a document; without, it is all that is printed."""
    document = json.loads(cmdb("completion", shell, "--json", home=tmp_path).stdout)
    assert document["shell"] == shell
    assert document["script"] == cmdb("completion", shell, home=tmp_path).stdout
    assert str(COMMAND) in document["script"]


def typed(program: list[str], lines: list[str], environment: dict[str, str]) -> str:
    """Type lines into a program on a terminal of its own, and return all that it showed."""
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(program[0], program, environment)  # noqa: S606  the shell is what is tried
    os.write(terminal, "".join(lines).encode())
    shown = b""
    with suppress(OSError):  # how a terminal says that the program has ended
        while part := os.read(terminal, 65536):
            shown += part
    os.close(terminal)
    os.waitpid(process, 0)
    return shown.decode(errors="replace")


START = {
    "bash": (["bash", "--norc", "-i"], []),
    "zsh": (["zsh", "-f", "-i"], ["autoload -U compinit; compinit -u\n"]),
}


@pytest.mark.parametrize("shell", START)
def test_a_person_presses_tab(shell: str, demo_file: Path, tmp_path: Path, demo: Service) -> None:
    """In a real shell on a terminal, keys and plans are typed to their end."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    program, first = START[shell]
    set_up = [*first, f'eval "$({COMMAND} completion {shell})"\n', f'cmdb() {{ {COMMAND} "$@"; }}\n']
    lines = ["cmdb show --view live+project:w\t checkout-d\t\n", "exit\n"]
    told = environment(tmp_path, CMDB_STORE=f"sqlite:///{demo_file}", TERM="xterm", PS1="$ ")
    shown = typed(program, [*set_up, *lines], told)
    assert demo.items.show("checkout-db-pool")["name"] in shown
    assert "redundancy group" in shown


def test_fish_asks_for_completions(demo_file: Path, tmp_path: Path) -> None:
    """Its script, loaded by fish itself, offers keys with names."""
    if shutil.which("fish") is None:
        pytest.skip("no fish here")
    script = f'{COMMAND} completion fish | source; complete -C "cmdb show checkout-d"'
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        env=environment(tmp_path, CMDB_STORE=f"sqlite:///{demo_file}"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "checkout-db-pool\tCheckout DB pool\n"
