"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cmdb.errors import Conflict, NotFound, Rejected


@contextmanager
def new_file(path: Path, *, replace: bool = False) -> Iterator[BinaryIO]:
    """Write a file that appears under its name once it is complete and safe on the disk.

    It can be read and written by its owner alone. If writing it fails, nothing is left behind.

    Parameters
    ----------
    replace
        Whether a file that has the name already is replaced.

    Raises
    ------
    Conflict
        If there is a file of this name.
    NotFound
        If its folder does not exist.
    Rejected
        If it cannot be written.
    """
    path = path.resolve()
    try:
        _check_name(path, replace=replace)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
        with _removed(Path(name)):
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _check_name(path, replace=replace)
            Path(name).replace(path)
            _keep_name(path.parent)
    except OSError as error:
        raise Rejected(f"{path} cannot be written: {error.strerror or error}.") from error


def _check_name(path: Path, *, replace: bool) -> None:
    if not path.parent.is_dir():
        raise NotFound(f"There is no folder {path.parent}.")
    if path.exists() and not path.is_file():
        raise Conflict(f"{path} is no file that could be replaced.")
    if path.exists() and not replace:
        raise Conflict(f"There is a file {path} already. Take another name, or replace it with --force.")


@contextmanager
def _removed(path: Path) -> Iterator[None]:
    """Leave no such file behind; once it is renamed there is none."""
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            path.unlink()


def _keep_name(folder: Path) -> None:
    """Have the folder remember the new name even if the machine fails now."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
