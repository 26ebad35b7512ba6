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

EXAMPLES = [
    example
    for command in COMMANDS.values()
    for example in re.findall(r"Example: (cmdb .*)", command.help or "")
]

CATALOGUE = """cat > catalogue.yaml <<'END'
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: return-labels}
spec: {type: service, lifecycle: production, owner: team-shop, dependsOn: [resource:label-printers]}
END
cmdb import catalogue.yaml"""

BEFORE = {
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
    name = example.split()[1]
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
