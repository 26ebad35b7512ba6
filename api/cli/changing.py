"""`cmdb change`: register, alter, move on and look at changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.kinds import CHANGE, KEY
from api.cli.plan_parts import show_steps
from api.cli.root import Command, Document, cursor_option, json_option, leave, limit_option, root, run
from api.cli.shell import Shell
from api.cli.words import more, noted, say, table, title
from cmdb.words import listed

if TYPE_CHECKING:
    from api.service import Service


@root.group()
def change() -> None:
    """Register changes, alter them, move them on, and look at them."""


change.command_class = Command

file_argument = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
key_argument = click.argument("key", type=CHANGE)
edition_option = click.option(
    "--version",
    metavar="EDITION",
    help="Only if it is at this one now: its edition in cmdb change show --json.",
)


@change.command()
@file_argument
@json_option
@click.pass_context
def new(context: click.Context, file: Path, *, as_json: bool) -> None:
    """Register a change from a YAML or JSON file; - reads standard input. It gets the next number.

    Example: cmdb change new restart.yaml
    """
    from api.service.changes import NewChange
    from api.service.changes.file import change_in
    from loaders.files import files

    actor, source = context.ensure_object(Shell).actor, next(files([file]))

    def use_case(service: Service) -> Document:
        return service.changes.new(NewChange(change_in(source, service.workspace.vocabulary), actor))

    leave(run(context, use_case), _show_new, as_json=as_json)


@change.command()
@key_argument
@file_argument
@edition_option
@json_option
@click.pass_context
def edit(context: click.Context, key: str, file: Path, version: str | None, *, as_json: bool) -> None:
    """Alter a change by a file that holds only what is other: null takes a part away, a list is replaced.

    Example: cmdb change edit CHG-1 later.yaml
    """
    from api.service.changes import EditChange
    from api.service.changes.file import change_in
    from loaders.files import files

    actor, source = context.ensure_object(Shell).actor, next(files([file]))

    def use_case(service: Service) -> Document:
        said = change_in(source, service.workspace.vocabulary)
        return service.changes.edit(EditChange(key, said, actor, version))

    leave(run(context, use_case), _show_edited, as_json=as_json)


@change.command()
@key_argument
@json_option
@click.pass_context
def show(context: click.Context, key: str, *, as_json: bool) -> None:
    """Show a change: when, what it touches step by step, its plans, and what its plan conflicts with.

    Example: cmdb change show CHG-1
    """
    leave(run(context, lambda service: service.changes.show(key)), _show, as_json=as_json)


@change.command("list")
@click.option("--stage", metavar="STAGE", help="Only those in this stage, such as submitted.")
@click.option("--type", "type_name", metavar="TYPE", help="Only standard, normal or emergency ones.")
@click.option("--affects", metavar="KEY", type=KEY, help="Only those that touch this item.")
@limit_option
@cursor_option
@json_option
@click.pass_context
def list_changes(
    context: click.Context,
    stage: str | None,
    type_name: str | None,
    affects: str | None,
    limit: int,
    cursor: str | None,
    *,
    as_json: bool,
) -> None:
    """List changes, the newest number first.

    Example: cmdb change list --stage submitted
    """
    from api.service.changes import Filter

    wanted = Filter(stage, type_name, affects)
    document = run(context, lambda service: service.changes.list(wanted, limit=limit, cursor=cursor))
    leave(document, _list, as_json=as_json)


@change.command()
@key_argument
@edition_option
@json_option
@click.pass_context
def submit(context: click.Context, key: str, version: str | None, *, as_json: bool) -> None:
    """Submit a change: from then on what it touches is frozen.

    Example: cmdb change submit CHG-1
    """
    from api.service.changes import Move

    wanted = Move(context.ensure_object(Shell).actor, version)
    leave(run(context, lambda service: service.changes.submit(key, wanted)), _show_moved, as_json=as_json)


@change.command()
@key_argument
@edition_option
@json_option
@click.pass_context
def cancel(context: click.Context, key: str, version: str | None, *, as_json: bool) -> None:
    """Cancel a change: it stays as it is, and its plan is held against nobody any more.

    Example: cmdb change cancel CHG-1
    """
    from api.service.changes import Move

    wanted = Move(context.ensure_object(Shell).actor, version)
    leave(run(context, lambda service: service.changes.cancel(key, wanted)), _show_moved, as_json=as_json)


def _show_new(document: Document) -> None:
    title(f"{document['key']} registered, revision {document['revision']}: {document['title']}")
    if document["into"]:
        say(f"What it alters is shown by --view live+{document['into']}.", style="dim")
    noted("worth knowing", document["warnings"])


def _show_edited(document: Document) -> None:
    if document["revision"] is None:
        title("Nothing changes: it says this already.")
    else:
        title(f"{document['key']}: {listed(document['changed'])} altered, revision {document['revision']}.")
    noted("worth knowing", document["warnings"])


def _show_moved(document: Document) -> None:
    title(f"{document['key']} is {document['stage']}, revision {document['revision']}: {document['title']}")


def _list(document: Document) -> None:
    if not document["total"]:
        say("No change is like this." if document["revision"] else "Nothing is here yet.")
        return
    table(("key", "stage", "type", "when", "touches", "title"), map(_row, document["items"]))
    more(document)


def _row(one: Document) -> tuple[str, ...]:
    touched = listed([*one["affects"], *one["unregistered"]], 2)
    when = _when(one["actual"] or one["window"])
    return one["key"], one["stage"], one["type"], when, touched, one["title"]


def _when(window: Document | None) -> str:
    """A window on the clocks of its zone, with how long it lasts."""
    if window is None:
        return ""
    start = _clock(window["local_start"])
    if window["local_end"] is None:
        return f"{start} on ({window['zone']})"
    end = datetime.fromisoformat(window["local_end"])
    same_day = end.date() == datetime.fromisoformat(window["local_start"]).date()
    until = f"{end:%H:%M}" if same_day else _clock(window["local_end"])
    return f"{start} to {until} ({window['zone']}, {_long(window['minutes'])})"


def _clock(text: str) -> str:
    return f"{datetime.fromisoformat(text):%a %d %b %Y %H:%M}"


def _long(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def _show(document: Document) -> None:
    title(f"{document['key']}  {document['title']}")
    who = [f"{word} by {document[role]}" for role, word in _ROLES.items() if document[role]]
    say(", ".join([f"{document['type']} change, {document['stage']}", *who]))
    for heading, text in _facts(document):
        say(f"{heading}: {text}")
    _show_affected(document["affects"])
    _show_plans(document["plans"])
    if document["operations"]:
        say()
        say(f"It alters the graph: look at it with --view {document['view']}.", style="dim")
        show_steps({"steps": document["operations"]})
    noted("conflicts", [f"{one['key']}: {one['reason']}" for one in document["conflicts"] or ()])
    noted("so far", [_reached(one) for one in document["history"] or ()])
    if document["moves"]:
        moves = listed([f"cmdb change {verb} {document['key']}" for verb in document["moves"]])
        say()
        say(f"Possible now: {moves}.", style="dim")


_ROLES = {"requester": "wanted", "implementer": "done"}


def _facts(document: Document) -> Iterator[tuple[str, str]]:
    risk, outcome = document["risk_of_not_doing"], document["outcome"]
    if document["reason"]:
        yield "Reason", document["reason"]
    if risk:
        until = [f"by {_clock(risk['local_deadline'])}"] if risk["deadline"] else []
        yield "If it is not done", ", ".join(filter(None, [risk["text"], *until]))
    for which, heading in (("window", "Planned"), ("actual", "Done")):
        if document[which]:
            yield heading, _when(document[which])
    if outcome:
        yield "Outcome", outcome.replace("_", " ")
    if document["review"]:
        yield "Review", document["review"]


def _show_affected(affects: Sequence[Document]) -> None:
    say()
    if not affects:
        say("It touches nothing yet.")
    rows = ((one["turn"], *_affected(one)) for one in affects)
    table(("step", "touches", "does", "state", ""), rows)


def _affected(one: Document) -> tuple[str, str, str, str]:
    action = (one["action"] or "not told").replace("_", " ")
    state = one["state"].replace("_", " ")
    lasting = f"{state} for {_long(one['minutes'])}" if one["minutes"] else state
    notes = [words for fact, words in _NOTES.items() if one[fact]]
    return one["key"] or one["name"], action, lasting, ", ".join(_known(one) + notes)


_NOTES = {"retired": "retired meanwhile", "shared": "one act on all", "ends": "gone afterwards"}


def _known(one: Document) -> list[str]:
    return ["not registered"] if one["key"] is None else []


def _show_plans(plans: Document) -> None:
    rows = [(name, one["text"], *_procedure(one)) for name, one in plans.items() if one]
    if rows:
        say()
        table(("plan", "how", "takes", ""), rows)


def _procedure(one: Document) -> tuple[str, str]:
    """How long it takes, and what else is known of it."""
    notes = ["tested" if one["tested"] else "not tested"] if "tested" in one else []
    if one.get("point_of_no_return") is not None:
        notes.append(f"no return after {_long(one['point_of_no_return'])}")
    if one["evidence"]:
        notes.append(f"evidence: {one['evidence']}")
    return "" if one["minutes"] is None else _long(one["minutes"]), ", ".join(notes)


def _reached(one: Document) -> str:
    return f"{one['time'][:16].replace('T', ' ')}  {one['stage']}, {one['author']}"
