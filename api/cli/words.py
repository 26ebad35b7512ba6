"""How documents look on a terminal: sentences first, then tables; plain text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

STYLES = {"out": "bold red", "degraded": "yellow", "at_risk": "cyan", "ok": "green"}
GLYPHS = {"out": "⊗", "degraded": "▼", "at_risk": "◇", "ok": "○"}
FOLD_AFTER = 25
_UNSHOWN = {
    **dict.fromkeys((*range(32), *range(127, 160), *range(0xD800, 0xE000)), "\N{REPLACEMENT CHARACTER}"),
    ord("\t"): " ",
    ord("\n"): "\N{SYMBOL FOR NEWLINE}",
}
"""Control characters in somebody's data must not steer a terminal or begin a line of their own; half
characters cannot be printed."""


@cache
def console() -> Console:
    """The terminal, or a pipe: without colour and not cut to any width."""
    probe = Console()
    return probe if probe.is_terminal else Console(width=sys.maxsize, no_color=True, highlight=False)


def clean(text: str) -> str:
    """Text with a mark for each character that a terminal would obey or cannot show."""
    return text.translate(_UNSHOWN)


def say(text: str = "", style: str = "", *, indent: int = 0, hang: int = 0) -> None:
    """Print a line of text as it is, on a terminal broken between words; all but the first part hang."""
    line, room = Text(clean(text), style), max(console().width - indent - hang, 20)
    for number, part in enumerate(line.wrap(console(), room) if console().is_terminal else [line]):
        console().print(Text(" " * (indent + hang * (number > 0))) + part, soft_wrap=True)


def title(text: str) -> None:
    """Print the sentence that matters most."""
    say(text, style="bold")


def state(name: str) -> Text:
    """A state as glyph and word."""
    return Text(f"{GLYPHS[name]} {name.replace('_', ' ')}", style=STYLES[name])


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows in columns; nothing when there are none."""
    lines = [
        [cell if isinstance(cell, Text) else Text("" if cell is None else clean(str(cell))) for cell in row]
        for row in rows
    ]
    if not lines:
        return
    sheet = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings:
        sheet.add_column(heading, no_wrap=not console().is_terminal, overflow="fold")
    for line in lines:
        sheet.add_row(*line)
    console().print(sheet)


def noted(heading: str, lines: Sequence[str]) -> None:
    """Print a list under a heading, the rest of a long one as its count."""
    if not lines:
        return
    say()
    say(f"{heading} ({len(lines)})", style="dim")
    for line in lines[:FOLD_AFTER]:
        say(line, indent=2)
    unshown(lines, indent=2)


def unshown(lines: Sequence[Any], *, indent: int = 0) -> None:
    """Say how much of a long list is not shown."""
    if len(lines) > FOLD_AFTER:
        say(f"… {len(lines) - FOLD_AFTER} more; --json lists them all", indent=indent)


def changed(change: Mapping[str, Any]) -> str:
    """Another value of a field, as a line tells it."""
    before, after = ("nothing" if change[which] is None else change[which] for which in ("before", "after"))
    return f"{change['field'].replace('_', ' ')}: {before} → {after}"


def more(document: Mapping[str, Any]) -> None:
    """Say how to go on where a list is longer than what is shown."""
    if document["next"]:
        say(f"{len(document['items'])} of {document['total']}; go on with --cursor {document['next']}")
