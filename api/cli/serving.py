"""`cmdb serve`."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import click

from api.cli.root import json_option, leave, root
from api.cli.shell import Shell
from api.cli.words import say
from cmdb.errors import Conflict, WrongUsage

if TYPE_CHECKING:
    from api.service import Service
    from api.settings import Settings


@root.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Which address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help="Which port to listen on.",
)
@json_option
@click.pass_context
def serve(context: click.Context, host: str, port: int, *, as_json: bool) -> None:
    """Serve the HTTP API and the pages until Ctrl-C.

    Example: cmdb serve --port 8000
    """
    from api.service import open_service
    from impact.documents.brief import FORMAT

    settings = context.ensure_object(Shell).settings
    check_reach(settings, host)
    with open_service(settings) as service, listen(host, port) as listening:
        leave(
            {"format": FORMAT, "url": address(host, port)},
            lambda document: say(f"Serving {document['url']} until Ctrl-C."),
            as_json=as_json,
        )
        serve_on(listening, service, settings)


def check_reach(settings: Settings, host: str) -> None:
    """Refuse to listen beyond this machine while everybody's word is taken for who they are.

    Raises
    ------
    WrongUsage
        If the host is another than this machine itself and there are no tokens.
    """
    from api.settings import LOOPBACK

    if host not in LOOPBACK and not settings.tokens:
        raise WrongUsage(
            f"Without tokens the server listens on this machine only, not on {host}."
            " Set CMDB_TOKENS=NAME=TOKEN to let others in."
        )


def address(host: str, port: int) -> str:
    """Where a browser finds the server."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises
    ------
    Conflict
        If somebody else has it, or the host is not this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        raise Conflict(f"Port {port} of {host} cannot be listened on: {why}.") from error


def serve_on(listening: socket.socket, service: Service, settings: Settings) -> None:
    """Serve until interrupted."""
    from api.server.run import run_server

    run_server(service, settings, listening)
