"""Answers about items: what one is like, what was found, what happened."""

from __future__ import annotations

from typing import Literal

from api.http.documents.parts import Brief, Change, Document, Ends, Moment, Question, Standing, State, Value


class Person(Document):
    """Who stands behind an item."""

    role: Literal["owner", "support_group", "change_group"]
    key: str
    known: bool
    """Whether that is an item here."""
    name: str
    on_call: str | None


class Ending(Brief):
    """Something that ends."""

    field: str
    at: str
    soon: bool
    words: str
    detail: str


class Origin(Document):
    """Where a value came from."""

    source: str
    time: str


class Neighbour(Brief):
    """The item at the other end of a relation."""

    tier: int | None
    service: bool
    live: bool
    status: str
    state: State
    group: Standing | None


class RelationTold(Ends):
    """A relation as read from one of its ends."""

    words: str
    other: Neighbour
    carries_harm: bool
    needs: bool
    """Whether harm comes along it to the item that is shown."""
    is_needed: bool
    """Whether harm leaves along it."""
    last_seen: str | None
    evidence: str
    stale: bool
    version: int
    attributes: dict[str, Value]
    edition: str | None
    """What If-Match takes to change it."""


class Sighting(Document):
    """A source that knows the item, and by which name."""

    source: str
    class_: str
    id: str
    last_seen: str


class ShowAnswer(Question, Brief):
    """One item."""

    tier: int | None
    status: str
    live: bool
    """Whether its status carries harm."""
    ci: bool
    service: bool
    state: State
    because: str | None
    """Why it is hurt, if it is."""
    group: Standing | None
    people: list[Person]
    coming: list[Ending]
    """What ends of all it needs, the soonest first."""
    coming_total: int
    version: int
    edition: str | None
    """What If-Match takes to change it; null while the store is away."""
    attributes: dict[str, Value]
    provenance: dict[str, Origin]
    relations: list[RelationTold]
    seen: list[Sighting] | None


class Found(Brief):
    """An item as a search lists it."""

    tier: int | None
    ci: bool
    service: bool
    retired: bool
    owner: str | None
    fact: str
    """The one fact that tells most."""


class SearchAnswer(Moment):
    """A page of what was found."""

    total: int
    items: list[Found]
    next: str | None
    """The `cursor` of the next page."""
    close: list[Found]
    """Where nothing was found, what is spelt alike."""
    redacted: bool
    stale: bool


class Event(Document):
    """Something that happened to an item, or was planned for it."""

    revision: int
    time: str
    author: str
    identity: Literal["declared", "authenticated"]
    message: str
    plan: str | None
    """The plan that says so; null for what is real."""
    what: str
    changes: list[Change]
    relation: str | None
    """The relation, as a sentence."""


class HistoryAnswer(Document):
    """Everything that ever happened to an item, the newest first."""

    format: Literal[1]
    view: str
    key: str
    name: str
    version: int
    history: list[Event]
