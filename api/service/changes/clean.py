"""What is said of a change, with its secrets taken out before anything is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cmdb.errors import Rejected
from cmdb.words import listed
from loaders.secrets import redacted

_NAMES = (".key", ".source", ".target", ".retire")
"""Where the keys of items stand, which are never altered."""


DEEPEST = 10
"""How deep lists and mappings may be nested in what is said; a change needs four levels."""


class Clean(NamedTuple):
    """What is said of a change without secrets, and what a reader should know of that."""

    said: Mapping[str, Any]
    warnings: tuple[str, ...] = ()


def without_secrets(said: Mapping[str, Any]) -> Clean:
    """What is said of a change without the passwords, keys and tokens in it.

    Raises
    ------
    Rejected
        If lists and mappings are nested deeper than any change needs.
    """
    places: list[str] = []
    clean = {str(name): _clean(value, str(name), places) for name, value in said.items()}
    return Clean(clean, tuple(_warned(places)))


def _warned(places: list[str]) -> Iterator[str]:
    if places:
        yield f"What looked like a password, key or token was left out, at {listed(places)}."


def _clean(value: Any, pointer: str, places: list[str], depth: int = 1) -> Any:  # noqa: ANN401  whatever is said
    if isinstance(value, str):
        text = value if pointer.endswith(_NAMES) else redacted(value)
        places += [pointer] if text != value else []
        return text
    if not isinstance(value, Mapping | list):
        return value
    if depth == DEEPEST:
        raise Rejected(f"{pointer[:60]}: lists and mappings are nested too deep.")
    if isinstance(value, Mapping):
        return {str(name): _clean(one, f"{pointer}.{name}", places, depth + 1) for name, one in value.items()}
    return [_clean(one, f"{pointer}[{place}]", places, depth + 1) for place, one in enumerate(value)]
