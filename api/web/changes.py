"""The pages of changes: all of them, and one with what it does, how likely it fails and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.problems import problem
from api.service import Service
from api.service.changes import Filter, Move
from api.service.showing import STEPS
from api.web import addresses
from api.web.acting import actor_of
from api.web.change_runs import run_table
from api.web.change_told import chance_of, said_of
from api.web.plan_rows import ROWS, Row, Rows, Tab, tabs
from api.web.question import start_of
from api.web.rendering import render
from api.web.times import spoken
from api.web.windows import deadline_words, fit_of, span, window_words
from cmdb.changes.rules import actions, life
from cmdb.errors import Conflict, NotFound, Stale, Unavailable
from impact.documents.brief import Document

LONGEST = 200
"""How many characters of a form's hidden fields are taken."""

UseCase = Callable[[str, Move], Document]


class Assessed(NamedTuple):
    """The last assessment of a change; whether there is one is not known while the store is away."""

    document: Document | None
    is_known: bool


class Altering(NamedTuple):
    """One kind of what a change means to alter: its rows, and how many more there are."""

    tab: Tab
    rows: list[Row]
    left: int


@dataclass(frozen=True)
class ChangePages:
    """The pages of changes over some use cases."""

    service: Service

    def overview(self, request: Request) -> Response:
        """Show the changes, the newest first, as far as the filters let them be."""
        given = request.query_params
        stage, type_name, touched = (given.get(name) or None for name in ("stage", "type", "affects"))
        cursor = given.get("from") or None
        document = self.service.changes.list(Filter(stage, type_name, touched), cursor=cursor)
        now = self.service.workspace.now()
        asked = {"stage": stage, "type": type_name, "affects": touched}
        is_filtered = any(asked.values())
        return render(
            "changes.html",
            document=document,
            asked=asked,
            without=self.service.changes.list(limit=1)["total"] if is_filtered else document["total"],
            is_filtered=is_filtered,
            stages=life().stages,
            types=self.service.workspace.vocabulary.fields["change_type"].one_of,
            start=start_of(given),
            later=document["next"] and addresses.changes(**asked | {"from": document["next"]}),
            window_words=lambda window: window_words(window, now),
            stale=document["stale"],
        )

    def page(self, key: str, request: Request) -> Response:
        """Show one change."""
        return self._show(key, left_out="left_out" in request.query_params)

    async def submit(self, key: str, request: Request) -> Response:
        """Submit a change."""
        return await self._moved(self.service.changes.submit, key, request)

    async def cancel(self, key: str, request: Request) -> Response:
        """Cancel a change."""
        return await self._moved(self.service.changes.cancel, key, request)

    async def assess(self, key: str, request: Request) -> Response:
        """Assess a change."""
        return await self._moved(self.service.changes.assess, key, request)

    async def _moved(self, use_case: UseCase, key: str, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=2) as form:
            seen, once = (str(form.get(name, ""))[:LONGEST] or None for name in ("seen", "id"))
        wanted = Move(actor_of(request), seen, once)
        return await run_in_threadpool(self._done, use_case, key, wanted)

    def _done(self, use_case: UseCase, key: str, wanted: Move) -> Response:
        try:
            use_case(key, wanted)
        except (Conflict, Stale) as error:
            return self._show(key, problem(error))
        return RedirectResponse(addresses.change(key), 303)

    def _show(
        self, key: str, refused: Mapping[str, Any] | None = None, *, left_out: bool = False
    ) -> Response:
        shown, now = self.service.changes.show(key), self.service.workspace.now()
        turns = max((one["turn"] for one in shown["affects"]), default=0)
        return render(
            "change.html",
            refused["status"] if refused else 200,
            change=shown,
            refused=refused,
            left_out=left_out,
            id=uuid4().hex,
            turns=turns,
            **_times(shown, now),
            **self._told(key, turns),
            fit=fit_of(shown),
            alters=self._alters(shown["operations"] or []),
            labels={name: one.label for name, one in actions().items()},
            stages=life().stages,
            people={one: self._name(one) for one in (shown["requester"], shown["implementer"]) if one},
            stale=shown["stale"],
        )

    def _told(self, key: str, turns: int) -> dict[str, Any]:
        """What the last assessment of a change says, if there is one."""
        document, is_known = self._assessed(key)
        return {
            "assessed": document,
            "is_known": is_known,
            "runs": document and run_table(document, turns),
            "said": document and said_of(document),
            "chance": document and chance_of(document["p_fail"]),
        }

    def _assessed(self, key: str) -> Assessed:
        try:
            return Assessed(self.service.changes.replay(key), is_known=True)
        except NotFound:
            return Assessed(None, is_known=True)
        except Unavailable:
            return Assessed(None, is_known=False)

    def _alters(self, operations: list[Document]) -> list[Altering]:
        """What a change means to alter, by kind."""
        found = {part: [one for one in operations if one["action"] == what] for part, what in STEPS.items()}
        rows = Rows(self.service.workspace.vocabulary, self.service.workspace.now())
        return [
            Altering(tab, rows.told(tab.name, found[tab.name][:ROWS]), max(tab.total - ROWS, 0))
            for tab in tabs({part: len(some) for part, some in found.items()})
            if tab.total
        ]

    def _name(self, who: str) -> tuple[str, bool]:
        """What somebody is called, and whether there is a page of them."""
        picture = self.service.workspace.scene().picture
        place = picture.number(who)
        return (who, False) if place is None else (picture.names[place], True)


def _times(shown: Document, now: datetime) -> dict[str, Any]:
    """The times of a change in words, on the clocks of its zone."""
    window, actual, risk = shown["window"], shown["actual"], shown["risk_of_not_doing"]
    return {
        "window": window and window_words(window, now),
        "actual": actual and window_words(actual, now),
        "deadline": deadline_words(risk, window, now) if risk and risk["deadline"] else "",
        "span": span,
        "spoken": lambda instant: spoken(instant, now),
    }
