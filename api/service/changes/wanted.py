"""What can be asked to be done with changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.service.writing import Once
from cmdb.model import Actor


@dataclass(frozen=True)
class NewChange:
    """A change that is to be registered.

    Attributes
    ----------
    said
        The change as it is written down: see `cmdb.changes.form`.
    id
        Under which it may be repeated: it is done once, and answered the same each time.
    """

    said: Mapping[str, Any]
    actor: Actor
    id: str | None = None

    @property
    def once(self) -> Once:
        """What is asked for: who registers what."""
        return Once(self.id, ["change new", dict(self.said), self.actor.name])


@dataclass(frozen=True)
class EditChange:
    """What is to be other in a change.

    Attributes
    ----------
    said
        What is other than it was; `None` takes a part away, a list is replaced as a whole.
    edition
        The edition that was seen, as `Changes.show` tells it. If it is another one now, nothing is written.
    """

    key: str
    said: Mapping[str, Any]
    actor: Actor
    edition: str | None = None


@dataclass(frozen=True)
class Move:
    """Who moves a change on to another stage, as it was seen; `edition` and `id` as above."""

    actor: Actor
    edition: str | None = None
    id: str | None = None

    def once(self, verb: str, key: str) -> Once:
        """What is asked for: who does what with which change."""
        return Once(self.id, ["change", verb, key, self.edition, self.actor.name])
