"""Every example of every `--help` is true: it runs on the demo estate as it stands."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.api.test_cli import COMMANDS
from tests.api.test_command import COMMAND, environment

EXAMPLES = {
    example: " ".join(names)
    for names, command in COMMANDS.items()
    for example in re.findall(r"Example: (cmdb .*)", command.help or "")
}
"""Every example, with the command that it is of."""

CATALOGUE = """cat > catalogue.yaml <<'END'
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: return-labels}
spec: {type: service, lifecycle: production, owner: team-shop, dependsOn: [resource:label-printers]}
END
cmdb import catalogue.yaml"""

CHANGE = """cat > restart.yaml <<'END'
title: Restart the payment databases
affects: [{key: db-pay-1, action: restart, minutes: 5}, {key: db-pay-2, action: restart, step: 2, minutes: 5}]
window: {start: 2026-12-05T22:00, end: 2026-12-05T23:00, zone: Europe/Berlin}
END"""
REGISTERED = f"{CHANGE}\ncmdb change new restart.yaml"
LATER = "echo 'window: {start: 2026-12-06T22:00, end: 2026-12-06T23:00}' > later.yaml"

BEFORE = {
    "change new": CHANGE,
    "change edit": f"{REGISTERED}\n{LATER}",
    "change show": REGISTERED,
    "change list": f"{REGISTERED}\ncmdb change submit CHG-1",
    "change submit": REGISTERED,
    "change cancel": REGISTERED,
    "change assess": REGISTERED,
    "change replay": f"{REGISTERED}\ncmdb change assess CHG-1",
    "resolve": CATALOGUE,
    "import": "cmdb export estate.yaml",
    "restore": "cmdb backup cmdb.jsonl.gz",
    "withdraw": "cmdb edit checkout tier=2 --into project:web-shop",
    "unrelate": "cmdb relate checkout depends_on db-orders-1",
}
"""What somebody did before, by command: what its example reads or takes away has to be there."""

SAID = {
    "impact": "go out",
    "explain": "Checkout is out",
    "not-hit": "because",
    "depends": "Payments needs",
    "path": "can reach Checkout",
    "search": "class",
    "change new": "CHG-1 registered, revision",
    "change edit": "CHG-1: window altered",
    "change show": "Sat 05 Dec 2026 22:00 to 23:00 (Europe/Berlin, 1 h)",
    "change list": "db-pay-1 and db-pay-2",
    "change submit": "CHG-1 is submitted",
    "change cancel": "CHG-1 is cancelled",
    "change assess": "Impact: ",
    "change replay": "Worked out again, it is the same to the byte.",
    "undo": "This would undo revision 10",
    "relate": "added",
    "unrelate": "removed",
    "confirm": "confirmed, revision",
    "resolve": "added",
    "assign": "nothing → platform-team",
    "verify": "all as written",
}
"""What its answer holds, where that says that the example is a good one."""


@pytest.fixture
def at_home(demo_file: Path, tmp_path: Path) -> dict[str, str]:
    """Return an environment with a copy of the demo estate as its store."""
    shutil.copy(demo_file, tmp_path / "own.db")
    return environment(tmp_path, CMDB_STORE="sqlite:///own.db") | {"PATH": f"{COMMAND.parent}:/usr/bin:/bin"}


@pytest.mark.slow
@pytest.mark.parametrize("example", [one for one in EXAMPLES if not one.startswith("cmdb serve")])
def test_the_examples_run(example: str, at_home: dict[str, str], tmp_path: Path) -> None:
    """In a shell, as somebody would paste it."""
    name = EXAMPLES[example]
    lines = [BEFORE[name], example] if name in BEFORE else [example]
    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=at_home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert SAID.get(name, "") in done.stdout


@pytest.mark.slow
def test_the_example_of_the_server_serves(at_home: dict[str, str], tmp_path: Path) -> None:
    """On a port that is free here it says where it listens, and answers there."""
    (example,) = [one for one in EXAMPLES if one.startswith("cmdb serve")]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = example.replace("--port 8000", f"--port {port}").split()
    with subprocess.Popen(words, cwd=tmp_path, env=at_home, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline() == f"Serving http://127.0.0.1:{port} until Ctrl-C.\n"
        with urlopen(f"http://127.0.0.1:{port}/health/live") as answer:
            assert answer.status == 200
        serving.terminate()
