"""The engine's tunable assumptions, read once from `rules.toml` beside this module."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cmdb.canonical import digest

_FILE = Path(__file__).with_name("rules.toml")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StatusRules(_Table):
    """Which statuses carry harm, and which are out by themselves."""

    absent: str
    carrying: frozenset[str]
    out: frozenset[str]


class RecordRules(_Table):
    """When a record that tells a state counts."""

    closed_stages: frozenset[str]
    withdrawn_stages: frozenset[str]
    urgent_priorities: frozenset[int]
    fresh_hours: int = Field(gt=0)
    state: Literal["at_risk", "degraded", "out"]

    @property
    def fresh(self) -> timedelta:
        """How long a confirmation holds."""
        return timedelta(hours=self.fresh_hours)


class TierRules(_Table):
    """How an item without a tier is weighed."""

    absent: int = Field(ge=1, le=4)


class EvidenceRules(_Table):
    """When evidence for a relation is old."""

    stale_days: int = Field(gt=0)

    @property
    def stale(self) -> timedelta:
        """The age from which evidence is stale."""
        return timedelta(days=self.stale_days)


class ExpiryRules(_Table):
    """When the end of something is near."""

    soon_days: int = Field(gt=0)

    @property
    def soon(self) -> timedelta:
        """How long before an end it is told of."""
        return timedelta(days=self.soon_days)


class SimulationRules(_Table):
    """How many states are drawn, and when the answer is called vague."""

    draws: int = Field(gt=0)
    seed: int = Field(ge=0)
    wide: float = Field(gt=1)


class Rules(_Table):
    """All of them."""

    format: Literal[1]
    status: StatusRules
    record: RecordRules
    tier: TierRules
    evidence: EvidenceRules
    expiry: ExpiryRules
    simulation: SimulationRules


@cache
def rules_digest() -> str:
    """Tells one set of rules from another."""
    return digest(_FILE.read_bytes())


@cache
def rules() -> Rules:
    """The rules in force."""
    return Rules.model_validate(tomllib.loads(_FILE.read_text("utf-8")))
