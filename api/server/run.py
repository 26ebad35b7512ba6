"""Running the application: the one place that starts a server."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from socket import socket

import uvicorn

from api.server.app import create_app
from api.server.logs import configure
from api.service import Service
from api.settings import Settings
from cmdb.errors import CmdbError

log = logging.getLogger(__name__)


def run_server(service: Service, settings: Settings, listening: socket) -> None:
    """Serve on a socket until interrupted; the first picture is made meanwhile."""
    threading.Thread(target=_prepare, args=(service,), name="prepare", daemon=True).start()
    configure(settings.log_level)
    config = uvicorn.Config(
        create_app(service, settings), log_config=None, access_log=False, server_header=False
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([listening])


def _prepare(service: Service) -> None:
    try:
        service.workspace.prepare()
    except CmdbError as error:  # whoever asks is told the same
        log.warning("nothing is prepared: %s", error.detail)
    service.held.uploads.sweep()
