"""Where log lines of the server go: to stderr, one JSON object each, with the request they belong to."""

from __future__ import annotations

import logging

from pythonjsonlogger.json import JsonFormatter

from api.server.watching import request_id


class _Request(logging.Filter):
    """Adds the id of the request being answered."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def configure(level: str) -> None:
    """Send everything at a level or above it to stderr."""
    handler = logging.StreamHandler()
    handler.addFilter(_Request())
    handler.setFormatter(
        JsonFormatter(
            ["asctime", "levelname", "name", "message", "request_id"],
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            json_ensure_ascii=False,
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
