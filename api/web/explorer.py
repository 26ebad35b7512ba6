"""The impact explorer: what follows if something fails, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.service import Service
from api.service.paging import AT_MOST
from api.web import plain, reasons
from api.web.listing import ROWS, listing, names
from api.web.looking import address_of, looking_at
from api.web.question import STATES, Question, read_question, state_of_next
from api.web.rendering import render
from api.web.times import spoken
from cmdb.errors import NotFound
from impact.search import MOST_CLOSE

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Explorer:
    """The explorer over some use cases."""

    service: Service

    def page(self, request: Request) -> Response:
        """The answer: a sentence, the table, the drawing, the reasons."""
        question = _asked(request)
        if not question.causes:
            return RedirectResponse("/", 303)
        try:
            document = self._ask(question)
        except NotFound:
            return self._unknown(question)
        return render("explorer.html", **self._shown(request, document, question), url=str(request.url))

    def why(self, request: Request) -> Response:
        """Only the reasons of the selected row, for the page that shows the rest already."""
        question = read_question(request.query_params)
        return render("parts/why.html", question=question, **self._reasons(question, question.why))

    def twin(self, request: Request) -> Response:
        """The answer as data, with the drawing."""
        document = self._ask(read_question(request.query_params))
        return Response(orjson.dumps(document), media_type="application/json")

    def drawing(self, request: Request) -> Response:
        """Of the answer as data, only what the drawing takes."""
        document = self._ask(read_question(request.query_params))
        part = {name: document[name] for name in ("boxes", "arrows", "items")}
        return Response(orjson.dumps(part), media_type="application/json")

    def _ask(self, question: Question) -> Document:
        return self.service.impact.impact(question.causes, question.view, question.at, graph=True)

    def _shown(self, request: Request, document: Document, question: Question) -> dict[str, Any]:
        hit = document["services"] or document["affected"]
        selected = question.why or (hit[0]["key"] if hit else None)
        as_of = spoken(document["at"], self.service.workspace.now())
        looking = looking_at(address_of(request), self.service, question.view, as_of, question.at)
        return {
            "document": document,
            "question": question,
            "states": STATES,
            "called": names(document),
            "listing": listing(document, self._not_hit(question), question),
            "as_of": as_of,
            "looking": looking,
            "copied": plain.text(document, question, looking.band, as_of),
            "unknown": unknown_impact(document),
            **self._reasons(question, selected),
        }

    def _not_hit(self, question: Question) -> Document | None:
        if question.tab != "not-hit":
            return None
        return self.service.impact.not_hit(
            question.causes, question.view, question.at, limit=ROWS, cursor=str(question.start)
        )

    def _reasons(self, question: Question, key: str | None) -> dict[str, Any]:
        if key is None:
            return {"why": None}
        found = self.service.impact.explain(question.causes, key, question.view, question.at)
        because = found["because"]
        return {
            "why": found,
            "path": reasons.path(because) if because else [key],
            "steps": reasons.steps(found),
            "others": reasons.other_paths(found),
            "evidence": reasons.evidence(because) if because else None,
            "shared": list(reasons.false_redundancy(because)) if because else [],
        }

    def _unknown(self, question: Question) -> Response:
        """Ask again if the name typed is one item's own; else say what is called something like it."""
        keys = {key: self._key(key, question.view) for key in question.causes}
        if all(keys.values()):
            causes = {keys[key] or key: state for key, state in question.causes.items()}
            return RedirectResponse(replace(question, causes=causes).address(), 303)
        missing = next(key for key, found in keys.items() if found is None)
        found = self.service.items.search(missing, question.view, limit=MOST_CLOSE)
        left, state = question.without(missing), question.causes[missing]
        return render(
            "unknown.html",
            404,
            text=missing,
            close=found["items"] or found["close"],
            kept=left.pairs(every_state=True),
            ask=lambda row: left.adding(row["key"], state).address(),
            states=STATES,
        )

    def _key(self, text: str, view: str) -> str | None:
        """The key of the item that has this key or, alone, this name."""
        found = self.service.items.search(text, view, limit=AT_MOST)["items"]
        named = [row["key"] for row in found if row["name"].casefold() == text.casefold()]
        exact = [row["key"] for row in found if row["key"] == text]
        return exact[0] if exact else named[0] if len(named) == 1 else None


def _asked(request: Request) -> Question:
    """The question in the address; `item` is a cause as somebody typed it into a form."""
    given = request.query_params
    question, typed = read_question(given), given.get("item", "").strip()
    return question.adding(typed, state_of_next(given, question)) if typed else question


def unknown_impact(document: Document) -> bool:
    """Whether the map cannot say what is hit: a cause has no relations, or no path leads to a service."""
    unmapped = {row["key"] for row in document["unmapped"]}
    alone = any(cause["key"] in unmapped for cause in document["causes"])
    return not document["services"] and (alone or bool(document["affected"]))
