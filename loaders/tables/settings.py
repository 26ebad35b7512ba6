"""The single settings of a mapping, as a person may write them."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from cmdb.spelling import did_you_mean
from cmdb.words import listed
from loaders.safe.table import DELIMITERS

ENCODINGS = frozenset(
    {
        "ascii", "big5", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
        "cp1258", "cp437", "cp850", "cp852", "cp866", "cp932", "cp949", "euc_jp", "euc_kr", "gb18030",
        "gbk", "iso8859-1", "iso8859-15", "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-9", "koi8-r",
        "mac-roman", "shift_jis", "utf-16", "utf-16-be", "utf-16-le", "utf-8",
    }
)  # fmt: skip
"""Encodings of text, by the names that Python gives them; it knows others, which are no text or slow."""


def refused(message: str) -> PydanticCustomError:
    """An error with a message of our own."""
    # Braces in the message itself would be taken for places to fill in.
    return PydanticCustomError("mapping", "{message}", {"message": message})


def short_for(key: str) -> BeforeValidator:
    """Let a text alone stand for the part of the mapping that has it under this key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def zone(name: str) -> tzinfo:
    """The time zone of this name."""
    return UTC if name == "UTC" else ZoneInfo(name)


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _one_unit(value: object) -> object:
    return {value: 1} if isinstance(value, str) else value


def _delimiter(value: str) -> str:
    if value not in DELIMITERS:
        raise refused(f"this has to be one of {listed([repr(one) for one in DELIMITERS])}")
    return value


def _encoding(value: str) -> str:
    try:
        name = codecs.lookup(value).name
    except (LookupError, ValueError):
        name = ""
    if name not in ENCODINGS:
        hint = did_you_mean(value, sorted(ENCODINGS))
        raise refused(f"“{value}” is no encoding that is read here, such as cp1252 or utf-16.{hint}")
    return name


def _way_of_dates(value: str) -> str:
    day = datetime(2033, 4, 25, tzinfo=UTC)
    whole = "%y" in value.lower() and "%Z" not in value  # the name of a zone would be read and forgotten
    try:
        whole = whole and datetime.strptime(day.strftime(value), value).date() == day.date()  # noqa: DTZ007
    except ValueError:
        whole = False
    if not whole:
        raise refused(f"“{value}” does not say how day, month and year are written, as “%d.%m.%Y” does")
    return value


def _timezone(value: str) -> str:
    try:
        zone(value)
    except (KeyError, ValueError, OSError):
        raise refused(f"“{value}” is no time zone; write UTC or one like Europe/Berlin") from None
    return value


Text = Annotated[str, BeforeValidator(_text)]
"""A text; a number or boolean is taken as its text."""

Word = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_one_or_more)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_one_or_more), Field(min_length=1)]
Units = Annotated[dict[Word, Annotated[float, Field(gt=0)]], BeforeValidator(_one_unit)]
Delimiter = Annotated[str, AfterValidator(_delimiter)]
Encoding = Annotated[str, AfterValidator(_encoding)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Dates = Annotated[tuple[Annotated[str, AfterValidator(_way_of_dates)], ...], BeforeValidator(_one_or_more)]
