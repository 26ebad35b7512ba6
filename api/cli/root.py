"""The root of the command line: options every command shares, and how a result leaves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click
import orjson

from api.cli.kinds import VIEW
from api.cli.progress import patience
from api.cli.shell import Shell
from cmdb.errors import Unavailable

if TYPE_CHECKING:
    from api.service import Service
    from cmdb.stores.opening import Location

Document = dict[str, Any]
Missing = Literal["refused", "empty", "made"]
T = TypeVar("T")


def _remember(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None and parameter.name:
        setattr(context.ensure_object(Shell), parameter.name, value)


def _shared(name: str, flag: str, metavar: str, help: str) -> click.Option:
    return click.Option([flag, name], metavar=metavar, help=help, expose_value=False, callback=_remember)


class Command(click.Command):
    """A command that takes the shared options too."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  click's own signature
        super().__init__(*arguments, **options)
        self.params += shared_options()


def shared_options() -> list[click.Option]:
    """The options that every command shares."""
    return [
        _shared(
            "store", "--store", "URL", "Where the graph is kept, such as sqlite:///cmdb.db. [CMDB_STORE]"
        ),
        _shared("vocabulary", "--vocabulary", "FILE", "A vocabulary file of your own. [CMDB_VOCABULARY]"),
        _shared("person", "--as", "PERSON", "In whose name to write; yours by default."),
    ]


def run(
    context: click.Context,
    use_case: Callable[[Service], T],
    *,
    missing: Missing = "refused",
    told: bool = False,
) -> T:
    """Open the service, run one use case, close it.

    Parameters
    ----------
    missing
        What becomes of a store that is not there: only a command that fills one makes it, or does as if it
        were there and empty.
    told
        Whether the use case tells itself how far it has come.

    Raises
    ------
    Unavailable
        If the store is not there: a mistyped one would look empty.
    """
    from api.service import open_service

    settings = context.ensure_object(Shell).settings
    if missing != "made" and _is_missing(settings.store):
        if missing == "refused":
            raise Unavailable(
                f"There is no store {settings.store}. Import a file to make it, or name another"
                " with --store or CMDB_STORE."
            )
        settings = replace(settings, store=None)
    with patience(quiet=told or bool(context.params.get("as_json"))), open_service(settings) as service:
        return use_case(service)


def _is_missing(store: Location) -> bool:
    try:
        return isinstance(store, Path) and not store.exists()
    except PermissionError:  # which opening it tells, with its name
        return False


def leave(document: Document, show: Callable[[Document], None], *, as_json: bool) -> None:
    """Print a result: as one JSON document, or in words."""
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
        sys.stdout.buffer.flush()
    else:
        show(document)


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)
view_option = click.option(
    "--view",
    type=VIEW,
    default="live",
    metavar="VIEW",
    show_default=True,
    help="live, @REVISION or @INSTANT-Z; +project:KEY lays a plan over it.",
)
select_option = click.option(
    "--select", metavar="SELECTION", help="Only these items: class:database, 'upstream(checkout)', …"
)
limit_option = click.option("--limit", default=50, show_default=True, help="How many to list at most.")
cursor_option = click.option("--cursor", help="Where to go on: the `next` of the answer before.")
at_option = click.option("--at", metavar="TIME", help="An instant in UTC with Z; now by default.")


HELP = """Ask the graph what breaks, why, and what is needed.

\b
cmdb demo                          a small estate to try, in its own database
cmdb import FILE                   bring your own
cmdb impact KEY                    what breaks if it fails
cmdb explain CAUSE KEY             why, or why not

A SELECTION is a key, or names several items: class:database, owner:team-shop, key:web-*,
'tier:1,2 and not env:test', 'upstream(checkout) within 2'. docs/reference/selections.md has it all.

Every command takes --json. Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 store away;
4 where --exit-code asks for yes or no and the answer is no.
"""


@click.group(help=HELP, params=shared_options(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cmdb", prog_name="cmdb")
@click.pass_context
def root(context: click.Context) -> None:
    """Make room for the options that every command shares."""
    context.ensure_object(Shell)


root.command_class = Command
