"""The rules of changes: what each action does, and the stages with the moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from cmdb.harm import State
from cmdb.spelling import did_you_mean
from cmdb.tables import Table, read_table
from cmdb.words import listed

_HERE = Path(__file__).parent


class Action(Table):
    """What one kind of action does; `actions.toml` explains each entry."""

    label: str
    says: str
    state: Literal["ok", "at_risk", "degraded", "out"]
    ends: bool = False
    shared: bool = False


class Stage(Table):
    """What may be done in one stage; `stages.toml` explains each entry."""

    label: str
    moves: Mapping[str, str] = Field(default={})
    frozen: bool = False
    ended: bool = False


class Life(Table):
    """Every stage, and the one that absence stands for."""

    format: Literal[1]
    first: str
    stages: Mapping[str, Stage]

    def stage(self, name: str) -> Stage:
        """A stage by its name; one that is not here can be left by nothing, and is as it is."""
        return self.stages.get(name) or Stage(label=name, frozen=True, ended=True)

    def wrong_with(self, name: str) -> str | None:
        """Why this names no stage; `None` if it does."""
        if name in self.stages:
            return None
        return f"there is no stage “{name}”, only {listed([*self.stages])}.{did_you_mean(name, self.stages)}"


class Actions(Table):
    """Every action by its name."""

    format: Literal[1]
    actions: Mapping[str, Action]


UNKNOWN = Action(label="touch", says="touches", state="out")
"""What is not known to be harmless is not taken to be."""


@cache
def life() -> Life:
    """The stages of changes."""
    return read_table(Life, _HERE / "stages.toml")


@cache
def actions() -> Mapping[str, Action]:
    """Every action by its name."""
    return read_table(Actions, _HERE / "actions.toml").actions


def action(name: str | None) -> Action:
    """What an action does; the worst of one that is not known."""
    return actions().get(name or "", UNKNOWN)


def state_of(action_name: str | None, effect: str | None) -> State:
    """The state that something is planned to be in: the effect that is told, else the action's."""
    return State.parse(effect or action(action_name).state)
