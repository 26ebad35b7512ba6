"""Put what was measured into the documentation: its table, its verdicts and its plot.

usage: make bench ARGS="--json" > new.jsonl && python -m benchmarks.report new.jsonl
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from benchmarks.aims import AIMS, Aim
from benchmarks.lines import Line, read_lines, written
from benchmarks.measures import MEASURES
from benchmarks.plot import draw
from benchmarks.table import shown

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "benchmarks.md"
_ORDER = [measure.name for measure in MEASURES]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(files: Sequence[Path]) -> None:
    """Take in the lines of FILES, which replace older ones of the same name, and write the page anew."""
    new = [line for file in files for line in read_lines(file.read_text("utf-8").splitlines())]
    lines = merged(kept(), new)
    PAGE.with_suffix(".jsonl").write_text("".join(f"{written(line)}\n" for line in lines), "utf-8")
    PAGE.with_suffix(".svg").write_text(draw(lines), "utf-8")
    PAGE.write_text(filled(PAGE.read_text("utf-8"), blocks(lines)), "utf-8")


def kept() -> list[Line]:
    """The lines that the page was made from."""
    path = PAGE.with_suffix(".jsonl")
    return read_lines(path.read_text("utf-8").splitlines()) if path.exists() else []


def merged(old: Iterable[Line], new: Iterable[Line]) -> list[Line]:
    """Old lines and new ones, in order; a new figure replaces all older ones of its measure and size."""
    new = list(new)
    again = {(line.measure, line.cis) for line in new}
    found = [line for line in old if (line.measure, line.cis) not in again] + new
    return sorted(found, key=lambda line: (line.cis, _ORDER.index(line.measure)))


def filled(page: str, texts: Mapping[str, str]) -> str:
    """A page with its generated blocks as they should be.

    Examples
    --------
    >>> print(filled("<!-- a -->old<!-- end of a -->", {"a": "new"}))
    <!-- a -->
    <BLANKLINE>
    new
    <!-- end of a -->
    """
    for name, text in texts.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}"
    return page


def blocks(lines: Sequence[Line]) -> dict[str, str]:
    """Everything on the page that is generated, by name."""
    sizes = sorted({line.cis for line in lines})
    return {"aims": _aims(lines, sizes), "figures": _figures(lines, sizes), "measures": _measures()}


def _aims(lines: Sequence[Line], sizes: Sequence[int]) -> str:
    heads = ["aim", *(f"{cis:,} CIs" for cis in sizes)]
    return _table(heads, ([aim.words, *(_told(aim, lines, cis) for cis in sizes)] for aim in AIMS))


def _told(aim: Aim, lines: Iterable[Line], cis: int) -> str:
    values = (aim.value(line) for line in lines if line.cis == cis)
    return next((aim.told(value) for value in values if value is not None), "")


def _figures(lines: Sequence[Line], sizes: Sequence[int]) -> str:
    found = {line.name: line for line in lines}
    names = dict.fromkeys((line.measure, line.peer) for line in lines)
    heads = ["measure", "beside", *(head for cis in sizes for head in (f"ms at {cis:,}", "ratio"))]
    rows = []
    for measure, peer in sorted(names, key=lambda name: _ORDER.index(name[0])):
        cells = _cells(found.get((measure, peer, cis)) for cis in sizes)
        rows.append([f"`{measure}`", f"`{peer}`" if peer else "", *cells])
    return _table(heads, rows)


def _cells(lines: Iterable[Line | None]) -> list[str]:
    cells = []
    for line in lines:
        further = ", ".join(f"{name} {shown(value)}" for name, value in line.extra.items()) if line else ""
        ms = shown(line.ms) if line else ""
        cells += [" · ".join(filter(None, (ms, further))), shown(line.ratio) if line else ""]
    return cells


def _measures() -> str:
    rows = ([f"`{one.name}`", one.meaning, one.beside] for one in MEASURES)
    return _table(["measure", "what is done", "beside it"], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
