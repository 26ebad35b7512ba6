"""`cmdb undo`."""

from __future__ import annotations

import click

from api.cli.plan_parts import show_steps
from api.cli.root import Document, json_option, leave, root, run
from api.cli.shell import Shell
from api.cli.words import table, title


@root.command()
@click.argument("revision", type=click.IntRange(min=1))
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@json_option
@click.pass_context
def undo(context: click.Context, revision: int, *, dry_run: bool, as_json: bool) -> None:
    """Take one commit back, as a new commit; refused where somebody has changed since what it changed.

    What it added is retired, what it changed or retired is put back. An undoing can be undone as well.

    Example: cmdb undo 10 --dry-run
    """
    from api.service.undoing import Undo

    wanted = Undo(revision, context.ensure_object(Shell).actor)
    document = run(
        context, lambda service: (service.undoing.plan if dry_run else service.undoing.undo)(wanted)
    )
    leave(document, lambda done: _show(done, dry_run=dry_run), as_json=as_json)


def _show(document: Document, *, dry_run: bool) -> None:
    title(_headline(document, dry_run=dry_run))
    hows = ("added", "changed", "retired")
    table(("", *hows), ((what, *(document[what][how] for how in hows)) for what in ("items", "relations")))
    if dry_run:
        show_steps(document)


def _headline(document: Document, *, dry_run: bool) -> str:
    undone = document["undone"]
    if not document["changes"]:
        return f"Nothing changes: nothing of revision {undone} is left."
    if dry_run:
        return f"This would undo revision {undone}; nothing is written yet."
    where = f" in the plan of {document['into']}" if document["into"] else ""
    return f"Revision {undone} undone{where} as revision {document['revision']}."
