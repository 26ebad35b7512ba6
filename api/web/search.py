"""Search results: as a page, and as suggestions while somebody types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.service import Service
from api.service.paging import AT_MOST
from api.web.looking import Looking, address_of, looking_at
from api.web.question import Question, read_question, state_of_next
from api.web.rendering import render
from api.web.times import spoken

SUGGESTED = 8


@dataclass(frozen=True)
class Search:
    """Search over some use cases."""

    service: Service

    def page(self, request: Request) -> Response:
        """What is called something like the words, each with a way to ask what follows if it fails."""
        given = request.query_params
        text, question = (given.get("q") or given.get("item", "")).strip(), read_question(given)
        state = state_of_next(given, question)
        typing = "hx-request" in request.headers
        limit = AT_MOST if typing else 50
        found = self.service.items.search(text, question.view, limit=limit, cursor=given.get("from") or None)
        values: dict[str, Any] = {
            "text": text,
            "question": question,
            "found": found,
            "close": found["close"],
            "label": self._label,
            "ask": lambda row: question.adding(row["key"], state).address(),
        }
        if typing:
            suggested = [row for row in found["items"] if row["ci"]][:SUGGESTED]
            return render("parts/suggestions.html", **values, suggested=suggested)
        looking = self._looking(request, question.view)
        return render("search.html", **values, looking=looking, later=_later(text, question, found["next"]))

    def _looking(self, request: Request, view: str) -> Looking:
        at = self.service.data.coverage(view)["at"]
        return looking_at(address_of(request), self.service, view, spoken(at, self.service.workspace.now()))

    def _label(self, row: Mapping[str, Any]) -> str:
        return self.service.workspace.vocabulary.classes[row["class"]].label


def _later(text: str, question: Question, cursor: str | None) -> str | None:
    return question.asked_of("/search", **{"q": text, "from": cursor}) if cursor else None
