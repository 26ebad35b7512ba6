"""`cmdb verify`."""

from __future__ import annotations

import click

from api.cli.progress import progress_bar
from api.cli.root import Document, json_option, leave, root, run
from api.cli.words import noted as note
from api.cli.words import say, title
from api.problems import SAID_NO


@root.command()
@click.option("--noted", metavar="HASH", help="A commit's hash, noted elsewhere; it has to be found again.")
@click.option("--exit-code", is_flag=True, help=f"Exit with {SAID_NO} if history is not intact.")
@json_option
@click.pass_context
def verify(context: click.Context, noted: str | None, *, exit_code: bool, as_json: bool) -> None:
    """Prove that history is as it was written.

    Example: cmdb verify
    """
    with progress_bar(quiet=as_json) as progress:
        document = run(context, lambda service: service.proof.verify(noted, progress), told=True)
    leave(document, _show, as_json=as_json)
    if exit_code and not document["intact"]:
        context.exit(SAID_NO)


def _show(document: Document) -> None:
    title(document["detail"])
    note("Not as written", [f"{one['where']}: {one['reason']}" for one in document["faults"]])
    if document["hash"]:
        say(f"Newest hash, to be noted elsewhere: {document['hash']}")
