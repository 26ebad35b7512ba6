"""Everything that is measured: one table of names, meanings and where to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.ground import Ground
from benchmarks.lines import Line
from benchmarks.measures import asking, assessing, keeping, reading, serving, starting, sweeping

Work = Callable[[Ground], Iterator[Line]]


class Measure(NamedTuple):
    """One measure: what it means, what stands beside it, and what takes it. Some are taken together."""

    name: str
    meaning: str
    beside: str
    work: Work


def _deltas() -> Iterator[Measure]:
    for number in reading.CHANGES:
        many = f"a commit of {number:,} changes" if number > 1 else "a commit of one change"
        yield Measure(f"delta_read_{number}", f"read from the store what {many} touched", "", reading.delta)
        yield Measure(f"delta_{number}", "then make the next picture", "", reading.delta)


MEASURES = (
    Measure(
        "import",
        "import all files into an empty SQLite store; `rows_per_second` counts items and relations",
        "`parse`: read and understand the files alone",
        starting.import_files,
    ),
    Measure(
        "build_sqlite",
        "make the picture from a SQLite file",
        "`scan`: read every row of the store alone",
        reading.build_sqlite,
    ),
    Measure("build_neo4j", "make the picture from Neo4j", "`scan`", reading.build_neo4j),
    Measure(
        "snapshot_write",
        "write the picture to disk; `bytes` is how large that is",
        "`write_bytes`: write as many bytes as they are",
        keeping.snapshot_write,
    ),
    Measure(
        "snapshot_open",
        "open the picture from disk, and prove it whole",
        "`read_bytes`: read the file as it is",
        keeping.snapshot_open,
    ),
    Measure(
        "memory_per_relation",
        "`bytes` of all arrays of the picture, after a question, for each relation",
        "",
        keeping.memory_per_relation,
    ),
    *_deltas(),
    Measure(
        "sweep",
        "states at three levels, and distances, from one cause; over the graph without its groups",
        "`bfs`: bare compiled breadth-first search over the same arrays",
        sweeping.sweep_alone,
    ),
    Measure(
        "sweep_groups",
        "the same over the whole graph, groups counted",
        "`bfs`; `networkx` and `rustworkx`: `descendants` in the same graph",
        sweeping.sweep_groups,
    ),
    Measure("context", "find what is hurt anyway, and sweep from that", "", sweeping.context_alone),
    Measure("explain", "say why the farthest item that is hit is hit, chains included", "", asking.explain),
    Measure(
        "critical",
        "find every single point of failure of all services of tier 1, and false redundancy",
        "",
        asking.critical_points,
    ),
    Measure("search", f"find items by words: “{asking.WORDS}”", "", asking.search),
    Measure("selection", f"find the items that `{asking.UPSTREAM}` means", "", asking.selection),
    Measure(
        "assess",
        "assess a change that touches 20 items while 500 others are open (`changes`): three runs, conflicts,"
        " holds, advice",
        "`sweep`: one sweep from one of the items",
        assessing.assess,
    ),
    Measure(
        "http_keys",
        f"the whole answer over HTTP with `fields` {', '.join(serving.FIELDS)}, parsed by the client",
        "`cypher_count`, `cypher_keys`: how many items, or which keys, Cypher reaches from the same cause",
        serving.over_http,
    ),
    Measure("http_full", "the same with every field", "`cypher_count`, `cypher_keys`", serving.over_http),
    Measure(
        "clients_50",
        f"one answer over HTTP while {serving.CLIENTS} clients ask; `p99_ms`: 99 of 100 took no longer",
        "`one_client`: the same while nobody else asks",
        serving.clients,
    ),
    Measure(
        "cold_cli",
        "`cmdb impact KEY --json` as a fresh process, which opens the picture from disk",
        "`import_numpy`: a fresh process that does nothing but import numpy",
        starting.cold_cli,
    ),
)
