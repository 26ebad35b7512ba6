"""Problems: every error there is has a status, an exit code, a document and a page."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

import api
import cmdb
import impact
import loaders
from api.problems import OUTCOMES, Outcome, known_problems, outcome, problem, told_of
from cmdb.errors import CmdbError, Fault, NotFound, Rejected, TooLarge
from tests.api.responses import is_problem

PROMISED = {
    "not-found": (404, 1),
    "conflict": (409, 1),
    "stale": (412, 1),
    "version-needed": (428, 1),
    "unreadable": (400, 1),
    "rejected": (422, 1),
    "too-large": (413, 1),
    "takes-too-long": (422, 1),
    "wrong-usage": (422, 2),
    "unavailable": (503, 3),
}


def every_error(kind: type[CmdbError] = CmdbError) -> Iterator[type[CmdbError]]:
    """Yield a class of errors and all below it."""
    yield kind
    for below in kind.__subclasses__():
        yield from every_error(below)


def load_everything() -> None:
    """Import every module, so that no class of errors is missed."""
    for package in (api, cmdb, impact, loaders):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def test_every_error_has_an_outcome_of_its_own() -> None:
    """No class of errors leaves only by its ancestry, and the table names none that is not there."""
    load_everything()
    assert set(every_error()) == set(OUTCOMES)


def test_slugs_tell_problems_apart() -> None:
    """Each kind has its own, and it can stand in an address."""
    slugs = [kind.slug for kind in OUTCOMES]
    assert len(set(slugs)) == len(slugs) == len(known_problems())
    assert all(slug.replace("-", "").isalpha() and slug.islower() for slug in slugs)


@pytest.mark.parametrize("slug", PROMISED)
def test_statuses_and_exit_codes_are_as_promised(slug: str) -> None:
    """Scripts rely on these numbers."""
    assert OUTCOMES[known_problems()[slug]] == PROMISED[slug]


@pytest.mark.parametrize("kind", OUTCOMES)
def test_a_problem_document(kind: type[CmdbError]) -> None:
    """It names its kind, a constant title without a full stop, the status and what happened."""
    document = problem(kind("What happened."))
    assert document == {
        "type": f"/problems/{kind.slug}",
        "title": kind("Something else.").title,
        "status": OUTCOMES[kind].status,
        "detail": "What happened.",
    }
    assert document["title"].strip(". ") == document["title"] != ""


@pytest.mark.parametrize("kind", OUTCOMES)
def test_a_problem_has_a_page(kind: type[CmdbError], client: TestClient) -> None:
    """Its type is an address that says what it means."""
    text = client.get(problem(kind("What happened."))["type"])
    page = client.get(problem(kind("What happened."))["type"], headers={"Accept": "text/html"})
    assert text.headers["Content-Type"].startswith("text/plain")
    assert page.headers["Content-Type"].startswith("text/html")
    assert text.headers["Vary"] == page.headers["Vary"] == "Accept"
    told = told_of(kind)
    for said in (told.slug, told.title, told.meaning, told.advice, str(told.status), str(told.exit_code)):
        assert said in text.text
        assert escape(said) in page.text


def test_a_problem_that_there_is_not(client: TestClient) -> None:
    """It is a problem itself, and says what may be meant."""
    refused = client.get("/problems/stail")
    assert is_problem(refused, 404)
    assert "Did you mean stale?" in refused.json()["detail"]
    assert "There is no problem" in client.get("/problems/none", headers={"Accept": "text/html"}).text


def test_faults_are_listed_with_their_places() -> None:
    """Each fault has a pointer and a detail."""
    document = problem(Rejected("Two faults.", (Fault("line 1", "One."), Fault("line 2", "Two."))))
    assert document["errors"] == [
        {"pointer": "line 1", "detail": "One."},
        {"pointer": "line 2", "detail": "Two."},
    ]


def test_an_error_nobody_listed_leaves_as_its_parent() -> None:
    """A new kind below a known one has an outcome at once."""

    class Lost(NotFound):
        """It was here a minute ago."""

    assert outcome(Lost("Gone.")) == outcome(NotFound("Gone.")) == Outcome(404, 1)
    assert outcome(TooLarge("Much.")).status != outcome(Rejected("Much.")).status
