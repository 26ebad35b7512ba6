"""The browser's files: each at an address that changes with its content, so that it can be kept for good."""

from __future__ import annotations

import hashlib
from functools import cache
from os import PathLike, stat_result
from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

FOLDER = Path(__file__).parent / "static"
FOR_GOOD = "public, max-age=31536000, immutable"


class _Kept(StaticFiles):
    """Files that a browser keeps for good when their address names their content."""

    def file_response(
        self, full_path: PathLike[str] | str, stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Answer with a file, and say how long it stays the same."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        if b"v=" in scope["query_string"]:
            response.headers["Cache-Control"] = FOR_GOOD
        return response


def files() -> ASGIApp:
    """The application that serves the files, compressed."""
    return GZipMiddleware(_Kept(directory=FOLDER), minimum_size=1000)


@cache
def address(name: str) -> str:
    """Where a file is fetched from.

    Raises
    ------
    FileNotFoundError
        If there is no such file; `make assets` fetches those of others.
    """
    return f"/static/{name}?v={hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]}"
