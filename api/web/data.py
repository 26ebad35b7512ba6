"""The page of the data itself, and the lists behind its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.service import Service
from api.web import addresses
from api.web.fixes import Row, done_in, number_in, rows_of
from api.web.looking import TODAY, address_of, looking_at
from api.web.rendering import render
from api.web.sheet import sheet
from api.web.times import spoken
from cmdb.selection import Condition
from impact.candidates import KINDS
from impact.wording import percent

Document = Mapping[str, Any]

TEAMS = 50
"""How many teams are shown at once."""

OFFERED = 300
"""How many teams and people are offered as owners; whoever is not among them is typed."""


class Part(NamedTuple):
    """A part of the data: what it is called, what selects it, and how good it is."""

    name: str
    select: str
    one: Document


@dataclass(frozen=True)
class DataPage:
    """The pages about the data over some use cases."""

    service: Service

    def page(self, request: Request) -> Response:
        """How far answers can be trusted, what to fix first, and how good each part is."""
        given = dict(request.query_params)
        special = done_in(self.service, given)
        return self.show(given, special, actor=request.scope["state"]["actor"].name)

    def show(
        self, given: Mapping[str, str], special: Row | None, status: int = 200, *, actor: str = ""
    ) -> Response:
        """Show the page, with one of the fixes as something was done about it."""
        view, select = given.get("view") or TODAY, given.get("select") or None
        if view == TODAY and not self.service.items.search("", limit=1)["total"]:
            return render("empty.html")
        only = given.get("fix") or None
        document = self.service.data.judge(view, select=select, kinds=(only,) if only else KINDS)
        now = self.service.workspace.now()
        as_of, start = spoken(document["at"], now), number_in(given, "teams") or 0
        page = addresses.data(select=select, fix=only, teams=str(start) if start else None)
        fixes = rows_of(document["fixes"], special)
        asks_who = document["view"] == TODAY and any(row.kind == "owner" for row in fixes)
        return render(
            "data.html",
            status,
            document=document,
            fixes=fixes,
            actor=actor,
            people=self._people(document) if asks_who else (),
            classes=[
                Part(self._label(one), _within(select, "class", one["class"]), one)
                for one in document["classes"]
            ],
            teams=[
                Part(one["name"], _within(select, "owner", one["owner"]), one)
                for one in document["teams"][start : start + TEAMS]
            ],
            start=start,
            size=TEAMS,
            percent=percent,
            select=select,
            only=only,
            view=document["view"],
            page=page,
            as_of=as_of,
            looking=looking_at(page, self.service, document["view"], as_of),
            stale=document["stale"],
            spoken=lambda instant: spoken(instant, now),
        )

    def rows(self, name: str, request: Request) -> Response:
        """What is behind one of the numbers, a page at a time."""
        given = request.query_params
        view, select = given.get("view") or TODAY, given.get("select") or None
        document = self.service.data.rows(name, view, select=select, cursor=given.get("from") or None)
        now = self.service.workspace.now()
        as_of = spoken(document["at"], now)
        return render(
            "data_list.html",
            document=document,
            name=name,
            select=select,
            view=document["view"],
            start=number_in(given, "from") or 0,
            label=self._label,
            as_of=as_of,
            looking=looking_at(address_of(request), self.service, document["view"], as_of),
            stale=document["stale"],
        )

    def sheet(self, name: str, request: Request) -> Response:
        """All of a list as a file for spreadsheets."""
        given = request.query_params
        view, select = given.get("view") or TODAY, given.get("select") or None
        rows = self.service.data.rows(name, view, select=select, limit=None)["items"]
        return Response(
            sheet(rows),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )

    def _label(self, one: Document) -> str:
        return self.service.workspace.vocabulary.classes[one["class"]].label

    def _people(self, document: Document) -> Sequence[tuple[str, str]]:
        """Whom to choose an owner from, by key and name: who owns most first, then who owns nothing yet."""
        owners = sorted((one for one in document["teams"] if one["owner"]), key=lambda one: -one["cis"])
        families = self.service.workspace.vocabulary.families
        select = f"family:{','.join(name for name, one in families.items() if one.people)}"
        others = self.service.items.search("", select=select, limit=OFFERED)["items"]
        found = {one["owner"]: one["name"] for one in owners}
        found |= {one["key"]: one["name"] for one in others if not one["retired"]}
        return [*found.items()][:OFFERED]


def _within(select: str | None, field: str, value: str | None) -> str:
    """What selects the items with a value, among those that are looked at."""
    condition = str(Condition(field, (value,)))
    return f"({select}) and {condition}" if select else condition
