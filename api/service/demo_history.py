"""The demo estate's history: what its files tell, lived through at its own times."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.service.build import Service, open_service
from api.service.editing import Edit
from api.service.imports import Import
from api.service.relating import Link
from api.settings import Settings
from cmdb.backup import Backup, backup_file, checked
from cmdb.model import Actor
from cmdb.values import instant, moment
from loaders.source import Source

FOLDER = Path(__file__).parent.parent / "demo"

_DATE = re.compile(r'"today(?:([+-]\d+)d)?(?: (\d\d):(\d\d))?"')

Ends = tuple[str, str, str]


class Step(BaseModel):
    """One thing that somebody did, as `history.toml` describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: str
    by: str
    files: tuple[str, ...] = Field((), alias="import")
    source: str | None = None
    edit: str | None = None
    relate: Ends | None = None
    unrelate: Ends | None = None
    values: dict[str, Any] = {}

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(map(bool, (self.files, self.edit, self.relate, self.unrelate))) != 1:
            raise ValueError("a step is one of import, edit, relate and unrelate")
        return self


class History(BaseModel):
    """What happened, oldest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1]
    steps: tuple[Step, ...]


def dated(text: str, today: datetime) -> str:
    """Put instants in the place of dates that are told from today.

    Examples
    --------
    >>> from datetime import UTC
    >>> dated('{expires_at: "today+9d 23:59", at: "today"}', datetime(2026, 11, 20, 12, tzinfo=UTC))
    '{expires_at: "2026-11-29T23:59:00Z", at: "2026-11-20T00:00:00Z"}'
    """
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)

    def told(found: re.Match[str]) -> str:
        days, hours, minutes = (int(part or 0) for part in found.groups())
        return f'"{instant(midnight + timedelta(days=days, hours=hours, minutes=minutes))}"'

    return _DATE.sub(told, text)


def history(today: datetime) -> tuple[Step, ...]:
    """The steps of the demo estate's history."""
    text = dated((FOLDER / "history.toml").read_text("utf-8"), today)
    return History.model_validate(tomllib.loads(text)).steps


@contextmanager
def lived_through(now: datetime) -> Iterator[Backup]:
    """Live through the whole history up to a moment; what is left of it is a backup, for as long as asked.

    Commits take their times from their store's clock. So that any store can be given a past, this happens
    in one of its own, in memory, whose clock is set from step to step.
    """
    time = now

    with (
        TemporaryDirectory(prefix="cmdb-demo-") as folder,
        open_service(Settings(None), lambda: time) as service,
    ):
        for step in history(now):
            time = min(moment(step.at), now)
            _do(service, step, now)
        path = Path(folder) / "demo.jsonl"
        with backup_file(path) as file:
            service.backups.backup(file)
        yield checked(path)


def _do(service: Service, step: Step, today: datetime) -> None:
    actor = Actor(step.by)
    if step.files:
        files = tuple(_source(name, today) for name in step.files)
        service.imports.apply(Import(files, actor, source=step.source))
    elif step.edit:
        service.editing.edit(Edit(step.edit, step.values, actor))
    elif step.relate:
        service.relating.relate(Link(*step.relate, actor), step.values)
    elif step.unrelate:
        service.relating.unrelate(Link(*step.unrelate, actor))


def _source(name: str, today: datetime) -> Source:
    return Source(name, dated((FOLDER / name).read_text("utf-8"), today).encode())
