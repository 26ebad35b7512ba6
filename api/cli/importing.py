"""`cmdb import`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.kinds import PLAN, OneOf
from api.cli.plan_parts import SHOWN_AT_MOST, show_parts
from api.cli.progress import progress_bar
from api.cli.root import Document, json_option, leave, root, run
from api.cli.shell import Shell
from api.cli.words import say, table, title
from cmdb.errors import WrongUsage
from cmdb.words import listed

if TYPE_CHECKING:
    from api.service import Service

_STEPS = ("added", "changed", "retired")


def _parts() -> Sequence[str]:
    from api.service.showing import PARTS

    return PARTS


@root.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--format", "format_name", metavar="F", help="The files' format; recognised by default.")
@click.option(
    "--mapping",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What the columns of tables mean, as TOML.",
)
@click.option("--source", metavar="NAME", help="In whose name; what it no longer lists is retired.")
@click.option("--allow-retire", is_flag=True, help="Retire more than 20 % of what the source brought.")
@click.option(
    "--into",
    type=PLAN,
    metavar="PLAN",
    help="Put it into a plan, such as project:apollo; today's graph stays, nothing is retired.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@click.option(
    "--only",
    multiple=True,
    type=OneOf(_parts),
    help="With --dry-run: show this part; may be given several times.",
)
@click.option(
    "--match", metavar="KEY", help="With --dry-run: show what is about these keys, such as 'web-*'."
)
@json_option
@click.pass_context
def import_files(
    context: click.Context,
    paths: tuple[Path, ...],
    format_name: str | None,
    mapping: Path | None,
    source: str | None,
    into: str | None,
    only: tuple[str, ...],
    match: str | None,
    *,
    allow_retire: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import files as one commit, in any of the formats that are known; their content tells which.

    Example: cmdb import estate.yaml
    """
    from api.service.imports import Import
    from api.service.showing import Showing
    from loaders.files import files

    wanted = Import(
        files=tuple(files(paths)),
        actor=context.ensure_object(Shell).actor,
        format=format_name,
        source=source,
        any_share=allow_retire,
        into=into,
        mapping=None if mapping is None else next(files([mapping])),
    )

    if not dry_run and (only or match is not None):
        raise WrongUsage("--only and --match choose what a plan shows. Add --dry-run.")
    showing = Showing(only, match, None if as_json else SHOWN_AT_MOST)

    def bring(service: Service) -> Document:
        with progress_bar(quiet=as_json) as progress:
            if dry_run:
                return service.imports.plan(wanted, progress, showing)
            return service.imports.apply(wanted, progress)

    document = run(context, bring, missing="empty" if dry_run else "made", told=True)
    leave(document, lambda done: _show(done, dry_run=dry_run), as_json=as_json)


def _show(document: Document, *, dry_run: bool) -> None:
    """Print what an import did, or would do."""
    title(_headline(document, dry_run=dry_run))
    hows = ("added", "changed", "retired", "unchanged")
    table(("", *hows), ((what, *(document[what][how] for how in hows)) for what in ("items", "relations")))
    if _beside(document):
        say(f"Beside these, {_beside(document)} that are people, teams or sources.", style="dim")
    show_parts(document, dry_run=dry_run)
    if document["candidates"]:
        say()
        kept = f"No longer listed, kept: {listed(document['candidates'])}."
        say(f"{kept} --source NAME retires what a source no longer lists.", style="dim")


def _beside(document: Document) -> int:
    """How many steps of a dry run the counts leave out."""
    steps = document.get("totals", {})
    counted: int = sum(document[what][how] for what in ("items", "relations") for how in _STEPS)
    every: int = sum(steps.get(how, 0) for how in _STEPS)
    return max(0, every - counted)


def _headline(document: Document, *, dry_run: bool) -> str:
    if document["changes"]:
        would = "This would change; nothing is written yet."
        where = f" into the plan of {document['into']}" if document["into"] else ""
        return would if dry_run else f"Imported{where} as revision {document['revision']}."
    if document["rejected"] and not document["items"]["unchanged"]:
        return "Nothing changes: nothing of it could be used."
    return "Nothing changes: the graph says this already."
