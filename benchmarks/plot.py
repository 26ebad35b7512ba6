"""The cost of each measure against the size of the estate, both axes logarithmic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.lines import Line

PANELS: Mapping[str, Sequence[str]] = {
    "keeping up with the store": (
        *("import", "build_sqlite", "build_neo4j", "snapshot_write", "snapshot_open"),
        *("delta_1", "delta_1000"),
    ),
    "asking": ("sweep_groups", "context", "explain", "critical", "search", "selection"),
    "asking from outside": ("http_keys", "http_full", "clients_50", "cold_cli"),
}
"""Which measures are drawn together."""
PEERS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "asking": {"sweep_groups": ("bfs", "networkx", "rustworkx")},
    "asking from outside": {"http_keys": ("cypher_count", "cypher_keys")},
}
"""Which peers are drawn beside them, by measure."""

# A drawing says in bytes only what it shows: text stays text, and no name or date is made up for it.
_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "cmdb", "font.size": 9, "font.family": "sans-serif"}
COLORS = 10
_ROOM = 3.5
"""How many times as far as the data the horizontal axis goes, for the names of the lines."""
_APART = 0.055
"""How much of a panel's height two names stand apart at least."""


def draw(lines: Sequence[Line]) -> str:
    """The plot as SVG."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(12, 4.6), layout="constrained")
        for axes, name in zip(figure.subplots(1, len(PANELS)), PANELS, strict=True):
            _panel(axes, name, lines)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def _panel(axes: Axes, name: str, lines: Sequence[Line]) -> None:
    own = {one: _points(lines, one) for one in PANELS[name]}
    peers = {
        f"({peer})": _points(lines, measure, peer)
        for measure, some in PEERS.get(name, {}).items()
        for peer in some
    }
    axes.set(xscale="log", yscale="log", title=name, xlabel="configuration items", ylabel="ms")
    drawn = [(label, points, "-o") for label, points in own.items() if points]
    drawn += [(label, points, ":") for label, points in peers.items() if points]
    ends = {}
    for at, (label, points, style) in enumerate(drawn):
        color = f"C{at % COLORS}"
        axes.plot(*zip(*points, strict=True), style, color=color, markersize=3, linewidth=1.2)
        ends[label] = points[-1], color
    _name(axes, ends)
    axes.grid(visible=True, which="major", linewidth=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _points(lines: Sequence[Line], measure: str, peer: str | None = None) -> list[tuple[int, float]]:
    """How long a measure took by size, or how long its peer."""
    found: dict[int, float] = {}
    for line in lines:
        ms = line.peer_ms if peer else line.ms
        if line.measure == measure and peer in {None, line.peer} and ms is not None:
            found[line.cis] = ms
    return sorted(found.items())


def _name(axes: Axes, ends: Mapping[str, tuple[tuple[int, float], str]]) -> None:
    """Write each line's name at its end, none over another."""
    if not ends:
        return
    left, right = axes.get_xlim()
    axes.set_xlim(left, right * _ROOM)
    to_axes = axes.transData + axes.transAxes.inverted()
    height = -1.0
    for label, (end, color) in sorted(ends.items(), key=lambda one: one[1][0][1]):
        x, y = to_axes.transform(end)
        height = max(y, height + _APART)
        axes.text(x + 0.02, height, label, color=color, transform=axes.transAxes, va="center", fontsize=8)
