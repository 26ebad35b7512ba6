"""What must hold before anything is installed: lock files, recipes, folders."""

import json
import re
from pathlib import Path

import pytest

from tests.fixtures.presence import absent

ROOT = Path(__file__).parents[1]
PYTHON_LOCKS = ["requirements.lock", "requirements-dev.lock"]
TOP_LEVEL = [
    "README.md",
    "api",
    "cmdb",
    "docker-compose.yml",
    "impact",
    "loaders",
    "pyproject.toml",
    "tests",
]


def requirements(lock: str) -> dict[str, str]:
    """Return each pinned requirement of a lock with what stands behind it, hashes included."""
    joined = (ROOT / lock).read_text().replace("\\\n", " ")
    pinned = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    return {line.split(" --hash")[0].strip(): line for line in pinned}


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_a_python_lock_names_no_host(lock: str) -> None:
    """Whoever installs decides from where."""
    text = (ROOT / lock).read_text()

    assert [mark for mark in ("://", "pypi", "index-url", "find-links") if mark in text] == []


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_every_python_requirement_is_pinned_and_hashed(lock: str) -> None:
    """A changed file in a registry is refused."""
    pinned = requirements(lock)

    assert pinned
    assert [name for name in pinned if "==" not in name] == []
    assert [name for name, line in pinned.items() if "--hash=sha256:" not in line] == []


def test_the_developing_lock_repeats_the_running_lock() -> None:
    """Setting up for one purpose never changes what the other installed."""
    running, developing = map(requirements, PYTHON_LOCKS)

    assert running.keys() - developing.keys() == set()


def test_the_npm_lock_names_no_registry_and_hashes_every_package() -> None:
    """Whoever installs decides from where; a changed package is refused."""
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    assert "npmjs" not in json.dumps(lock)


def test_what_only_tests_need_is_never_served() -> None:
    """The tool that judges pages stays in the folder of packages."""
    package = json.loads((ROOT / "package.json").read_text())

    assert package["devDependencies"].keys().isdisjoint(package["dependencies"])
    assert [name for name in package["devDependencies"] if name in package["scripts"]["assets"]] == []


def test_every_recipe_the_readme_names_exists() -> None:
    """The README's two commands and all others can be typed as they stand."""
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", (ROOT / "README.md").read_text()))
    recipes = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert named >= {"demo", "test"}
    assert named - recipes == set()


def test_the_top_level_is_complete() -> None:
    """A newcomer finds every part where the README says it is."""
    assert [name for name in TOP_LEVEL if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_what_a_test_lacks_is_a_failure_only_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    """A person may do without a browser or a server; CI may not."""
    monkeypatch.setenv("CI", ci)

    with pytest.raises(outcome, match="no browser"):
        absent("no browser")
