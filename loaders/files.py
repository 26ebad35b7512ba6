"""The files and folders a person names, as sources."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from cmdb.errors import NotFound, Unreadable
from loaders.packed import plain_name
from loaders.source import MAX_BYTES, Source

STANDARD_INPUT = Path("-")
SUFFIXES = frozenset({".yaml", ".yml", ".json", ".csv", ".tsv", ".xlsx", ".xml", ".graphml", ".tfstate"})
"""How the names of files end that are read from a folder, behind which .gz and its like may stand."""


def files(paths: Iterable[Path]) -> Iterator[Source]:
    """Read each path: a file, a folder with the files of data below it, or `-` for standard input.

    Parameters
    ----------
    paths
        As the user gave them. Of a folder the files come in order of their paths; hidden files and folders
        are left out.

    Raises
    ------
    NotFound
        If a path does not exist, or a folder holds no such file.
    Unreadable
        If a file cannot be opened, or its name is not UTF-8 and so cannot be written down.
    TooLarge
        If a file is above the limit.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            yield Source("standard input", sys.stdin.buffer.read(MAX_BYTES + 1))
        else:
            inside = _is_folder(path)
            yield from (_read(one, found=inside) for one in (_inside(path) if inside else [path]))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except PermissionError:  # which reading it tells, with its name
        return False


def _inside(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if _is_wanted(path, folder))
    if not found:
        raise NotFound(f"The folder {folder} holds no file that ends in {', '.join(sorted(SUFFIXES))}.")
    return found


def _is_wanted(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return PurePath(plain_name(path.name)).suffix in SUFFIXES and not hidden and path.is_file()


def _read(path: Path, *, found: bool) -> Source:
    _check_name(path)
    try:
        with path.open("rb") as file:
            return Source(str(path), file.read(MAX_BYTES + 1), found)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file or folder {path}.") from error
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def _check_name(path: Path) -> None:
    """Refuse a name that no message, log or commit could hold."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(path).decode(errors="backslashreplace")
        raise Unreadable(f"The name of the file {shown} is not UTF-8 text. Rename the file.") from error
