"""Lines as a table for people."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from benchmarks.lines import Line


def table(lines: Iterable[Line]) -> Table:
    """One row for each line."""
    found = Table("measure", "CIs", "ms", "beside", "its ms", "ratio", "further")
    for column in found.columns[1:]:
        column.justify = "right"
    for line in lines:
        found.add_row(
            line.measure,
            f"{line.cis:,}",
            shown(line.ms),
            line.peer or "",
            shown(line.peer_ms),
            shown(line.ratio),
            ", ".join(f"{name} {shown(value)}" for name, value in line.extra.items()),
        )
    return found


def shown(value: float | None) -> str:
    """A figure in three digits or more, a number of things as it is, and nothing where there is none.

    Examples
    --------
    >>> shown(0.01234), shown(12.345), shown(123456.7), shown(39), shown(None)
    ('0.0123', '12.3', '123,457', '39', '')
    """
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 or isinstance(value, int) else f"{value:#.3g}"
