"""The pages of an import: bring files, read what they would do, apply that, see what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.problems import problem
from api.service import Service
from api.service.held import Job, Look, Upload
from api.service.held.plans import KeptPlan
from api.service.showing import STEPS
from api.web import plan_csv
from api.web.acting import actor_of
from api.web.plan_rows import MEANINGS, ROWS, Rows, beside, current, share, summary, tabs
from api.web.question import start_of
from api.web.rendering import render
from api.web.upload import FIELDS, read_upload
from cmdb.errors import CmdbError, NotFound
from cmdb.words import listed
from loaders.detect import LOADERS
from loaders.source import MAX_BYTES

Document = Mapping[str, Any]

PATIENCE_SECONDS = 0.4
"""How long a page waits for what is begun, before it shows how far that is."""

WARNINGS = 5
"""How many warnings stand above every part."""

_THERE, _DONE = frozenset({"change", "retire"}), frozenset({"add", "change", "retire"})
"""What has a page before it is applied, and afterwards."""


@dataclass(frozen=True)
class ImportPages:
    """The pages of importing over some use cases."""

    service: Service

    def form(self) -> Response:
        """Ask for files."""
        return _form({}, None, stale=self.service.workspace.scene().stale)

    async def bring(self, request: Request) -> Response:
        """Hold the files that were sent, and go to the page that shows what they would do."""
        typed: Mapping[str, str] = {}
        try:
            wanted, typed = await read_upload(request)
            upload = await run_in_threadpool(self.service.held.hold, wanted)
        except CmdbError as error:
            return _form(typed, problem(error))
        look = await run_in_threadpool(self.service.held.wait, upload.id, upload.actor, PATIENCE_SECONDS)
        if look.problem and not look.can_repeat:
            self.service.held.discard(upload.id, upload.actor)
            return _form(typed, look.problem)
        return RedirectResponse(_at(upload.id), 303)

    def page(self, id: str, request: Request) -> Response:
        """Show how far an import has come: in work, planned, refused or done."""
        look = self.service.held.look(id, actor_of(request))
        if look.job:
            return self._progress(look, look.job)
        if "hx-request" in request.headers:
            return Response(headers={"HX-Refresh": "true"})  # the rest is another page
        if look.plan and not look.unsure:
            return self._plan(look, look.plan, request)
        if look.problem and not look.can_repeat:
            return _form(look.upload.asked, look.problem)
        status = look.problem["status"] if look.problem else 200
        return render("import_stopped.html", status, id=id, called=_called(look.upload), look=look)

    async def apply(self, id: str, request: Request) -> Response:
        """Apply the plan that was read."""
        async with request.form(max_files=0, max_fields=2) as form:
            seen = str(form.get("seen", ""))
        return await run_in_threadpool(self._begun, id, request, seen)

    def again(self, id: str, request: Request) -> Response:
        """Plan anew."""
        self.service.held.plan_again(id, actor_of(request))
        return self._to(id, request)

    def discard(self, id: str, request: Request) -> Response:
        """Hold the files no longer."""
        self.service.held.discard(id, actor_of(request))
        return RedirectResponse("/import", 303)

    def whole(self, id: str, request: Request) -> Response:
        """The plan as data."""
        return StreamingResponse(self._kept(id, request).json(), media_type="application/json")

    def table(self, id: str, request: Request) -> Response:
        """The plan as a table, to be saved."""
        headers = {"Content-Disposition": 'attachment; filename="plan.csv"'}
        return StreamingResponse(
            plan_csv.pieces(self._kept(id, request)), headers=headers, media_type="text/csv"
        )

    def _begun(self, id: str, request: Request, seen: str) -> Response:
        self.service.held.apply(id, actor_of(request), seen)
        return self._to(id, request)

    def _to(self, id: str, request: Request) -> Response:
        """Go to the page of an import, which often has its answer by then."""
        self.service.held.wait(id, actor_of(request), PATIENCE_SECONDS)
        return RedirectResponse(_at(id), 303)

    def _kept(self, id: str, request: Request) -> KeptPlan:
        plan = self.service.held.look(id, actor_of(request)).plan
        if plan is None:
            raise NotFound("There is no plan of this import yet.")
        return plan

    def _progress(self, look: Look, job: Job) -> Response:
        """How far what is being done has come."""
        return render(
            "import_progress.html",
            id=look.upload.id,
            called=_called(look.upload),
            job=job,
            gone=_spoken(job.seconds),
            left="" if job.seconds_left is None else _spoken(job.seconds_left),
        )

    def _plan(self, look: Look, plan: KeptPlan, request: Request) -> Response:
        """What an import would do or did, one of its parts a page at a time."""
        head, done, upload = plan.head, look.done, look.upload
        warnings = plan.page("warnings", None, 0, WARNINGS).rows
        shown = self._part(plan, upload, request.query_params, done=done is not None)
        return render(
            "import_plan.html",
            look.problem["status"] if look.problem else 200,
            id=upload.id,
            called=_called(upload),
            look=look,
            head=head,
            done=done,
            steps=sum(head["totals"][part] for part in STEPS),
            told=summary(head, done=done is not None),
            beside=beside(head, head["totals"]),
            share=share(head["retiring"]),
            candidates=listed(head["candidates"]),
            warnings=warnings if shown["tab"].name != "warnings" else [],
            **shown,
        )

    def _part(self, plan: KeptPlan, upload: Upload, given: QueryParams, *, done: bool) -> dict[str, Any]:
        """The part of a plan that is asked for, as its tab shows it."""
        parts = tabs(plan.head["totals"], done=done)
        match, start = given.get("match", "").strip(), start_of(given)
        tab = current(parts, given.get("part", ""))
        page = plan.page(tab.name, _pattern(match), start, ROWS)
        workspace = self.service.workspace
        file = upload.names[0] if len(upload.names) == 1 else ""
        rows = Rows(workspace.vocabulary, workspace.now(), _DONE if done else _THERE, file)
        kept = {"match": match} if match else {}
        return {
            "tabs": parts,
            "tab": tab,
            "tab_at": lambda name: f"{_at(upload.id)}?{urlencode({'part': name} | kept)}",
            "meaning": MEANINGS.get(tab.name),
            "match": match,
            "rows": rows.told(tab.name, page.rows),
            "total": page.total,
            "start": start,
            "size": ROWS,
        }


def _form(typed: Mapping[str, Any], refused: Document | None, *, stale: bool = False) -> Response:
    return render(
        "import.html",
        refused["status"] if refused else 200,
        typed={name: typed.get(name) for name in FIELDS},
        refused=refused,
        formats=LOADERS,
        most=MAX_BYTES >> 20,
        stale=stale,
    )


def _at(id: str) -> str:
    return f"/import/{id}"


def _called(upload: Upload) -> str:
    """What the files are called together."""
    names = upload.names
    return listed(names) if len(names) <= 3 else f"{len(names)} files, {names[0]} first"


def _spoken(seconds: int) -> str:
    """How long something takes.

    Examples
    --------
    >>> _spoken(20), _spoken(200)
    ('20 s', '3 min')
    """
    return f"{seconds} s" if seconds < 100 else f"{round(seconds / 60)} min"


def _pattern(match: str) -> str | None:
    """What somebody looks for as a pattern of keys: without a wildcard, it may stand anywhere in them."""
    if not match:
        return None
    return match if {"*", "?"} & set(match) else f"*{match}*"
