"""Canonical JSON and its hashes: the same content is the same bytes."""

from __future__ import annotations

import hashlib

import orjson

from cmdb.errors import Rejected


def canonical(content: object) -> bytes:
    """Canonical JSON: sorted keys, no blanks, UTF-8; raises like `as_json`."""
    return as_json(content, orjson.OPT_SORT_KEYS)


def as_json(content: object, option: int = 0) -> bytes:
    """Content as JSON, in the order it has.

    Raises
    ------
    Rejected
        If the content holds what JSON cannot, such as half a character (a lone surrogate).
    """
    try:
        return orjson.dumps(content, option=option)
    except orjson.JSONEncodeError as error:
        raise Rejected(f"This cannot be stored: {error}.") from None


def digest(content: bytes) -> str:
    """SHA-256 as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()
