"""The form in which people write a change down, and which field of the record each part of it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cmdb.changes.record import Affected, Change
from cmdb.errors import Fault
from cmdb.spelling import did_you_mean
from cmdb.words import listed

Form = Mapping[str, "str | Form"]
"""By the name of a part: the field that it is, or its own parts."""

TEXT = "text"
"""The part that is meant where somebody writes a text in the place of several parts."""


def _procedure(name: str, **more: str) -> Form:
    parts = {TEXT: f"{name}_plan", "evidence": f"{name}_evidence", "minutes": f"{name}_minutes"}
    return {**parts, **more}


FORM: Form = {
    "title": "name",
    "type": "change_type",
    "reason": "reason",
    "risk_of_not_doing": {TEXT: "risk_of_not_doing", "deadline": "due_at"},
    "window": {"start": "planned_start", "end": "planned_end", "zone": "zone"},
    "plans": {
        "implementation": _procedure("implementation"),
        "test": _procedure("test"),
        "backout": _procedure("backout", tested="backout_tested", point_of_no_return="point_of_no_return"),
    },
    "requester": "requester",
    "implementer": "implementer",
}


def fields_of(form: Form) -> Iterator[str]:
    """The fields that the parts of a form are."""
    for what in form.values():
        yield from [what] if isinstance(what, str) else fields_of(what)


AFFECTS_PART = "affects"
OPERATIONS_PART = "operations"
PARTS = (*FORM, AFFECTS_PART, OPERATIONS_PART)
"""What a change is written down as, part by part; the last two are lists."""


class Said(NamedTuple):
    """What somebody wrote in one part: the field it is, where it stands, and the value, unchecked."""

    field: str
    pointer: str
    value: object


def parts_of(said: Mapping[str, object], faults: list[Fault]) -> Iterator[Said]:
    """Everything that is written in the form but its lists; what is not of the form is noted as a fault."""
    faults += unknown(said, PARTS, "")
    yield from _parts({name: value for name, value in said.items() if name in FORM}, FORM, "", faults)


def unknown(said: Mapping[str, object], known: tuple[str, ...], before: str) -> Iterator[Fault]:
    """A fault for each name that is not one of those known; `before` stands before its pointer."""
    for name in said:
        if name not in known:
            hint = did_you_mean(str(name), known) or f" There is {listed([*known])}."
            yield Fault(f"{before}{name}", f"this is not known here.{hint}")


def _parts(said: Mapping[str, object], form: Form, before: str, faults: list[Fault]) -> Iterator[Said]:
    for name, value in said.items():
        what, pointer = form[name], f"{before}{name}"
        if isinstance(what, str):
            yield Said(what, pointer, value)
        else:
            inner = {TEXT: value} if isinstance(value, str) and TEXT in what else value
            yield from _inner(inner, what, pointer, faults)


def _inner(value: object, form: Form, pointer: str, faults: list[Fault]) -> Iterator[Said]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        faults.append(Fault(pointer, f"this is not a mapping of {listed([*form])}"))
        return
    faults += unknown(value, tuple(form), f"{pointer}.")
    yield from _parts({name: one for name, one in value.items() if name in form}, form, f"{pointer}.", faults)


def written(change: Change) -> dict[str, Any]:
    """A change in the form that it would be written down in, without its plan in the graph."""
    values = {"name": change.title, **change.item.attributes}
    return {**_filled(FORM, values), AFFECTS_PART: [_entry(one) for one in change.affects]}


def merged(said: Any, patch: Any) -> Any:  # noqa: ANN401  whatever a form holds
    """What is written, with a patch upon it: mappings part by part, `None` takes away, all else is replaced.

    Examples
    --------
    >>> merged({"window": {"start": 1, "end": 2}, "reason": "r"}, {"window": {"end": 3}, "reason": None})
    {'window': {'start': 1, 'end': 3}}
    """
    if not isinstance(patch, Mapping):
        return patch
    there = dict(said) if isinstance(said, Mapping) else {TEXT: said} if isinstance(said, str) else {}
    for name, value in patch.items():
        if value is None:
            there.pop(name, None)
        else:
            there[name] = merged(there.get(name), value)
    return there


def _filled(form: Form, values: Mapping[str, object]) -> dict[str, Any]:
    found = {
        name: values.get(what) if isinstance(what, str) else _filled(what, values)
        for name, what in form.items()
    }
    return {name: value for name, value in found.items() if value not in (None, {})}


def _entry(one: Affected) -> dict[str, Any]:
    who = {"unregistered": one.name} if one.key is None else {"key": one.key}
    values = {"action": one.action, "step": one.step, "effect": one.effect, "minutes": one.minutes}
    return {**who, **{name: value for name, value in values.items() if value is not None}}
