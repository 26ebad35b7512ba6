"""How documents look on a terminal: sentences first, then tables; plain text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Line = Sequence["str | tuple[str, str] | Text"]
"""A line made of texts, each perhaps with a style."""

STYLES = {"out": "bold red", "degraded": "yellow", "at_risk": "cyan", "ok": "green"}
GLYPHS = {"out": "⊗", "degraded": "▼", "at_risk": "◇", "ok": "○"}
STATE_WIDTH = 12
"""How much room a state and the blanks behind it take where they stand below each other."""

FOLD_AFTER = 25
_UNSHOWN = {
    **dict.fromkeys((*range(32), *range(127, 160), *range(0xD800, 0xE000)), "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\N{REPLACEMENT CHARACTER}"),
    ord("\t"): " ",
    ord("\n"): "\N{SYMBOL FOR NEWLINE}",
}
"""Control characters in somebody's data must not steer a terminal, begin a line of their own or turn around
what stands behind them; half characters cannot be printed."""


@cache
def console() -> Console:
    """The terminal, or a pipe: without colour and not cut to any width."""
    from rich.console import Console

    probe = Console()
    return probe if probe.is_terminal else Console(width=sys.maxsize, no_color=True, highlight=False)


def clean(text: str) -> str:
    """Text with a mark for each character that a terminal would obey or cannot show."""
    return text.translate(_UNSHOWN)


def say(text: str = "", style: str = "", *, indent: int = 0, hang: int = 0) -> None:
    """Print a line of text as it is, on a terminal broken between words; all but the first part hang."""
    from rich.text import Text

    line, room = Text(clean(text), style), max(console().width - indent - hang, 20)
    for number, part in enumerate(line.wrap(console(), room) if console().is_terminal else [line]):
        console().print(Text(" " * (indent + hang * (number > 0))) + part, soft_wrap=True)


@dataclass
class Branch:
    """A part of a tree: its lines, made of texts, each perhaps with a style, and what stands below them."""

    lines: Sequence[Line]
    below: list[Branch] = field(default_factory=list)


def draw(branch: Branch, first: str = "", others: str = "") -> None:
    """Print a tree, its lines broken between words where they are too long.

    Parameters
    ----------
    first, others
        What stands before its first line, and before all others.
    """
    ascii_only = console().options.ascii_only
    fork, end, down = ("|-- ", "`-- ", "|   ") if ascii_only else ("├── ", "└── ", "│   ")
    under = others + (down if branch.below else "    " if len(branch.lines) > 1 else "")
    for number, line in enumerate(branch.lines):
        tell(line, first if number == 0 else others, under)
    for one in branch.below:
        last = one is branch.below[-1]
        draw(one, others + (end if last else fork), others + ("    " if last else down))


def tell(line: Line, first: str = "", others: str = "") -> None:
    """Print a line, on a terminal broken between words; what goes over hangs by two blanks.

    Parameters
    ----------
    first, others
        What stands before its first part, and before all others.
    """
    from rich.text import Text

    whole = Text()
    for part in line:
        whole.append_text(part) if isinstance(part, Text) else whole.append(*_styled(part))
    room = max(console().width - len(others) - 2, 20)
    for number, piece in enumerate(whole.wrap(console(), room) if console().is_terminal else [whole]):
        before = first if number == 0 else f"{others}  "
        console().print(Text.assemble((before, "dim"), piece), soft_wrap=True)


def _styled(part: str | tuple[str, str]) -> tuple[str, str]:
    text, style = (part, "") if isinstance(part, str) else part
    return clean(text), style


def title(text: str) -> None:
    """Print the sentence that matters most."""
    say(text, style="bold")


def state(name: str) -> Text:
    """A state as glyph and word."""
    from rich.text import Text

    return Text(f"{GLYPHS[name]} {name.replace('_', ' ')}", style=STYLES[name])


def behind_state(name: str, text: str) -> Line:
    """Text behind a state, with room between, so that states stand below each other."""
    glyph_and_word = state(name)
    return [glyph_and_word, " " * (STATE_WIDTH - len(glyph_and_word)), text]


def called(row: Mapping[str, Any]) -> str:
    """An item by its name, with its key where that differs."""
    return str(row["name"]) if row["name"] == row["key"] else f"{row['name']} ({row['key']})"


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows in columns; nothing when there are none."""
    from rich.table import Table
    from rich.text import Text

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


def noted(heading: str, lines: Sequence[str | Line]) -> None:
    """Print a list under a heading, the rest of a long one as its count."""
    if not lines:
        return
    say()
    say(f"{heading} ({len(lines)})", style="dim")
    for line in lines[:FOLD_AFTER]:
        tell([line] if isinstance(line, str) else line, "  ", "  ")
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
