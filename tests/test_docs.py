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


def run_page(page: str, home: Path, first: str = "") -> str:
    """Run the commands of a page as they stand, in a home of its own; return what they print."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    script = re.sub(r"^(make|alias|cmdb serve).*$", "", blocks, flags=re.MULTILINE)
    (home / "api").symlink_to(ROOT / "api")
    done = subprocess.run(
        ["bash", "-e", "-c", f"{first}\n{script}"],
        cwd=home,
        env={"HOME": str(home), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def test_the_tutorial_can_be_followed(tmp_path: Path) -> None:
    """Its commands run as they stand, and print the sentences it quotes."""
    printed = run_page("tutorial.md", tmp_path, "cmdb demo --no-serve")
    text = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    for quote in re.findall(r"(?:^> .*\n)+", text, re.MULTILINE):
        assert " ".join(re.sub(r"^> ", "", quote, flags=re.MULTILINE).split()) in printed
    assert "at risk T1 Checkout" in printed


def test_looking_back_and_planning_ahead_can_be_followed(tmp_path: Path) -> None:
    """The page's commands run as they stand, and its last one is refused as it says."""
    printed = run_page("how-to/look-back-and-plan-ahead.md", tmp_path)
    assert "key: srv-117 → srv-900" in printed
    assert "Imported into the plan of project:web-shop" in printed
    assert "refused: checkout is at tier 3 now" in printed


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
