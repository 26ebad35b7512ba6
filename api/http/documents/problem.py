"""What stands in the place of an answer: a problem document, as RFC 9457 has it."""

from __future__ import annotations

from api.http.documents.parts import Document, without


class Fault(Document):
    """One thing that is wrong, and where."""

    pointer: str
    detail: str


class Problem(Document):
    """Why there is no answer."""

    type: str
    """The address of a page that says what this kind of problem means, and what to do."""
    title: str
    status: int
    detail: str
    errors: list[Fault]
    """Where there are several things wrong, each of them."""

    model_config = without("errors")
