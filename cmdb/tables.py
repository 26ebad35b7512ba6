"""Tables that users may tune, each beside the module it is for: read and checked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from cmdb.errors import Fault, Rejected, Unreadable


class Table(BaseModel):
    """A table, or a part of one; it may hold nothing that is not described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


T = TypeVar("T", bound=Table)


def read_table(kind: type[T], path: Path) -> T:
    """Read a table from its TOML file.

    Raises
    ------
    Unreadable
        If the file cannot be read or is not TOML.
    Rejected
        If an entry is wrong: each fault names the entry and what is wrong with it.
    """
    try:
        return kind.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        faults = [Fault(".".join(map(str, one["loc"])), _in_words(one["msg"])) for one in error.errors()]
        told = "; ".join(f"{one.pointer}: {one.detail}" for one in faults)
        raise Rejected(f"The file {path} is refused. {told}", tuple(faults)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Unreadable(f"The file {path} cannot be read: {error}") from error


def _in_words(message: str) -> str:
    return message.removeprefix("Value error, ")
