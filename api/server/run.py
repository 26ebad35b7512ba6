"""Running the application: the one place that starts a server."""

from __future__ import annotations

from contextlib import suppress
from socket import socket

import uvicorn

from api.server.app import create_app
from api.service import Service
from api.settings import Settings


def run_server(service: Service, settings: Settings, listening: socket) -> None:
    """Serve on a socket until interrupted."""
    config = uvicorn.Config(create_app(service, settings), log_level="warning", server_header=False)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([listening])
