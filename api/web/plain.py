"""The answer as text for mail and chat, in the page's own sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.web.listing import listing, names
from api.web.question import Question

Document = Mapping[str, Any]

_WIDTH = len("degraded")


def text(document: Document, question: Question, band: str | None, as_of: str) -> str:
    """Write an answer as plain text; `band` says of which moment it is, if not of now."""
    called = names(document)
    causes = " and ".join(f"{called[one['key']]} is {_words(one['state'])}" for one in document["causes"])
    parts = [
        *filter(None, [band]),
        f"If {causes}: {document['detail']}",
        document["coverage"]["touched"]["detail"],
        f"Map: {document['coverage']['detail']}",
        "",
        *_services(document, question),
        *(f"{held['name']}: {held['detail']}." for held in document["absorbed"]),
        *_call(document),
        f"As of {as_of}.",
    ]
    return "\n".join(parts)


def _services(document: Document, question: Question) -> Iterator[str]:
    for line in listing(document, None, question.showing("services")).lines:
        tier = f"T{line.tier}" if line.tier else "T2?"
        name = f"{line.name} ({line.more})" if line.more else line.name
        yield f"{_words(line.state or 'ok'):{_WIDTH}}  {tier:3} {name}, because of {line.reason}"
    if document["services"]:
        yield ""


def _call(document: Document) -> Iterator[str]:
    people = (f"{one['name']} ({one['on_call'] or 'no contact known'})" for one in document["call"])
    if document["call"]:
        yield f"Call: {'; '.join(people)}"


def _words(state: str) -> str:
    return state.replace("_", " ")
