"""The documentation says what the code does."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from api.service import open_service
from api.service.demo import fill
from api.settings import Settings

ROOT = Path(__file__).parent.parent
GENERATED = runpy.run_path(str(ROOT / "docs" / "generate.py"))["pages"]()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_the_reference_is_current(name: str) -> None:
    """Each generated page is what the code would generate now; `make docs` writes it."""
    assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == GENERATED[name]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link in the documentation names a file that exists."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_tutorial_can_be_followed(tmp_path: Path) -> None:
    """Its commands run as they stand, and print the sentences it quotes."""
    text = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    script = re.sub(r"^(make|alias|cmdb serve).*$", "", blocks, flags=re.MULTILINE)
    (tmp_path / "api").symlink_to(ROOT / "api")
    done = subprocess.run(
        ["bash", "-e", "-c", f"cmdb demo --no-serve\n{script}"],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = " ".join(done.stdout.split())
    for quote in re.findall(r"(?:^> .*\n)+", text, re.MULTILINE):
        assert " ".join(re.sub(r"^> ", "", quote, flags=re.MULTILINE).split()) in printed
    assert "at risk T1 Checkout" in printed


@pytest.mark.parametrize(
    ("cause", "key", "verdict"),
    re.findall(
        r"^cmdb explain (\S+) (\S+) +# ([a-z ]+):",
        (ROOT / "docs" / "tutorial.md").read_text("utf-8"),
        re.MULTILINE,
    ),
)
def test_the_tutorials_verdicts_are_true(cause: str, key: str, verdict: str) -> None:
    """What a comment says a command answers is what it answers."""
    with open_service(Settings(store=None)) as service:
        fill(service)
        assert service.impact.explain({cause: "out"}, key)["verdict"] == verdict.replace(" ", "_")
