"""What to draw of an answer: few boxes, the harm flowing from causes to services.

Drawn are causes, affected items, and groups that broke or held with their other members as one box. Boxes
that say little are folded until the drawing fits a screen; nothing is dropped, a fold keeps its keys.
"""

from __future__ import annotations

from typing import Any

from cmdb.harm import COUNTED, TRANSFERS
from impact.answer import Answer
from impact.drawing.folds import fold
from impact.drawing.sheet import Sheet, draw, passed, position
from impact.picture import Row


def drawing(answer: Answer) -> dict[str, Any]:
    """The boxes and arrows of an answer, folded for one screen.

    Returns
    -------
    dict
        `boxes`, each with `id`, `kind`, `keys`, `label`, `second`, `state`, `cause`, `tier` and the `column`
        it stands in;
        `arrows`, each with `source`, `target`, `transfer` and the `state` it passes; and `items`, how many
        items the boxes stand for.
    """
    sheet = draw(answer)
    fold(sheet)
    return {
        "boxes": [_box(sheet, name) for name in sorted(sheet.boxes, key=lambda name: position(sheet, name))],
        "arrows": [_arrow(sheet, start, end) for start, end in sheet.arrows()],
        "items": sum(len(box.places) for box in sheet.boxes.values()),
    }


def _box(sheet: Sheet, name: str) -> dict[str, Any]:
    box, picture = sheet.boxes[name], sheet.answer.picture
    first = box.places[0]
    return {
        "id": name,
        "kind": box.kind,
        "keys": [picture.keys[place] for place in box.places],
        "label": box.label,
        "second": box.second,
        "state": box.state.word,
        "cause": first in sheet.answer.causes,
        "tier": picture.tier(first) if box.kind == "service" else None,
        "column": sheet.ranks.before[name],
    }


def _arrow(sheet: Sheet, start: str, end: str) -> dict[str, Any]:
    rows = sheet.rows(start, end)
    worst = max(rows, key=lambda row: passed(sheet.answer, row))
    return {
        "source": start,
        "target": end,
        "transfer": _transfer_name(worst),
        "state": passed(sheet.answer, worst).word,
    }


def _transfer_name(row: Row) -> str:
    if row.counted:
        return COUNTED
    return next(name for name, table in TRANSFERS.items() if table == row.transfer)
