"""`cmdb export`, `cmdb backup`, `cmdb restore`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from api.cli.kinds import OneOf
from api.cli.progress import progress_bar
from api.cli.root import Document, json_option, leave, root, run, select_option, view_option
from api.cli.shell import Shell
from api.cli.words import noted, say, title
from cmdb.errors import Conflict
from cmdb.files import new_file

STANDARD_OUTPUT = Path("-")

force_option = click.option("--force", is_flag=True, help="Replace FILE if it exists.")


def _formats() -> Sequence[str]:
    from cmdb.export import WRITERS

    return list(WRITERS)


@root.command()
@click.argument("file", default=STANDARD_OUTPUT, metavar="[FILE]", type=click.Path(path_type=Path))
@select_option
@view_option
@click.option(
    "--format",
    "format_name",
    type=OneOf(_formats),
    help="yaml, unless FILE ends in .json or --json asks for it.",
)
@force_option
@json_option
@click.pass_context
def export(
    context: click.Context,
    file: Path,
    select: str | None,
    view: str,
    format_name: str | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Write the items and relations of a view as a file for cmdb import.

    Without FILE, or with -, it goes to standard output. Of relations that lead out of a selection it is told
    that they are left out.

    Example: cmdb export estate.yaml

    Example: cmdb export checkout.yaml --select 'upstream(checkout)'
    """
    alone = file == STANDARD_OUTPUT
    if format_name is None:
        format_name = "json" if file.suffix == ".json" or (alone and as_json) else "yaml"
    _check_other(context, file)
    with _standard_output() if alone else new_file(file, replace=force) as out:
        exported = run(context, lambda service: service.exports.export(view, format_name, select=select))
        out.write(exported.data)
    if alone:
        for warning in exported.document["warnings"]:
            click.echo(warning, err=True)
    else:
        leave(exported.document, _show_export, as_json=as_json)


@root.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@force_option
@json_option
@click.pass_context
def backup(context: click.Context, file: Path, *, force: bool, as_json: bool) -> None:
    """Write everything, with its whole history, to a file for cmdb restore.

    A FILE that ends in .gz is packed; - is standard output. Others may go on writing meanwhile.

    Example: cmdb backup cmdb.jsonl.gz
    """
    from cmdb.backup import backup_file

    alone = file == STANDARD_OUTPUT
    _check_other(context, file)
    writing = _standard_output() if alone else backup_file(file, replace=force)
    with progress_bar(quiet=as_json) as progress, writing as out:
        document = run(context, lambda service: service.backups.backup(out, progress), told=True)
    if not alone:
        leave(document, _show, as_json=as_json)


@root.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def restore(context: click.Context, file: Path, *, as_json: bool) -> None:
    """Check a backup, and put it into an empty store.

    A restore that was interrupted can be repeated.

    Example: cmdb restore cmdb.jsonl.gz --store sqlite:///new.db
    """
    from cmdb.backup import checked

    with progress_bar(quiet=as_json) as progress:
        found = checked(file, progress)
        document = run(
            context, lambda service: service.backups.restore(found, progress), missing="made", told=True
        )
    leave(document, _show, as_json=as_json)


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def _check_other(context: click.Context, file: Path) -> None:
    """Refuse to write over the store itself, even where replacing is asked for."""
    store = context.ensure_object(Shell).settings.store
    if not isinstance(store, Path):
        return
    path = store.resolve()
    if file.resolve() in {path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")}:
        raise Conflict(f"{file} is the store itself. Take another name.")


def _show_export(document: Document) -> None:
    title(document["detail"])
    noted("Warnings", document["warnings"])


def _show(document: Document) -> None:
    title(document["detail"])
    if document["hash"]:
        say(f"Newest hash, to be noted elsewhere: {document['hash']}")
