"""A plan as a table: a line for each field that changes, and for each entry of the other parts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.service.held.plans import AT_ONCE, KeptPlan
from api.service.showing import PARTS
from cmdb.stores.staging import batches

_COLUMNS = (
    *("part", "key", "source", "type", "target", "class", "name"),
    *("field", "before", "after", "was_from", "from", "where", "reason"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take text for a formula."""


def pieces(plan: KeptPlan) -> Iterator[str]:
    """The table, in pieces; the mark at its begin tells spreadsheets that it is UTF-8."""
    yield f"\N{ZERO WIDTH NO-BREAK SPACE}{_written([_COLUMNS])}"
    for part in PARTS:
        for some in batches(plan.entries(part), AT_ONCE):
            rows = (told for entry in some for told in _told(part, entry))
            yield _written([_cell(one.get(name)) for name in _COLUMNS] for one in rows)


def _told(part: str, entry: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401  each part has its own
    match part, entry:
        case "warnings", _:
            yield {"part": part, "reason": entry}
        case "lonely", _:
            yield {"part": part, "key": entry}
        case "kept", _:
            told = {"before": entry["value"], "after": entry["offered"]}
            yield {**entry, **told, "part": part, "was_from": entry["by"], "from": entry["offered_by"]}
        case ("unresolved", _):
            yield {**entry, "part": part, "reason": f"no such {', '.join(entry['missing'])}"}
        case ("rejected", _):
            yield {**entry, "part": part}
        case _:
            for field in entry["fields"] or [{}]:
                yield {**entry, **field, "part": part}


def _cell(value: object) -> object:
    """A value as a spreadsheet shall show it: text is text, whatever it begins with."""
    if isinstance(value, list):
        return _cell(", ".join(map(str, value)))
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _written(rows: Iterable[Iterable[object]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
