"""What several commands that write are given: FIELD=VALUE, a version, a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from api.cli.kinds import PLAN
from cmdb.errors import WrongUsage

if TYPE_CHECKING:
    from api.service import Service

version_option = click.option(
    "--version", metavar="VERSION", help="Only if it is at this version now: see cmdb show."
)
relation_version_option = click.option(
    "--version", metavar="VERSION", help="Only if it is at this version now: its edition in cmdb show --json."
)
into_option = click.option(
    "--into", type=PLAN, metavar="PLAN", help="Put it into a plan, such as project:apollo."
)


def parted(values: Sequence[str]) -> dict[str, str]:
    """FIELD=VALUE, as the fields and what was typed for them.

    Raises
    ------
    WrongUsage
        If one gives no value, or a field is given two.
    """
    found: dict[str, str] = {}
    for text in values:
        name, sign, value = text.partition("=")
        if not sign:
            raise WrongUsage(f"“{text}” gives no value. Write FIELD=VALUE.")
        if name in found:
            raise WrongUsage(f"“{name}” is given two values.")
        found[name] = value
    return found


def values_of(service: Service, texts: dict[str, str]) -> dict[str, object]:
    """What was typed, as the fields have it."""
    from api.service.given import typed

    return {name: typed(service.workspace.vocabulary, name, text) for name, text in texts.items()}
