"""A backup as a file: lines on the disk, packed with gzip where its name ends in .gz."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from cmdb.errors import Unreadable
from cmdb.files import new_file

BLOCK = 2**20
_GZIP = bytes.fromhex("1f8b")
_HEADER = bytes.fromhex("1f8b08000000000000ff")
"""How every packed backup begins: without name and time, so that the same content is the same bytes."""


@contextmanager
def backup_file(path: Path, *, replace: bool = False) -> Iterator[BinaryIO]:
    """Write a backup's file; see `cmdb.files.new_file`."""
    with new_file(path, replace=replace) as file:
        if path.suffix != ".gz":
            yield file
            return
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
            yield cast(BinaryIO, packed)


def unpacked(name: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The content of a file in blocks of no more than a mebibyte, whatever they are packed from.

    Raises
    ------
    Unreadable
        If it is packed, and cut off, damaged, or packed by somebody else.
    """
    first = next(blocks, b"")
    if not first.startswith(_GZIP):
        yield first
        yield from blocks
        return
    if not first.startswith(_HEADER):
        raise Unreadable(
            f"{name} is damaged, or was packed by another program than cmdb. Unpack it with gunzip, and"
            " restore what comes out."
        )
    try:
        yield from _inflated(name, first, blocks)
    except zlib.error as error:
        raise _broken(name, f"it cannot be unpacked ({error})") from None


def _inflated(name: str, block: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    while block:
        yield unpacker.decompress(block, BLOCK)
        if unpacker.unused_data or (unpacker.eof and next(blocks, b"")):
            raise _broken(name, "something stands behind its end")
        block = unpacker.unconsumed_tail or next(blocks, b"")
    if not unpacker.eof:
        raise _broken(name, "it is cut off")


def _broken(name: str, what: str) -> Unreadable:
    return Unreadable(f"{name} is damaged: {what}. Nothing was restored. Take another copy of it.")
