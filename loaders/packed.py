"""Compressed files: what they hold, as long as that stays within the limit of any file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import IO, cast

from cmdb.errors import TooLarge, Unreadable
from loaders.source import MAX_BYTES, Source

SUFFIXES = (".gz", ".bz2", ".xz", ".zip")
"""The endings of names of compressed files."""

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_WORKBOOK_PART = "[Content_Types].xml"
_DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, ValueError)
"""What the readers raise: a `RuntimeError` asks for a password, a `ValueError` is about impossible names."""


def unpacked(source: Source) -> Source:
    """The file within a compressed one, or the source itself where it is not compressed.

    gzip, bzip2 and xz are read, and zip archives that hold one file. A workbook, which is a zip archive of
    another kind, stays as it is. Nothing is ever written to disk, and no name from an archive is opened.

    Raises
    ------
    Unreadable
        If it is damaged, holds several files, or is compressed twice.
    TooLarge
        If what it holds is above the limit of any file.
    """
    inside = _opened(source)
    if inside is None:
        return source
    try:
        with inside() as file:
            data = file.read(MAX_BYTES + 1)
    except _DAMAGED as error:
        raise Unreadable(f"{source.name} cannot be unpacked: {error}. Make it again.") from error
    if len(data) > MAX_BYTES:
        raise TooLarge(
            f"{source.name} holds more than {MAX_BYTES >> 20} MiB when unpacked. Split it into several files."
        )
    within = Source(source.name, data)
    if _opened(within) is not None:
        raise Unreadable(f"{source.name} is compressed twice. Unpack it once and import that.")
    return within


def plain_name(name: str) -> str:
    """The name without the ending that says how it is compressed, lower-cased.

    Examples
    --------
    >>> plain_name("Estate.YAML.gz")
    'estate.yaml'
    """
    lowered = name.lower()
    for suffix in SUFFIXES:
        lowered = lowered.removesuffix(suffix)
    return lowered


def is_workbook(data: bytes) -> bool:
    """Whether bytes are an Excel workbook."""
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _WORKBOOK_PART in archive.namelist()
    except _DAMAGED:
        return False


def _opened(source: Source) -> Callable[[], IO[bytes]] | None:
    """How to open what is inside; `None` where nothing is."""
    data = source.data
    if data.startswith(b"\x1f\x8b"):
        return lambda: cast("IO[bytes]", gzip.open(BytesIO(data)))
    if data.startswith(b"BZh") and data[4:10] in {b"1AY&SY", b"\x17rE8P\x90"}:
        return lambda: bz2.open(BytesIO(data))
    if data.startswith(b"\xfd7zXZ\x00"):
        return lambda: lzma.open(BytesIO(data))
    if data.startswith((_ZIP, _EMPTY_ZIP)) and not is_workbook(data):
        return lambda: _only_file(source)
    return None


def _only_file(source: Source) -> IO[bytes]:
    archive = zipfile.ZipFile(BytesIO(source.data))
    found = [one for one in archive.infolist() if not one.is_dir()]
    if len(found) != 1:
        raise Unreadable(
            f"{source.name} is an archive of {len(found)} files; only archives of one are read."
            " Unpack it and import the folder."
        )
    return archive.open(found[0])
