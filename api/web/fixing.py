"""Doing a fix from its row: the row alone comes back, or without scripts the whole page."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.problems import outcome
from api.service import Service
from api.service.fixing import Assignment, Meaning
from api.service.relating import Link
from api.service.undoing import Undo
from api.web.fixes import Row, done_row, now_row, number_in, subject_of
from api.web.rendering import render
from cmdb.errors import CmdbError, NotFound, Rejected, Stale, Unavailable, VersionNeeded, WrongUsage
from cmdb.model import Actor
from cmdb.references import Reference

Document = Mapping[str, Any]
DATA, SERVICES = PAGES = ("/data", "/services")
"""The pages with fixes on them."""


class Page(Protocol):
    """Shows a page with one of its fixes in another state, under a status."""

    def __call__(self, given: Mapping[str, str], special: Row | None, status: int, *, actor: str) -> Response:
        """Show what an address asks for, to whoever acts."""


@dataclass(frozen=True)
class Form:
    """A form as it was sent, and by whom."""

    given: Mapping[str, str]
    actor: Actor

    def get(self, name: str) -> str:
        """One of its fields; empty where it has none."""
        return self.given.get(name, "").strip()

    @property
    def edition(self) -> str | None:
        """Which state was seen."""
        return self.get("version") or None

    @property
    def once(self) -> str | None:
        """Under which it may be sent again."""
        return self.get("once")[:200] or None

    @property
    def place(self) -> int:
        """Where the row stands in its list."""
        return number_in(self.given, "place") or 0


@dataclass(frozen=True)
class FixingPage:
    """Doing fixes over some use cases.

    Attributes
    ----------
    pages
        By path, the pages on which there are fixes.
    """

    service: Service
    pages: Mapping[str, Page]

    async def post(self, request: Request) -> Response:
        """Do what a row's form asks for, or show in the row why not."""
        body = (await request.body()).decode(errors="replace")
        given = {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()}
        form = Form(given, request.scope["state"]["actor"])
        return await run_in_threadpool(self._answer, form, alone="hx-request" in request.headers)

    def _answer(self, form: Form, *, alone: bool) -> Response:
        try:
            document = self._do(form)
        except CmdbError as error:
            return self._refused(form, error, alone=alone)
        if alone:
            row = done_row(self.service, subject_of(form.given), document["revision"], form.place)
            return _row(row, form)
        return RedirectResponse(_back(form, document["revision"]), 303)

    def _do(self, form: Form) -> Document:
        doing = {
            "confirm": lambda: self.service.relating.confirm(self._link(form)),
            "deny": lambda: self.service.relating.unrelate(self._link(form)),
            "assign": lambda: self.service.fixing.assign(_assignment(form)),
            "resolve": lambda: self.service.fixing.resolve(_meaning(form)),
            "undo": lambda: self.service.undoing.undo(_undo(form)),
        }.get(form.get("do"))
        if doing is None:
            raise WrongUsage(f"“{form.get('do')}” is nothing that can be done about a fix.")
        return doing()

    def _link(self, form: Form) -> Link:
        ends = (form.get("source"), form.get("type"), form.get("target"))
        return Link(*ends, form.actor, form.edition, id=form.once)

    def _refused(self, form: Form, error: CmdbError, *, alone: bool) -> Response:
        """The row, alone or on its page, with what was refused, why, and how things are now."""
        status, typed = outcome(error).status, form.get("owner") or form.get("means")
        row = replace(self._as_it_is(form), fault=_fault(error), typed=typed)
        if alone:
            return _row(row, form, status)
        show = self.pages[_target(form).path]
        return show(dict(_query(form)), row, status, actor=form.actor.name)

    def _as_it_is(self, form: Form) -> Row:
        subject, done = subject_of(form.given), number_in(form.given, "revision")
        if form.get("do") == "undo" and done:
            with suppress(NotFound, Unavailable):
                return done_row(self.service, subject, done, form.place)
        return now_row(self.service, subject, form.place)


def _row(row: Row, form: Form, status: int = 200) -> Response:
    return render("parts/fix_row.html", status, row=row, page=form.get("page"), can_save=True)


def _fault(error: CmdbError) -> str:
    """What went wrong, in a sentence."""
    if isinstance(error, Stale | VersionNeeded):
        return "Somebody was faster, and nothing was saved."
    if isinstance(error, Unavailable):
        return "The database cannot be reached. Nothing was saved."
    more = "; ".join(f"{one.pointer}: {one.detail}" for one in error.faults[:3])
    return f"{error.detail} {more}" if more and more not in error.detail else error.detail


def _assignment(form: Form) -> Assignment:
    return Assignment(form.get("key"), _needed(form, "owner"), form.actor, form.edition, id=form.once)


def _meaning(form: Form) -> Meaning:
    said = (form.get("key"), form.get("type"), form.get("refers_to"))
    reference = Reference(*said, back=bool(form.get("back")))
    return Meaning(reference, _needed(form, "means"), form.actor, id=form.once)


def _undo(form: Form) -> Undo:
    return Undo(number_in(form.given, "revision") or 0, form.actor, form.once)


def _needed(form: Form, name: str) -> str:
    if not form.get(name):
        raise Rejected("Nothing was given. Choose one, or type a key.")
    return form.get(name)


def _back(form: Form, revision: int | None) -> str:
    """The page that a form was on, told what was done, at the row that it left."""
    row = Row(subject_of(form.given), "")
    told = [("done", str(revision or 0)), ("place", str(form.place)), *row.subject]
    return f"{_target(form).path}?{urlencode([*_query(form), *told])}#{row.id}"


def _target(form: Form) -> SplitResult:
    """The page that a form was on; the address of another site is none."""
    parts = urlsplit(form.get("page"))
    return parts if not parts.netloc and parts.path in PAGES else urlsplit(DATA)


def _query(form: Form) -> list[tuple[str, str]]:
    """What the page was asked for, without what it said of the fix before."""
    kept = ("select", "fix", "owner", "from", "teams")
    return [(name, values[-1]) for name, values in parse_qs(_target(form).query).items() if name in kept]
