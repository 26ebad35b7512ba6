"""What every command is given: the options that all share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cmdb.model import Actor

if TYPE_CHECKING:
    from api.settings import Settings


@dataclass
class Shell:
    """The options that every command shares, given before its name or after it."""

    store: str | None = None
    vocabulary: str | None = None
    person: str | None = None

    @property
    def actor(self) -> Actor:
        """In whose name to write: as declared, else the system's user."""
        from api.settings import system_user

        return Actor(self.person or system_user())

    @property
    def settings(self) -> Settings:
        """The settings, with what was given here put first."""
        from api.settings import read_settings

        return read_settings(store=self.store, vocabulary=self.vocabulary)
