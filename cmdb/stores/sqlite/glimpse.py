"""The first keys in a file, read without opening the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from cmdb.errors import Unavailable

_BUSY_SECONDS = 0.2
_LAST = "\U0010ffff"
"""Behind every other character that a key can go on with."""

_KEYS = "SELECT key, name FROM items WHERE until IS NULL AND key >= ? AND key < ?"


def first_keys(path: Path, beginning: str, most: int, classes: Sequence[str]) -> list[tuple[str, str]]:
    """The first keys of today that begin in some way, each with its item's name.

    Raises
    ------
    Unavailable
        If there is no such file, or it cannot be read at once.
    """
    among = f" AND class IN ({', '.join('?' * len(classes))})" if classes else ""
    statement = f"{_KEYS}{among} ORDER BY key LIMIT ?"
    values = (beginning, beginning + _LAST, *classes, most)
    try:
        # Not only for reading: a reader that may not write cannot read what was written a moment ago.
        file = f"file:{quote(str(path.absolute()))}?mode=rw"
        with closing(sqlite3.connect(file, uri=True, timeout=_BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA query_only = ON")
            return connection.execute(statement, values).fetchall()
    except sqlite3.Error as error:
        raise Unavailable(f"The store {path} cannot be read at once: {error}.") from error
