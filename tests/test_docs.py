"""The documentation says what the code does."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.service import Service, open_service
from api.service.demo import fill
from api.settings import Settings
from cmdb import selection as selection_words
from cmdb.selection import FIELDS
from cmdb.selection.tree import WORDS

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


@pytest.fixture(scope="module")
def demo() -> Iterator[Service]:
    """Return the use cases on the demo estate; nobody may write to it."""
    with open_service(Settings(store=None)) as service:
        fill(service)
        yield service


FILL = "cmdb demo --no-serve; export CMDB_STORE=sqlite:///$HOME/.local/share/cmdb/demo.db"


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


@pytest.mark.slow
def test_the_tutorial_can_be_followed(tmp_path: Path) -> None:
    """Its commands run as they stand, and print the sentences it quotes."""
    printed = run_page("tutorial.md", tmp_path, "cmdb demo --no-serve")
    text = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    for quote in re.findall(r"(?:^> .*\n)+", text, re.MULTILINE):
        assert " ".join(re.sub(r"^> ", "", quote, flags=re.MULTILINE).split()) in printed
    assert "at risk T1 Checkout" in printed


@pytest.mark.slow
def test_looking_back_and_planning_ahead_can_be_followed(tmp_path: Path) -> None:
    """The page's commands run as they stand, and its last one is refused as it says."""
    printed = run_page("how-to/look-back-and-plan-ahead.md", tmp_path)
    assert "key: srv-117 → srv-900" in printed
    assert "Imported into the plan of project:web-shop" in printed
    assert "refused: checkout is at tier 3 now" in printed
    assert "refused: somebody was faster" in printed
    assert "removal of the relation planned, in the plan of project:web-shop" in printed


@pytest.mark.slow
def test_registering_a_change_can_be_followed(tmp_path: Path) -> None:
    """The page's commands run as they stand, and what it says is refused is refused."""
    printed = run_page("how-to/register-a-change.md", tmp_path)
    assert "Planned: Sat 05 Dec 2026 22:00 to 23:30 (Europe/Berlin, 1 h 30 min)" in printed
    assert "refused: it is frozen" in printed
    assert "CHG-1 is cancelled" in printed
    assert "CHG-812 closed normal Sat 07 Mar 2026 22:00 to 23:10" in printed


SELECTIONS = (ROOT / "docs" / "reference" / "selections.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("selection", "found"), re.findall(r"^\| `(.+?)` \| .+? \| (.+?) \|$", SELECTIONS, re.MULTILINE)
)
def test_the_selections_of_the_reference_are_true(selection: str, found: str, demo: Service) -> None:
    """What the page says that a selection means in the demo estate is what it means."""
    rows = demo.items.search("", select=selection, limit=500)["items"]
    keys = sorted(row["key"] for row in rows)
    assert found == (f"{len(keys)} items" if " items" in found else ", ".join(f"`{key}`" for key in keys))


def test_the_selections_of_the_reference_are_complete() -> None:
    """The page has every field with its meaning, the grammar, and every word of it."""
    described = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", SELECTIONS, re.MULTILINE))
    assert described == {name: field.describe for name, field in FIELDS.items()}
    grammar = (selection_words.__doc__ or "").split("\n\n")[1]
    assert grammar in SELECTIONS
    assert all(f"`{word}`" in SELECTIONS for word in WORDS)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["reference/selections.md", "how-to/ask-about-many-items.md"])
def test_the_commands_of_the_pages_on_selections_run(page: str, tmp_path: Path) -> None:
    """They run as they stand."""
    assert "fail together." in run_page(page, tmp_path, FILL)


@pytest.mark.slow
def test_telling_how_likely_can_be_followed(tmp_path: Path) -> None:
    """The page's commands run as they stand, and say what the page says."""
    printed = run_page("how-to/tell-how-likely.md", tmp_path, FILL)
    assert "Checkout is out at least 0.0" in printed
    assert "items are not shown" in printed
    assert "With db-pay-1 out, Payments is out" in printed
    assert "1,000,000 draws" in printed


@pytest.mark.parametrize(
    ("cause", "key", "verdict"),
    re.findall(
        r"^cmdb explain (\S+) (\S+) +# ([a-z ]+):",
        (ROOT / "docs" / "tutorial.md").read_text("utf-8"),
        re.MULTILINE,
    ),
)
def test_the_tutorials_verdicts_are_true(cause: str, key: str, verdict: str, demo: Service) -> None:
    """What a comment says a command answers is what it answers."""
    assert demo.impact.explain({cause: "out"}, key)["verdict"] == verdict.replace(" ", "_")
