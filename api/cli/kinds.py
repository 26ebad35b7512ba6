"""What commands are given, as far as a shell can complete it: keys, plans, views, names known elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import click
from click.shell_completion import CompletionItem

from api.cli.shell import Shell
from cmdb.errors import CmdbError

MOST = 50
"""How many keys are offered; who wants another one types on."""

PLANNERS = ("project", "deliverable", "change")
"""The classes of what usually owns a plan."""

OWNERS = ("team", "person", "organisation")


Offer = Callable[[click.Context, str], list[CompletionItem[str]]]
"""What could stand where somebody has begun to type."""


class Completed(click.types.StringParamType):
    """Any text, for which a shell is offered something."""

    def __init__(self, name: str, offer: Offer) -> None:
        self.name = name
        self._offer = offer

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002  click's own signature
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        """What could stand here."""
        return self._offer(ctx, incomplete)


class OneOf(click.ParamType[str]):
    """One of some names that somebody else knows, who is asked only where they are needed."""

    name = "choice"

    def __init__(self, names: Callable[[], Sequence[str]]) -> None:
        self._names = names

    @cached_property
    def _choice(self) -> click.Choice[str]:
        return click.Choice(self._names())

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """The names, as usage lists them."""
        return self._choice.get_metavar(param, ctx)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name that was given, if it is one of them."""
        return self._choice.convert(value, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """The names that begin like this."""
        return self._choice.shell_complete(ctx, param, incomplete)


def keys(
    context: click.Context, incomplete: str, classes: Sequence[str] = (), before: str = ""
) -> list[CompletionItem[str]]:
    """The keys in the store that go on like this; none if it cannot be read, as nobody asked for an error."""
    from cmdb.stores.glimpse import glimpse

    try:
        location = context.ensure_object(Shell).settings.store
    except CmdbError:
        return []
    found = glimpse(location, incomplete, MOST, classes)
    return [CompletionItem(before + key, help=None if name == key else name) for key, name in found]


def owners(context: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """The keys of who can own something."""
    return keys(context, incomplete, OWNERS)


def changes(context: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """The keys of changes."""
    return keys(context, incomplete, ("change",))


def plans(context: click.Context, incomplete: str, before: str = "") -> list[CompletionItem[str]]:
    """The classes of what usually owns a plan; behind a class, the keys of what is of it."""
    named = re.fullmatch(r"([a-z0-9_]+):(.*)", incomplete)
    if not named:
        return _beginning(incomplete, [f"{one}:" for one in PLANNERS], before)
    return keys(context, named[2], [named[1]], f"{before}{named[1]}:")


def views(context: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """How a view can begin; behind a +, plans."""
    before, plus, plan = incomplete.rpartition("+")
    if plus:
        return plans(context, plan, before + plus)
    return _beginning(incomplete, ["live", *(f"live+{one}:" for one in PLANNERS), "@"])


def _beginning(incomplete: str, texts: Iterable[str], before: str = "") -> list[CompletionItem[str]]:
    return [CompletionItem(before + one) for one in texts if one.startswith(incomplete)]


KEY = Completed("key", keys)
PLAN = Completed("plan", plans)
VIEW = Completed("view", views)
OWNER = Completed("owner", owners)
CHANGE = Completed("change", changes)
