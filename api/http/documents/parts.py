"""What documents are made of."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Value = bool | int | float | str | list[bool] | list[int] | list[float] | list[str]
"""What an attribute may hold."""

State = Literal["ok", "at_risk", "degraded", "out"]


class Document(BaseModel):
    """What every answer is: an object that holds what is named here and nothing else.

    A field that is a word of Python has an underscore behind it, which the document has not.
    """

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        alias_generator=lambda name: name.removesuffix("_"),
    )


def without(*names: str) -> ConfigDict:
    """The configuration of a document that need not have some of its fields."""

    def loosen(schema: dict[str, Any]) -> None:
        schema["required"] = [name for name in schema["required"] if name not in names]

    return ConfigDict(json_schema_extra=loosen)


class Brief(Document):
    """An item in three words."""

    key: str
    class_: str
    name: str


class Reason(Document):
    """Something to say about an item."""

    key: str
    reason: str


class Ends(Document):
    """A relation by the keys of its ends."""

    source: str
    type: str
    target: str


class Change(Document):
    """Another value of a field; null is no value."""

    field: str
    before: Value | None
    after: Value | None


class Moment(Document):
    """What an answer about a view starts with."""

    format: Literal[1]
    """Of the document; it changes when a script would have to."""
    revision: int
    """The newest revision that the answer knows."""
    view: str


class Question(Moment):
    """What an answer to a question starts with."""

    at: str
    """The instant asked about, in UTC."""
    redacted: bool
    """Whether something was left out that the reader may not see."""
    stale: bool
    """Whether the store is away, so that there may be newer revisions."""


class Standing(Document):
    """How a group stands."""

    needs: int
    members: int
    up: int
    margin: int
    """How many more members it can lose; negative when it is short."""
    detail: str


class Group(Brief, Standing):
    """A group and how it stands."""
