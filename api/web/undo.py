"""The page on which a revision is taken back: what that would do, what stands in its way, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.problems import problem
from api.service import Service
from api.service.showing import STEPS
from api.service.undoing import Undo
from api.web.acting import actor_of
from api.web.plan_rows import ROWS, Rows, beside, current, summary, tabs
from api.web.question import start_of
from api.web.rendering import render
from cmdb.errors import Conflict

Document = Mapping[str, Any]

LONGEST_ID = 200
"""How many characters of the id under which an undoing is done once are taken."""


@dataclass(frozen=True)
class UndoPages:
    """Undoing over some use cases."""

    service: Service

    def page(self, revision: int, request: Request) -> Response:
        """Show what undoing a revision would do, or with `as` what it did."""
        by = start_of(request.query_params, "as")
        if by:
            document = self.service.undoing.told(revision, by)
            return render("undone.html", document=document, told=summary(document, done=True))
        try:
            document = self.service.undoing.plan(Undo(revision, actor_of(request)))
        except Conflict as error:
            return _refused(revision, error)
        return self._plan(document, request)

    async def undo(self, revision: int, request: Request) -> Response:
        """Take a revision back."""
        async with request.form(max_files=0, max_fields=2) as form:
            once = str(form.get("id", ""))[:LONGEST_ID] or None
        return await run_in_threadpool(self._undo, Undo(revision, actor_of(request), once))

    def _undo(self, wanted: Undo) -> Response:
        try:
            document = self.service.undoing.undo(wanted)
        except Conflict as error:
            return _refused(wanted.revision, error)
        done = f"?as={document['revision']}" if document["revision"] else ""
        return RedirectResponse(f"/revisions/{wanted.revision}/undo{done}", 303)

    def _plan(self, document: Document, request: Request) -> Response:
        given = request.query_params
        by_action: dict[str, list[Document]] = {action: [] for action in STEPS.values()}
        for step in document["steps"]:
            by_action[step["action"]].append(step)
        totals = {part: len(by_action[action]) for part, action in STEPS.items()}
        parts, start = tabs(totals), start_of(given)
        tab = current(parts, given.get("part", ""))
        found = by_action[STEPS[tab.name]]
        rows = Rows(self.service.workspace.vocabulary, self.service.workspace.now())
        here = f"/revisions/{document['undone']}/undo"
        return render(
            "undo.html",
            document=document,
            id=uuid4().hex,
            told=summary(document),
            beside=beside(document, totals),
            tabs=parts,
            tab=tab,
            tab_at=lambda name: f"{here}?{urlencode({'part': name})}",
            rows=rows.told(tab.name, found[start : start + ROWS]),
            total=len(found),
            start=start,
            size=ROWS,
        )


def _refused(revision: int, error: Conflict) -> Response:
    document = problem(error)
    return render("undo_refused.html", document["status"], revision=revision, document=document)
