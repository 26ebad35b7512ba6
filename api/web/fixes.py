"""Fixes as rows: each with what to press, what came of it, or why it was refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from api.service import Service
from api.web.times import spoken
from cmdb.errors import NotFound, Unavailable
from cmdb.values import moment
from impact.wording import ago

Document = Mapping[str, Any]
Subject = tuple[tuple[str, str], ...]
"""What a fix is about, as fields of its form."""


@dataclass(frozen=True)
class Done:
    """What was done instead of a fix: in words, by whom and when, and what to undo."""

    message: str
    who: str
    when: str
    revision: int | None


@dataclass(frozen=True)
class Row:
    """A fix as a row.

    Attributes
    ----------
    subject
        What it is about.
    question, why
        What is asked, and why it is.
    answers, cause
        How many answers it moves, and the key of what they are about if it fails.
    version
        Which state of it was seen; `None` where there was none.
    place
        Where it stands in its list.
    once
        Under which it may be sent again.
    fault, typed
        Why it was refused, and what was typed.
    is_open
        Whether anything is left to press.
    """

    subject: Subject
    question: str
    why: str = ""
    answers: int = 0
    cause: str = ""
    version: str | None = None
    meant: Sequence[Document] = ()
    ask: Sequence[Document] = ()
    place: int = 0
    once: str = ""
    fault: str = ""
    typed: str = ""
    is_open: bool = True
    done: Done | None = None

    @property
    def id(self) -> str:
        """The row's name on the page: the same as long as it is about the same."""
        return f"fix-{hashlib.sha256(repr(self.subject).encode()).hexdigest()[:12]}"

    @property
    def kind(self) -> str:
        """What kind of fix it is."""
        return dict(self.subject)["kind"]


def rows_of(fixes: Sequence[Document], special: Row | None = None) -> list[Row]:
    """The rows of a list, with a special one in the place of the fix that it is about, or where it stood."""
    rows = [_row(one) for one in fixes]
    if special is not None:
        rows = [one for one in rows if one.subject != special.subject]
        known = next((_row(one) for one in fixes if _subject(one) == special.subject), None)
        if known is not None and special.done is None:
            special = replace(
                special,
                why=f"{special.why} {known.why}",
                answers=known.answers,
                cause=known.cause,
                meant=known.meant,
                ask=known.ask,
            )
        rows.insert(min(special.place, len(rows)), special)
    return [replace(one, place=place, once=uuid4().hex) for place, one in enumerate(rows)]


def done_row(service: Service, subject: Subject, revision: int | None, place: int) -> Row:
    """The row of a fix that was done by a commit; raises `NotFound` if there is none of that revision."""
    if revision is None:
        return Row(subject, "", place=place, done=Done("It was so already", "", "", None))
    made = service.comparing.moment(revision)
    now = service.workspace.now()
    when = f"{spoken(made['time'], now)}, {ago(moment(made['time']), now)}"
    done = Done(made["message"], made["author"], when, revision)
    return Row(subject, "", place=place, once=uuid4().hex, done=done)


def subject_of(given: Mapping[str, str]) -> Subject:
    """What a form is about."""
    names = {
        "relation": ("source", "type", "target"),
        "owner": ("key",),
        "reference": ("key", "type", "refers_to", "back"),
    }.get(given.get("kind", ""), ())
    return (("kind", given.get("kind", "")), *((name, given.get(name, "")) for name in names))


def now_row(service: Service, subject: Subject, place: int) -> Row:
    """The row of a fix as things are now, without what it is worth."""
    about = dict(subject)
    look = {"relation": _relation_now, "owner": _owner_now, "reference": _reference_now}.get(about["kind"])
    row = Row(subject, "There is no such fix.", is_open=False)
    if look is not None:
        with suppress(NotFound):
            row = look(service, about, subject)
    return replace(row, place=place, once=uuid4().hex)


def _row(one: Document) -> Row:
    version = one["version"]
    return Row(
        _subject(one),
        one["question"],
        one["why"],
        one["tier_1"] + one["tier_2"],
        one["cause"],
        None if version is None else str(version),
        one["meant"],
        one["ask"],
    )


def _subject(one: Document) -> Subject:
    told = dict(one["relation"] or one["reference"] or {"key": one["items"][0]})
    if "back" in told:
        told["back"] = "back" if told["back"] else ""
    return subject_of({"kind": one["kind"], **told})


def _relation_now(service: Service, about: Mapping[str, str], subject: Subject) -> Row:
    ends = [service.items.show(about[end]) for end in ("source", "target")]
    kinds = service.workspace.vocabulary.relations
    label = kinds[about["type"]].label if about["type"] in kinds else about["type"]
    sentence = f"{ends[0]['name']} {label} {ends[1]['name']}"
    found = next((one for one in ends[0]["relations"] if _is(one, about)), None)
    lately = _last(service, about["source"], lambda one: one["relation"] == sentence)
    if found is None:
        return Row(subject, f"{sentence}: it is not there.", lately, is_open=False)
    why = f"{lately} It is here, {found['evidence']}.".lstrip()
    return Row(subject, f"{sentence}?", why, version=found["edition"], ask=[*_ask(ends[0]), *_ask(ends[1])])


def _is(one: Document, about: Mapping[str, str]) -> bool:
    return all(one[name] == about[name] for name in ("source", "type", "target"))


def _owner_now(service: Service, about: Mapping[str, str], subject: Subject) -> Row:
    shown = service.items.show(about["key"])
    owners = [one["name"] for one in shown["people"] if one["role"] == "owner"]
    lately = _last(
        service, about["key"], lambda one: any(change["field"] == "owner" for change in one["changes"])
    )
    why = f"{lately} It belongs to {owners[0]}.".lstrip() if owners else "It has no owner."
    return Row(subject, f"Who owns {shown['name']}?", why, version=shown["edition"], ask=_ask(shown))


def _reference_now(service: Service, about: Mapping[str, str], subject: Subject) -> Row:
    shown = service.items.show(about["key"])
    return Row(subject, f"What is “{about['refers_to']}”?", f"{shown['name']} refers to it.", ask=_ask(shown))


def _ask(shown: Document) -> list[Document]:
    """Whom to ask about an item."""
    does = {"owner": "owns", "support_group": "supports"}
    return [
        {**one, "why": f"{does[one['role']]} {shown['name']}"}
        for one in shown["people"]
        if one["role"] in does
    ]


def _last(service: Service, key: str, concerns: Callable[[Document], bool]) -> str:
    """Who did something last that concerns a fix, as a sentence; nothing if nobody did."""
    events: Sequence[Document] = ()
    with suppress(Unavailable):
        events = service.items.history(key)["history"]
    one = next((one for one in events if one["plan"] is None and concerns(one)), None)
    if one is None:
        return ""
    when = ago(moment(one["time"]), service.workspace.now())
    return f"{one['message'] or 'Changed'}, by {one['author']}, {when}."


def done_in(service: Service, given: Mapping[str, str]) -> Row | None:
    """The fix that a page's address says was done; `None` if it says none."""
    revision, place = number_in(given, "done"), number_in(given, "place")
    if revision is None:
        return None
    with suppress(NotFound, Unavailable):
        return done_row(service, subject_of(given), revision or None, place or 0)
    return None


def number_in(given: Mapping[str, str], name: str) -> int | None:
    """A number that an address or a form gives; `None` if it gives none."""
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
