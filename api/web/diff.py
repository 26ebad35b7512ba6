"""The page of what differs between two moments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.service import Service
from api.web import addresses
from api.web.events import Change, changes_of
from api.web.looking import TODAY, Choice, plans
from api.web.question import start_of
from api.web.rendering import render
from api.web.times import given_instant, spoken
from cmdb.views import parse_view
from cmdb.words import listed

Document = Mapping[str, Any]

ROWS = 50
"""How many items, and how many relations, are shown at once."""

FOLDED = 200
"""How many more relations stand behind a fold."""


class Difference(NamedTuple):
    """An item or a relation that differs, with its changed fields in words."""

    row: Document
    changes: tuple[Change, ...]


class Class(NamedTuple):
    """A class that the differences can be narrowed to: how many items of it differ."""

    name: str
    label: str
    number: int
    address: str


@dataclass(frozen=True)
class Diff:
    """The comparison over some use cases."""

    service: Service

    def page(self, request: Request) -> Response:
        """Ask for two moments, and show what differs between them."""
        given = request.query_params
        before, after = _asked(given, "from"), _asked(given, "to")
        if given.get("from_at") or given.get("to_at"):
            return RedirectResponse(addresses.diff(before or TODAY, after or TODAY), 303)
        document = self.service.comparing.diff(before, after or TODAY) if before else None
        now = self.service.workspace.now()
        offered = self._offered(now)
        return render(
            "diff.html",
            choices=_with_those(offered, document, now),
            before=document["before"]["view"] if document else self._usual(),
            after=document["after"]["view"] if document else TODAY,
            document=document,
            called=[_called(document[side], now) for side in ("before", "after")] if document else [],
            **(self._narrowed(document, given, now) if document else {}),
        )

    def _usual(self) -> str:
        """Where a comparison starts from, unless somebody says: the revision before the last."""
        return f"@{max(self.service.workspace.store.head().revision - 1, 0)}"

    def _offered(self, now: datetime) -> list[Choice]:
        """Today, after the go-live of each plan's owner, and the last revisions."""
        return [
            Choice(TODAY, "today"),
            *plans(self.service),
            *(Choice(f"@{one['revision']}", _revision(one, now)) for one in self.service.comparing.moments()),
        ]

    def _narrowed(self, document: Document, given: QueryParams, now: datetime) -> dict[str, Any]:
        """The differences of the class that was asked for, of every class by default."""
        only, start = given.get("class") or None, start_of(given, "start")
        fields, classes = self.service.workspace.vocabulary.fields, self.service.workspace.vocabulary.classes
        items = [one for one in document["items"] if only in (None, one["class"])]
        relations = [
            one
            for one in document["relations"]
            if only is None or any(end["class"] == only for end in one["ends"])
        ]
        told = [Difference(one, changes_of(one["changes"], fields, now)) for one in relations]
        here = addresses.diff(document["before"]["view"], document["after"]["view"])
        narrowed = f"{here}&{urlencode({'class': only})}" if only else here
        return {
            "items": [
                Difference(one, changes_of(one["changes"], fields, now))
                for one in items[start : start + ROWS]
            ],
            "total": len(items),
            "start": start,
            "size": ROWS,
            "relations": (told[:ROWS], told[ROWS : ROWS + FOLDED], max(len(told) - ROWS - FOLDED, 0)),
            "relations_total": len(told),
            "labels": {name: entry.label for name, entry in classes.items()},
            "only": only,
            "classes": list(_classes(document, here, classes)),
            "everything": here,
            "here": narrowed,
            "counts": listed(
                [f"{number} {how}" for how, number in Counter(one["how"] for one in items).items()]
            ),
        }


def _asked(given: QueryParams, name: str) -> str:
    """One of the two moments: as a date and time that was typed, else as it was chosen."""
    typed = given_instant(given.get(f"{name}_at"))
    return f"@{typed}" if typed else given.get(name, "")


def _with_those(offered: Sequence[Choice], document: Document | None, now: datetime) -> list[Choice]:
    """What the form offers, with the moments that are compared, should they not be among it."""
    known = {one.view for one in offered}
    sides = [document[side] for side in ("before", "after")] if document else []
    return [*offered, *(Choice(one["view"], _called(one, now)) for one in sides if one["view"] not in known)]


def _called(side: Document, now: datetime) -> str:
    """What people call one of the two moments."""
    view = parse_view(side["view"])
    planned = f"after go-live of {listed([one.key for one in view.overlays])}" if view.overlays else ""
    if view.is_present:
        return planned or "today"
    if view.instant:
        moment = spoken(view.instant, now)
    elif side["time"]:
        moment = f"{spoken(side['time'], now)} (revision {side['revision']})"
    else:
        moment = "before anything was entered"
    return f"{moment}, {planned}" if planned else moment


def _revision(one: Document, now: datetime) -> str:
    return f"{spoken(one['time'], now)}, revision {one['revision']}: {one['message'] or 'no message'}"


def _classes(document: Document, here: str, classes: Mapping[str, Any]) -> Iterator[Class]:
    for name, number in sorted(Counter(one["class"] for one in document["items"]).items()):
        yield Class(name, classes[name].label, number, f"{here}&{urlencode({'class': name})}")
