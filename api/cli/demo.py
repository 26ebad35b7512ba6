"""`cmdb demo`: a small estate in its own database, three answers, then the pages."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from contextlib import nullcontext
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.asking import contact, tier
from api.cli.root import Document, json_option, leave, root
from api.cli.serving import address, listen, serve_on
from api.cli.words import behind_state, say, tell, title
from cmdb.errors import Unavailable

if TYPE_CHECKING:
    from api.service import Service

HOST, PORT = "127.0.0.1", 8000
FALSE_AT_MOST = 2
"""How many groups of false redundancy are told: the three answers fit on one screen."""


@root.command()
@click.option("--no-serve", is_flag=True, help="Print the three answers and end.")
@json_option
def demo(*, no_serve: bool, as_json: bool) -> None:
    """Fill a fresh demo database, answer three questions, serve the pages on 127.0.0.1:8000.

    Example: cmdb demo --no-serve
    """
    from api.service import open_service
    from api.settings import Settings, demo_store

    with nullcontext() if no_serve else listen(HOST, PORT) as listening:
        path = _fresh(demo_store())
        settings = Settings(store=path)
        with open_service(settings) as service:
            leave(_filled(service, path), _show, as_json=as_json)
            if listening is not None:
                pages = f"{address(HOST, PORT)}/impact?cause=power-f2"
                click.echo(f"Pages:     {pages}   (Ctrl-C ends)", err=True)
                serve_on(listening, service, settings)


def _filled(service: Service, path: Path) -> Document:
    from api.service.demo import board, fill, manager, responder
    from impact.documents.brief import FORMAT

    return {
        "format": FORMAT,
        "store": f"sqlite:///{path}",
        "estate": {**fill(service), "coverage": service.data.coverage()["coverage"]},
        "board": board(service),
        "manager": manager(service),
        "responder": responder(service),
    }


def _fresh(path: Path) -> Path:
    try:
        for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"The demo's database {path} cannot be made anew: {error.strerror}.") from error
    return path


def _show(document: Document) -> None:
    from impact.wording import count

    estate = document["estate"]
    items, relations = count(estate["items"], "item"), count(estate["relations"], "relation")
    say(f"The demo estate, a retailer: {items}, {relations}.")
    say(f"Map: {estate['coverage']['detail']}", style="dim")
    say()
    _board(document["board"])
    say()
    _manager(document["manager"])
    say()
    _responder(document["responder"])
    say()
    click.echo(f"Ask more:  CMDB_STORE={shlex.quote(document['store'])} {_this_command()} impact fw-118")


def _this_command() -> str:
    """How to call this program again: by its name where that is found, else by where it lies."""
    if shutil.which("cmdb"):
        return "cmdb"
    return shlex.quote(os.path.relpath(sys.argv[0]))


def _board(answers: Document) -> None:
    say("Change advisory board: what if the work on power feed F2 goes wrong?", style="dim")
    impact = answers["impact"]
    title(impact["detail"])
    for name, services in groupby(impact["services"], key=itemgetter("state")):
        tell(behind_state(name, ", ".join(f"{tier(one)} {one['name']}" for one in services)))
    _line(f"Why: {answers['explain']['detail']}")
    for held in impact["absorbed"]:
        _line(f"Held: {held['name']}, {held['detail']}.")


def _manager(answers: Document) -> None:
    say("Project manager: what threatens what my deliverable Payment pages rests on?", style="dim")
    for one in answers["spof"]["items"]:
        title(one["detail"])
    false = answers["spof"]["false_redundancy"]
    for one in false[:FALSE_AT_MOST]:
        _line(f"False redundancy: {one['detail']}")
    if len(false) > FALSE_AT_MOST:
        _line(f"False redundancy in {len(false) - FALSE_AT_MOST} more: cmdb spof tells where.")


def _responder(answers: Document) -> None:
    say(
        "Incident responder: Payments does not answer. What does it need, and was it rule FW-118?",
        style="dim",
    )
    title(f"It can be: with the rule out, {answers['explain']['detail']}")
    needs = answers["depends"]
    names = ", ".join(one["name"] for one in needs["needs"] if one["distance"] == 1)
    _line(f"{needs['detail'].removesuffix('.')}, directly {names}.")
    _line(f"Who else: {answers['impact']['detail']}")
    for one in answers["impact"]["call"]:
        _line(f"Call: {contact(one)}.")


def _line(text: str) -> None:
    """Print what an answer says beside its sentence; where it is broken, the rest is set in."""
    say(text, hang=4)
