"""What runs as a process of its own: a first import, and a question from a cold start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.filling import apart, fill, parse
from benchmarks.ground import Ground
from benchmarks.lines import Line
from benchmarks.serving import COMMAND, environment


def import_files(ground: Ground) -> Iterator[Line]:
    """Import all files into an empty SQLite store."""
    rows = len(ground.picture) + ground.picture.relations.live
    with ground.scratch() as folder:
        parsing = apart(parse, ground.files)
        ms = apart(fill, folder / "store.db", ground.files)
    yield ground.line("import", ms, "parse", parsing, rows_per_second=1_000 * rows / ms)


def cold_cli(ground: Ground) -> Iterator[Line]:
    """Ask what an item breaks, from a cold start."""
    key, own = ground.picture.keys[ground.roots.typical.place], environment(ground)
    ms, peer_ms = ground.pace.side_by_side(
        lambda: _run([str(COMMAND), "impact", key, "--json"], own),
        lambda: _run([sys.executable, "-c", "import numpy"], own),
    )
    yield ground.line("cold_cli", ms, "import_numpy", peer_ms, affected=ground.roots.typical.affected)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603  our own
