"""A question as its address holds it: causes, moment, tab, selected row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal, get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from api.web.looking import TODAY
from api.web.times import given_instant

TabName = Literal["services", "all", "held", "before", "not-hit"]
STATES = ("out", "degraded", "at_risk")
"""The states a cause can be set to, in the order of the choice."""


@dataclass(frozen=True)
class Question:
    """What is asked, of which state of the map, and what of the answer is looked at.

    Attributes
    ----------
    causes
        By key, the state each is in.
    why
        The key of the selected row.
    start
        Where the shown rows of the tab start.
    """

    causes: Mapping[str, str]
    view: str = TODAY
    at: str | None = None
    tab: TabName = "services"
    why: str | None = None
    start: int = 0

    def pairs(self, *, every_state: bool = False) -> list[tuple[str, str]]:
        """The question itself as parameters, without what of the answer is looked at.

        Parameters
        ----------
        every_state
            Whether to name the states even if all are out, because a form will add another.
        """
        found = [("cause", key) for key in self.causes]
        if every_state or set(self.causes.values()) != {"out"}:
            found += [("state", state) for state in self.causes.values()]
        if self.view != TODAY:
            found.append(("view", self.view))
        if self.at:
            found.append(("at", self.at))
        return found

    def address(self, page: str = "/impact") -> str:
        """The address that shows exactly this: the front page if nothing is asked."""
        if not self.causes:
            return "/"
        looked = [("tab", self.tab if self.tab != "services" else None), ("from", self.start or None)]
        pairs = [*self.pairs(), *looked, ("why", self.why)]
        return f"{page}?{urlencode([(name, value) for name, value in pairs if value])}"

    def asked_of(self, page: str, **more: str) -> str:
        """The address of another page that takes the question itself, and more parameters."""
        return f"{page}?{urlencode([*self.pairs(), *more.items()])}"

    def selecting(self, key: str) -> Question:
        """The same, with another row selected."""
        return replace(self, why=key)

    def showing(self, tab: TabName, start: int = 0) -> Question:
        """The same, with another tab or other rows of it."""
        return replace(self, tab=tab, start=start)

    def without(self, key: str) -> Question:
        """The question without one of its causes."""
        left = {cause: state for cause, state in self.causes.items() if cause != key}
        return replace(self, causes=left, why=None, start=0)

    def adding(self, key: str, state: str = "out") -> Question:
        """The question with one more cause."""
        return replace(self, causes={**self.causes, key: state}, why=None, start=0)

    def today(self) -> Question:
        """The question asked of today and now."""
        return replace(self, view=TODAY, at=None)


def read_question(given: QueryParams) -> Question:
    """Read a question from an address; what is malformed is left to the use cases to refuse."""
    keys, states = given.getlist("cause"), given.getlist("state")
    named = zip_longest(keys, states[: len(keys)], fillvalue="out")
    tab = given.get("tab", "")
    return Question(
        causes={key.strip(): state for key, state in named if key.strip()},
        view=given.get("view") or TODAY,
        at=given_instant(given.get("at")),
        tab=next((name for name in get_args(TabName) if name == tab), "services"),
        why=given.get("why") or None,
        start=start_of(given),
    )


def start_of(given: QueryParams, name: str = "from") -> int:
    """Where the shown rows of a list start, as its address says."""
    start = given.get(name, "")
    return int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 0


def state_of_next(given: QueryParams, question: Question) -> str:
    """The state given for a cause that is about to be added to those in the address."""
    return [*given.getlist("state")[len(question.causes) :], "out"][0]
