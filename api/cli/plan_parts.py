"""The parts of an import's document, or of an undoing's, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from api.cli.root import Document
from api.cli.words import say
from cmdb.words import listed

SHOWN_AT_MOST = 20
"""How many entries of each part are printed."""

_FIELDS_AT_MOST = 6


def show_parts(document: Document, *, dry_run: bool) -> None:
    """Print each part that holds anything: its number, the first entries, and how to see the rest."""
    for part, (heading, line) in HEADINGS.items():
        entries = list(_entries(document, part))
        total = document.get("matching", {}).get(part, len(entries))
        if total:
            say()
            say(f"{heading} ({total})", style="dim")
            for one in entries[:SHOWN_AT_MOST]:
                say(line(one), indent=2)
            _tell_rest(total, f"--only {part} --json" if dry_run else "--json")
    filtered = document.get("filtered")
    if filtered:
        say()
        say(f"Shown {_filter(filtered)}; there is more: --dry-run alone shows every part.", style="dim")


def show_steps(document: Document) -> None:
    """Print the steps of what was not imported: adds, changes, retirements."""
    for part in _ACTIONS:
        lines = [_step(one) for one in _entries(document, part)]
        if lines:
            say()
            say(f"{HEADINGS[part][0]} ({len(lines)})", style="dim")
            for line in lines[:SHOWN_AT_MOST]:
                say(line, indent=2)
            _tell_rest(len(lines), "--json")


def _tell_rest(total: int, how: str) -> None:
    if total > SHOWN_AT_MOST:
        say(f"and {total - SHOWN_AT_MOST} more: {how} shows all", indent=2)


_ACTIONS = {"added": "add", "changed": "change", "retired": "retire"}


def _entries(document: Document, part: str) -> Iterable[Any]:
    if part in _ACTIONS:
        return (one for one in document.get("steps", ()) if one["action"] == _ACTIONS[part])
    entries: Iterable[Any] = document[part]
    return entries


def _filter(filtered: Mapping[str, Any]) -> str:
    only = [f"only what is {listed(filtered['only'])}"] if filtered["only"] else []
    keys = [f"only keys like {filtered['match']}"] if filtered["match"] is not None else []
    return " and ".join(only + keys)


def _step(one: Mapping[str, Any]) -> str:
    fields = ", ".join(_field(each) for each in one["fields"][:_FIELDS_AT_MOST])
    rest = len(one["fields"]) - _FIELDS_AT_MOST
    told = fields + (f" and {rest} fields more" if rest > 0 else "")
    return f"{_about(one)}: {told}" if told and one["action"] != "retire" else _about(one)


def _about(one: Mapping[str, Any]) -> str:
    if one["what"] == "relation":
        return f"{one['source']} {one['type']} {one['target']}"
    name = f" “{one['name']}”" if one["name"] != one["key"] else ""
    return f"{one['key']}{name}, {one['class'].replace('_', ' ')}"


def _field(one: Mapping[str, Any]) -> str:
    name, before, after = one["field"].replace("_", " "), one["before"], one["after"]
    was = f" (by {one['was_from']})" if one["was_from"] else ""
    if before is None:
        return f"{name} {_value(after)}"
    if before == after:
        return f"{name} stays {_value(after)}{was}, now by {one['from']}"
    return f"{name} {_value(before)}{was} → {_value(after)}"


def _value(value: object) -> str:
    return (
        "nothing"
        if value is None
        else listed([str(one) for one in value])
        if isinstance(value, list)
        else str(value)
    )


def _unresolved(one: Mapping[str, Any]) -> str:
    text = f"{one['source']} {one['type']} {one['target']}, at {one['where']}"
    rest = one["candidates_total"] - len(one["candidates"])
    more = f" and {rest} more" if rest > 0 else ""
    return f"{text}; perhaps {', '.join(one['candidates'])}{more}" if one["candidates"] else text


def _kept(one: Mapping[str, Any]) -> str:
    about = one.get("key") or f"{one['source']} {one['type']} {one['target']}"
    stays = f"{one['field'].replace('_', ' ')} stays {_value(one['value'])} (by {one['by']})"
    return f"{about}: {stays}; {one['offered_by']} says {_value(one['offered'])}"


HEADINGS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "added": ("Added", _step),
    "changed": ("Changed", _step),
    "retired": ("Retired", _step),
    "kept": ("Kept, because a higher source says so", _kept),
    "unresolved": ("Not found", _unresolved),
    "rejected": ("Left out", lambda one: f"{one['where']}: {one['reason']}"),
    "lonely": ("Without any relation", str),
    "warnings": ("Warnings", str),
}
"""By part: what stands above its entries, and how each of them is told."""
