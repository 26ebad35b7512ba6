"""The page of one item, and that of its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.service import Service
from api.service.changes import Filter
from api.web.events import Entry, entries
from api.web.explorer import unknown_impact
from api.web.facts import facts
from api.web.looking import TODAY, address_of, looking_at
from api.web.question import Question, start_of
from api.web.relations import arranged
from api.web.rendering import render
from api.web.times import spoken
from api.web.windows import window_words
from cmdb.changes.rules import life
from cmdb.errors import Unavailable
from cmdb.values import moment

Document = Mapping[str, Any]

CHANGES = 3
"""How many open changes the item's own page tells of."""

LAST = 5
"""How many events the item's own page tells of."""

EVENTS = 50
"""How many events one page of a history tells of."""


class Answers(NamedTuple):
    """What there is to say of something that can fail: what follows, and what takes it out."""

    impact: Document
    unknown: bool
    alone: Document
    false: Mapping[str, Document]


@dataclass(frozen=True)
class ItemPage:
    """The pages of an item over some use cases."""

    service: Service

    def page(self, key: str, request: Request) -> Response:
        """Show an item: its state, three answers, its relations, facts and last events."""
        view = request.query_params.get("view") or TODAY
        shown = self.service.items.show(key, view)
        answers = self._answers(shown) if shown["ci"] else None
        now = moment(shown["at"])
        told, begin = self._last(shown, now)
        return render(
            "item.html",
            **self._head(request, shown, now),
            answers=answers,
            changes=self._changes(shown),
            window_words=lambda window: window_words(window, now),
            ask=Question({shown["key"]: "out"}, view=shown["view"]),
            related=arranged(shown["relations"], answers.false if answers else {}),
            facts=list(facts(shown, self._fields(shown), now)),
            told=told,
            begin=begin,
            spoken=lambda instant: spoken(instant, now),
        )

    def history(self, key: str, request: Request) -> Response:
        """Show everything that ever happened to an item, newest first."""
        view, start = request.query_params.get("view") or TODAY, start_of(request.query_params)
        shown = self.service.items.show(key, view)
        now = moment(shown["at"])
        found = self.service.items.history(key, view)["history"]
        every = entries(found, self._fields(shown), now)
        return render(
            "history.html",
            **self._head(request, shown, now),
            entries=every[start : start + EVENTS],
            total=len(every),
            begin=every[-1] if every else None,
            start=start,
            size=EVENTS,
        )

    def _head(self, request: Request, shown: Document, now: datetime) -> dict[str, Any]:
        """What both pages say at their top and bottom."""
        as_of = spoken(shown["at"], now)
        return {
            "item": shown,
            "view": shown["view"],
            "owns": not self.service.workspace.vocabulary.is_counted(shown["class"]),
            "label": self.service.workspace.vocabulary.classes[shown["class"]].label,
            "labels": {
                name: entry.label for name, entry in self.service.workspace.vocabulary.classes.items()
            },
            "as_of": as_of,
            "looking": looking_at(address_of(request), self.service, shown["view"], as_of),
            "stale": shown["stale"],
        }

    def _fields(self, shown: Document) -> Mapping[str, Any]:
        return self.service.workspace.vocabulary.item_fields(shown["class"])

    def _answers(self, shown: Document) -> Answers:
        key, view = shown["key"], shown["view"]
        impact = self.service.impact.impact({key: "out"}, view)
        critical = self.service.impact.spof([key], view)
        false = {one["key"]: one for one in critical["false_redundancy"]}
        return Answers(impact, unknown_impact(impact), critical["items"][0], false)

    def _changes(self, shown: Document) -> Sequence[Document]:
        """The newest open changes that touch an item today."""
        if shown["view"] != TODAY:
            return ()
        found = self.service.changes.list(Filter(affects=shown["key"]))["items"]
        return [one for one in found if not life().stage(one["stage"]).ended][:CHANGES]

    def _last(self, shown: Document, now: datetime) -> tuple[Sequence[Entry] | None, Entry | None]:
        """The last events and the first one; `None` while the store cannot be asked."""
        with suppress(Unavailable):
            found = self.service.items.history(shown["key"], shown["view"])["history"]
            every = entries(found, self._fields(shown), now)
            return every[:LAST], every[-1] if every else None
        return None, None
