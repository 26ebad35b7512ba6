"""Measure how fast it is, everything beside its peers in the same run.

usage: make bench ARGS="--cis 10000 --json"
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import click
import platformdirs
from rich.console import Console

from benchmarks.estate import Estate
from benchmarks.ground import Ground, standing_on
from benchmarks.layers import SMALLEST
from benchmarks.lines import Line, written
from benchmarks.measures import MEASURES, Work
from benchmarks.peers.neo4j import NONE, OWN
from benchmarks.table import table
from benchmarks.timing import Pace

SIZES = (10_000, 100_000)
WIDTH = 110


@click.command()
@click.option(
    "--cis",
    "sizes",
    type=click.IntRange(SMALLEST),
    multiple=True,
    default=SIZES,
    show_default=True,
    help="How many configuration items the estate has; several sizes are measured one after the other.",
)
@click.option("--seed", default=0, show_default=True, help="Tells estates of one size apart.")
@click.option(
    "--only",
    metavar="MEASURE",
    type=click.Choice([one.name for one in MEASURES]),
    multiple=True,
    help="Take only this measure; may be given several times.",
)
@click.option("--repeat", default=Pace().most, show_default=True, help="How often each is taken at most.")
@click.option(
    "--neo4j",
    "neo4j_url",
    envvar="NEO4J_URI",
    default=OWN,
    show_default=True,
    metavar="URL",
    help=f"An empty Neo4j that may be filled and emptied. “{OWN}” starts one where Java and Maven are;"
    f" “{NONE}” leaves out what needs one.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=platformdirs.user_cache_path("cmdb-benchmarks"),
    help="Where estates are kept between runs; in your cache folder by default.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one line of JSON for each figure as it is found."
)
def main(
    sizes: Collection[int],
    seed: int,
    only: Collection[str],
    repeat: int,
    neo4j_url: str,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Measure how fast it is."""
    lines = []
    for cis in sizes:
        ground = Ground(Estate(cis, seed), Pace(repeat), folder, neo4j_url)
        with standing_on(ground):
            for line in measured(ground, only):
                lines.append(line)
                if as_json:
                    click.echo(written(line))
    if not as_json:
        Console(width=max(Console().width, WIDTH)).print(table(lines))


def measured(ground: Ground, only: Collection[str] = ()) -> Iterator[Line]:
    """Take some measures of an estate, or all of them."""
    wanted = [one for one in MEASURES if not only or one.name in only]
    for work in dict.fromkeys(one.work for one in wanted):
        names = [one.name for one in wanted if one.work is work]
        click.echo(f"{ground.estate.cis:,} CIs: {', '.join(names)}", err=True)
        yield from (line for line in _taken(work, ground) if line.measure in names)


def _taken(work: Work, ground: Ground) -> Iterator[Line]:
    try:
        yield from work(ground)
    except (
        BrokenPipeError
    ) as error:  # which click would take for a reader who has gone, and end without a word
        raise RuntimeError("A connection broke while something was measured.") from error


if __name__ == "__main__":
    main()
