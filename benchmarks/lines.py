"""What one measurement found, as a line of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

Row = dict[str, Any]

DIGITS = 3


@dataclass(frozen=True)
class Line:
    """One measure of one estate, beside one peer or alone.

    Attributes
    ----------
    measure
        What was measured.
    cis, relations
        How large the estate is.
    ms
        How long it took, in milliseconds; `None` where it is no time that was measured.
    peer, peer_ms
        What stands beside it, and how long that took in the same run.
    ratio
        How many times as long as the peer it took.
    extra
        Further figures by name, where a time alone says too little.
    """

    measure: str
    cis: int
    relations: int
    ms: float | None
    peer: str | None = None
    peer_ms: float | None = None
    ratio: float | None = None
    extra: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> tuple[str, str | None, int]:
        """What tells it from all others."""
        return self.measure, self.peer, self.cis

    def document(self) -> Row:
        """The line as plain data."""
        numbers = {"ms": self.ms, "peer": self.peer, "peer_ms": self.peer_ms, "ratio": self.ratio}
        row = {"measure": self.measure, "cis": self.cis, "relations": self.relations, **numbers, **self.extra}
        return {
            name: round(value, DIGITS) if isinstance(value, float) else value for name, value in row.items()
        }


def written(line: Line) -> str:
    """A line as JSON.

    Examples
    --------
    >>> written(Line("sweep", 100, 400, 0.25, "bfs", 0.125, 2.0, {"affected": 70}))
    '{"measure":"sweep","cis":100,"relations":400,"ms":0.25,"peer":"bfs","peer_ms":0.125,"ratio":2.0,"affected":70}'
    """
    return orjson.dumps(line.document()).decode()


def read_lines(texts: Iterable[str]) -> list[Line]:
    """Lines of JSON, as `written` wrote them; those that are blank are passed over."""
    return [_line(orjson.loads(text)) for text in texts if text.strip()]


def _line(row: Row) -> Line:
    own = {name: row.pop(name) for name in ("measure", "cis", "relations", "ms", "peer", "peer_ms", "ratio")}
    return Line(**own, extra=row)
