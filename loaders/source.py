"""A source: a file's name and its bytes, not yet understood."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from cmdb.errors import TooLarge, Unreadable

MAX_BYTES = 64 * 2**20
"""No source may hold more."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Source:
    """A file as it came in.

    Attributes
    ----------
    name
        What messages call it: the path as the user gave it.
    data
        Its bytes, at most `MAX_BYTES`.
    found
        Whether it was found in a folder; else somebody named it.

    Raises
    ------
    TooLarge
        If there are more.
    """

    name: str
    data: bytes
    found: bool = False

    def __post_init__(self) -> None:
        if len(self.data) > MAX_BYTES:
            raise TooLarge(f"{self.name} is larger than {MAX_BYTES >> 20} MiB. Split it into several files.")

    @property
    def text(self) -> str:
        """The text: UTF-8 with or without a byte order mark, or UTF-16 with one.

        Raises
        ------
        Unreadable
            If the bytes are neither.
        """
        utf_16 = self.data.startswith(_UTF_16)
        try:
            return self.data.decode("utf-16" if utf_16 else "utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"{self.name} is not {'UTF-16' if utf_16 else 'UTF-8'} text: byte {self._offset(error)} "
                f"cannot be read ({error.reason}). Save the file as UTF-8 and import it again."
            ) from error

    def unreadable(self, problem: str, line: int, column: int | None = None, cure: str = "") -> Unreadable:
        """An error that names this source, the place, what is wrong there and what to do about it."""
        place = f"line {line}" if column is None else f"line {line}, column {column}"
        return Unreadable(f"{self.name} {place}: {problem}.{cure and f' {cure}'}")

    def _offset(self, error: UnicodeDecodeError) -> int:
        # The codec for UTF-8 with a byte order mark counts from behind the mark.
        skipped = len(codecs.BOM_UTF8) if self.data.startswith(codecs.BOM_UTF8) else 0
        return error.start + skipped
