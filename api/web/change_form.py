"""The form in which a change is written down; it is read as a file of the same parts would be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import uuid4

from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.problems import problem
from api.service import Service
from api.service.changes import NewChange
from api.web import addresses
from api.web.acting import actor_of
from api.web.rendering import render
from cmdb.changes.rules import actions
from cmdb.errors import Conflict, Rejected, Unreadable

ROWS, MORE = 4, 6
"""How many rows for what is touched there are at first, and how many more somebody gets."""

MOST_ROWS = 200
LONGEST_ID = 200

PARTS = {
    "title": "Title",
    "type": "Type",
    "reason": "Reason",
    "risk_of_not_doing.text": "If we do not",
    "risk_of_not_doing.deadline": "Deadline",
    "window.start": "Window, start",
    "window.end": "Window, end",
    "window.zone": "Window, time zone",
    "plans.implementation.text": "Implementation",
    "plans.implementation.minutes": "Implementation, minutes",
    "plans.test.text": "Test",
    "plans.test.minutes": "Test, minutes",
    "plans.backout.text": "Backout",
    "plans.backout.minutes": "Backout, minutes",
    "plans.backout.tested": "Backout, tested",
    "requester": "Requester",
    "implementer": "Implementer",
}
"""What each field is called, by its place in a change's file, which is its name in the form as well."""

COLUMNS = {"key": "item", "action": "what is done", "step": "step", "minutes": "minutes"}
"""What the fields of a row are called; there is one more, whether its item is not registered."""

_STRANGER = "unregistered"
_NUMBERS = re.compile(r"[0-9]{1,18}", re.ASCII)
_ROW = re.compile(r"affects\[(\d+)\](?:\.(\w+))?", re.ASCII)
_TICKED = "yes"

Typed = Mapping[str, str]


class Sent(NamedTuple):
    """What was sent: the fields, the rows of what is touched without those left blank, and the rest."""

    typed: Typed
    rows: Sequence[Typed]
    more: bool
    id: str


class Wrong(NamedTuple):
    """A fault: at which field, what that is called, and what is wrong there."""

    field: str | None
    label: str
    detail: str


@dataclass(frozen=True)
class ChangeForm:
    """The form over some use cases."""

    service: Service

    def page(self, request: Request) -> Response:
        """Ask for a change; with `affects` its first item is filled in."""
        touched = request.query_params.get("affects")
        return self._form(Sent({}, [{"key": touched}] if touched else [], more=False, id=uuid4().hex))

    async def register(self, request: Request) -> Response:
        """Register the change that was sent, or show the form again with what is wrong."""
        sent = await _read(request)
        if sent.more:
            return await run_in_threadpool(self._form, sent)
        return await run_in_threadpool(self._registered, sent, request)

    def _registered(self, sent: Sent, request: Request) -> Response:
        try:
            done = self.service.changes.new(NewChange(said_in(sent), actor_of(request), sent.id))
        except (Conflict, Rejected) as error:
            return self._form(sent, problem(error))
        told = "?left_out=yes" if done["warnings"] else ""
        return RedirectResponse(f"{addresses.change(done['key'])}{told}", 303)

    def _form(self, sent: Sent, refused: Mapping[str, Any] | None = None) -> Response:
        vocabulary = self.service.workspace.vocabulary
        faults = [_wrong(one["pointer"], one["detail"]) for one in (refused or {}).get("errors", ())]
        blank = max(ROWS - len(sent.rows), 0) + (MORE if sent.more else 0)
        return render(
            "change_new.html",
            refused["status"] if refused else 200,
            sent=sent,
            rows=[*sent.rows, *[{}] * blank][:MOST_ROWS],
            refused=refused,
            faults=faults,
            wrong={one.field: one.detail for one in faults if one.field},
            labels=PARTS,
            columns=COLUMNS,
            types=vocabulary.fields["change_type"].one_of,
            actions={name: one.label for name, one in actions().items()},
            stale=self.service.workspace.scene().stale,
        )


async def _read(request: Request) -> Sent:
    """What was sent.

    Raises
    ------
    Unreadable
        If this is no form, or holds more than the page's own.
    """
    most = len(PARTS) + (len(COLUMNS) + 1) * MOST_ROWS + 2
    try:
        async with request.form(max_files=0, max_fields=most) as form:
            given = {name: str(value).strip() for name, value in form.items()}
    except HTTPException as error:
        raise Unreadable(f"The form cannot be read: {error.detail}") from error
    typed = {name: given[name] for name in PARTS if given.get(name)}
    return Sent(typed, list(_rows(given)), "more" in given, given.get("id", "")[:LONGEST_ID] or uuid4().hex)


def _rows(given: Typed) -> Iterator[Typed]:
    for place in range(MOST_ROWS):
        row = {name: given.get(f"affects[{place}].{name}", "") for name in (*COLUMNS, _STRANGER)}
        row = {name: value for name, value in row.items() if value}
        if row:
            yield row


def said_in(sent: Sent) -> dict[str, Any]:
    """The change that was sent, as its file would say it.

    Examples
    --------
    >>> said_in(Sent({"title": "Patch", "plans.test.minutes": "5"}, [{"key": "a", "step": "2"}], False, ""))
    {'title': 'Patch', 'plans': {'test': {'minutes': 5}}, 'affects': [{'key': 'a', 'step': 2}]}
    """
    said: dict[str, Any] = {}
    for pointer, text in sent.typed.items():
        *outer, name = pointer.split(".")
        part = said
        for one in outer:
            part = part.setdefault(one, {})
        part[name] = _value(pointer, text)
    if sent.rows:
        said["affects"] = [_entry(row) for row in sent.rows]
    return said


def _entry(row: Typed) -> dict[str, Any]:
    """One row; what it names is a key, unless it is ticked as not registered."""
    entry = {name: _value(name, text) for name, text in row.items() if name != _STRANGER}
    if _STRANGER in row and "key" in entry:
        entry[_STRANGER] = entry.pop("key")
    return entry


def _value(pointer: str, text: str) -> object:
    """What a field says: a number where one is asked for and typed, else what was typed."""
    name = pointer.rpartition(".")[2]
    if name == "tested":
        return text == _TICKED
    return int(text) if name in {"minutes", "step"} and _NUMBERS.fullmatch(text) else text


def _wrong(pointer: str, detail: str) -> Wrong:
    """A fault at the field that it is about; one without a field is told by its place alone."""
    row = _ROW.fullmatch(pointer)
    if row is None:
        return Wrong(pointer if pointer in PARTS else None, PARTS.get(pointer, pointer), detail)
    name = "key" if row[2] in {None, _STRANGER} else row[2]
    label = f"Row {int(row[1]) + 1}, {COLUMNS.get(name, name)}"
    return Wrong(f"affects[{row[1]}].{name}" if name in COLUMNS else None, label, detail)
