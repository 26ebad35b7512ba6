"""`cmdb diff`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from api.cli.kinds import VIEW
from api.cli.root import Document, json_option, leave, root, run
from api.cli.words import changed, say, table, title
from api.problems import SAID_NO


@root.command()
@click.argument("before", metavar="VIEW", type=VIEW)
@click.argument("after", metavar="VIEW", type=VIEW, default="live")
@click.option("--exit-code", is_flag=True, help=f"Exit with {SAID_NO} if anything differs.")
@json_option
@click.pass_context
def diff(context: click.Context, before: str, after: str, *, exit_code: bool, as_json: bool) -> None:
    """Show what is different in the second view from the first; the second is today's graph by default.

    Example: cmdb diff @2026-11-01T09:00:00Z live
    """
    document = run(context, lambda service: service.comparing.diff(before, after))
    leave(document, _show, as_json=as_json)
    if exit_code and (document["items"] or document["relations"]):
        context.exit(SAID_NO)


def _show(document: Document) -> None:
    title(f"From {_said(document['before'])} to {_said(document['after'])}: {document['detail']}")
    if document["items"]:
        say()
        table(("item", "", "class", "changes"), map(_item, document["items"]))
    if document["relations"]:
        say()
        table(("relation", "", "with", "", "changes"), map(_relation, document["relations"]))


def _said(view: Document) -> str:
    revision = f"revision {view['revision']}"
    return view["view"] if view["view"] == f"@{view['revision']}" else f"{view['view']} ({revision})"


def _item(one: Document) -> tuple[str, ...]:
    return one["key"], one["how"], one["class"].replace("_", " "), _changes(one["changes"])


def _relation(one: Document) -> tuple[str, ...]:
    words = one["type"].replace("_", " ")
    return one["source"], words, one["target"], one["how"], _changes(one["changes"])


def _changes(changes: Sequence[Document]) -> str:
    return ", ".join(map(changed, changes))
