"""The form that brings files, read as an import that is asked for."""

from __future__ import annotations

import re

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.service.held.uploads import FILES_AT_MOST
from api.service.imports import Import
from api.web.acting import actor_of
from cmdb.errors import Rejected, Unreadable
from loaders.source import Source

FIELDS = ("format", "source", "any_share")
"""What is typed or chosen beside the files."""

LONGEST = 200
"""How many characters of a file's name, and of any other field, are taken."""


async def read_upload(request: Request) -> tuple[Import, dict[str, str]]:
    """The import that a form asks for, and its fields as they were typed.

    Raises
    ------
    Rejected
        If no file was chosen.
    Unreadable
        If this is no form, or holds more than the page's own.
    """
    try:
        async with request.form(max_files=FILES_AT_MOST + 2, max_fields=10) as form:
            files = [await _source(one) for one in _files(form, "file")]
            mapping = [await _source(one) for one in _files(form, "mapping")]
            typed = {name: _text(form, name) for name in FIELDS}
    except HTTPException as error:
        raise Unreadable(f"The form cannot be read: {error.detail}") from error
    if not files:
        raise Rejected("No file was chosen. Choose at least one.")
    wanted = Import(
        files=files,
        actor=actor_of(request),
        format=typed["format"] or None,
        source=typed["source"] or None,
        any_share=bool(typed["any_share"]),
        mapping=mapping[0] if mapping else None,
    )
    return wanted, typed


def _files(form: FormData, field: str) -> list[UploadFile]:
    """The files of a field; a browser sends an empty one without a name where none was chosen."""
    found = [one for one in form.getlist(field) if isinstance(one, UploadFile)]
    return [one for one in found if one.filename or one.size]


async def _source(file: UploadFile) -> Source:
    return Source(plain(file.filename or ""), await file.read())


def plain(name: str) -> str:
    r"""What messages call a file: the last part of its name, as far as it can be shown on one line.

    Examples
    --------
    >>> plain("C:\\estate\\a\x00b.yaml"), plain("../..")
    ('a?b.yaml', '..')
    """
    last = re.split(r"[/\\]", name)[-1].strip()
    shown = "".join(one if one.isprintable() else "?" for one in last)
    return shown[-LONGEST:] or "upload"


def _text(form: FormData, field: str) -> str:
    value = form.get(field)
    return value.strip()[:LONGEST] if isinstance(value, str) else ""
