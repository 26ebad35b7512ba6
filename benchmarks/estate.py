"""A made-up estate of any size: the same size and seed give the same bytes.

It models what a company's CMDB holds, from what people buy down to the power:

    business services → application services → pools of workloads, databases, queues → virtual machines
    → pools of hosts → servers → racks, switches, power, sites

- Neighbours: what belongs together has numbers close to each other on every layer, so a service's machines
  stand in one site. Most services that a service calls are its neighbours too; the others are called by
  popularity with a long tail: a few are needed by thousands, most by a handful.
- Hubs: some carry harm to nearly everything (logins, core routers, sites), others to nothing (monitoring,
  backup, owners).
- Redundancy: pools of workloads, databases and hosts, pairs of switches, gateways, routers, load balancers
  and power feeds, each a group with `needs`. Some of it is false, where chance puts all on one machine.
- Cycles: one pair of services in 25 needs each other, and neighbours call each other by chance.
- Poor data: a tenth has no owner, a third no tier, some things are planned, retired or in maintenance, and
  most relations do not say how they are known.

There are about four relations for each item. Teams come on top of the configuration items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from pathlib import Path
from random import Random

import click
import orjson

from benchmarks.attributes import Row, described
from benchmarks.layers import CLASSES, SMALLEST, Layers, key
from benchmarks.links import links

ITEMS_IN_A_FILE = 50_000
RELATIONS_IN_A_FILE = 200_000


@dataclass(frozen=True)
class Estate:
    """An estate of `cis` configuration items; `seed` tells those of one size apart."""

    cis: int
    seed: int = 0

    @cached_property
    def layers(self) -> Layers:
        """What it is made of."""
        return Layers(self.cis)

    def items(self) -> Iterator[Row]:
        """Every item as a native file gives it."""
        rng = Random(f"items of {self.seed}")
        for kind, class_name in CLASSES.items():
            for number in range(self.layers.counts[kind]):
                row = {"key": key(kind, number), "class": class_name}
                yield row | described(self.layers, rng, kind, number)

    def relations(self) -> Iterator[Row]:
        """Every relation as a native file gives it; none comes twice."""
        rng = Random(f"relations of {self.seed}")
        for kind in CLASSES:
            for number in range(self.layers.counts[kind]):
                for type_name, target, other in links(self.layers, rng, kind, number):
                    ends = {"source": key(kind, number), "type": type_name, "target": key(target, other)}
                    yield ends | _known(rng, type_name)


def _known(rng: Random, type_name: str) -> Row:
    """What a source says of a relation: mostly nothing."""
    chance = rng.random()
    if chance < 0.7:
        return {}
    row: Row = {"known": "declared" if chance < 0.8 else "observed"}
    if type_name == "uses" and chance < 0.8:
        row["still_works"] = "everything but the latest figures"
    if chance > 0.98:
        row |= {"verified_at": f"2026-{rng.randrange(1, 11):02}-15T09:00:00Z", "verified_by": "config-audit"}
    return row


def write(estate: Estate, folder: Path) -> None:
    """Write an estate into a folder as native JSON files, whose names sort those with items first."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_list(folder, "items", estate.items(), ITEMS_IN_A_FILE)
    _write_list(folder, "relations", estate.relations(), RELATIONS_IN_A_FILE)


def _write_list(folder: Path, name: str, rows: Iterable[Row], most: int) -> None:
    rest = iter(rows)
    for number in count():
        some = list(islice(rest, most))
        if not some:
            return
        content = orjson.dumps({name: some}, option=orjson.OPT_APPEND_NEWLINE)
        (folder / f"{name}-{number:04}.json").write_bytes(content)


@click.command()
@click.option(
    "--cis",
    type=click.IntRange(SMALLEST),
    default=10_000,
    show_default=True,
    help="How many configuration items.",
)
@click.option("--seed", default=0, show_default=True, help="Tells estates of one size apart.")
@click.argument("outdir", type=click.Path(path_type=Path, file_okay=False))
def main(cis: int, seed: int, outdir: Path) -> None:
    """Write a made-up estate as native files into OUTDIR."""
    write(Estate(cis, seed), outdir)


if __name__ == "__main__":
    main()
