"""Showing: which parts of an import's plan somebody wants to see, and how much there is of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from typing import Any, Literal, get_args

from api.service.steps import ACTIONS, Action, Before, Step
from cmdb.errors import WrongUsage
from cmdb.spelling import did_you_mean
from cmdb.words import listed
from impact.documents.brief import Document

Part = Literal["added", "changed", "retired", "kept", "unresolved", "rejected", "lonely", "warnings"]
PARTS: tuple[str, ...] = get_args(Part)
"""The parts of a plan, in the order in which they are shown."""

STEPS: Mapping[str, Action] = {"added": "add", "changed": "change", "retired": "retire"}
"""The parts that are steps, and what these do."""

_LISTS = ("kept", "unresolved", "rejected", "lonely", "warnings")


@dataclass(frozen=True)
class Showing:
    """What of a plan is to be seen.

    Attributes
    ----------
    only
        Some of `PARTS`; all of them if it is empty.
    match
        A pattern of keys, with `*` for any characters and `?` for one: nothing that is about none of these
        is shown, and so nothing that is about no item.
    most
        How many steps of each kind are written out; all by default.

    Raises
    ------
    WrongUsage
        If there is no such part.
    """

    only: tuple[str, ...] = ()
    match: str | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        for name in self.only:
            if name not in PARTS:
                hint = did_you_mean(name, PARTS) or f" There is {listed(PARTS)}."
                raise WrongUsage(f"A plan has no part “{name}”.{hint}")

    def shown(self, document: Document, steps: Sequence[Step], before: Before) -> Document:
        """The document of a plan with its steps, as far as they are asked for.

        `totals` tells how many entries each part has in all, and `filtered` what was asked for.
        """
        by_action = {action: [step for step in steps if step.action == action] for action in ACTIONS}
        wanted = {action: self._steps(action, some) for action, some in by_action.items()}
        totals = {part: len(by_action[action]) for part, action in STEPS.items()}
        totals |= {part: len(document[part]) for part in _LISTS}
        matching = {part: len(wanted[action]) for part, action in STEPS.items()}
        lists = {part: self._entries(part, document[part]) for part in _LISTS}
        return {
            **document,
            **lists,
            "steps": [step.document(before) for some in wanted.values() for step in some[: self.most]],
            "totals": totals,
            "matching": matching | {part: len(entries) for part, entries in lists.items()},
            "filtered": {"only": list(self.only), "match": self.match} if self._filters else None,
        }

    @property
    def _filters(self) -> bool:
        return bool(self.only) or self.match is not None

    def _is_wanted(self, part: str) -> bool:
        return not self.only or part in self.only

    def _steps(self, action: Action, steps: Sequence[Step]) -> Sequence[Step]:
        part = next(part for part, one in STEPS.items() if one == action)
        if not self._is_wanted(part):
            return []
        return [step for step in steps if self._matches(step.keys)] if self._pattern else steps

    def _entries(self, part: str, entries: Sequence[Any]) -> list[Any]:
        if not self._is_wanted(part):
            return []
        return [one for one in entries if not self._pattern or self.is_about(part, one)]

    def is_about(self, part: str, entry: Any) -> bool:  # noqa: ANN401  each part has entries of its own
        """Whether an entry of a part, as documents tell it, is about one of the keys that are asked for."""
        return self._matches(_keys(part, entry))

    def _matches(self, keys: Iterable[str]) -> bool:
        return self._pattern is not None and any(map(self._pattern.fullmatch, keys))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        # fnmatch compiles stars so that none is tried twice; `[` means itself here.
        return None if self.match is None else re.compile(translate(self.match.replace("[", "[[]")))


def _keys(part: str, entry: Any) -> list[str]:  # noqa: ANN401  each part has entries of its own
    """The keys that an entry is about."""
    if part == "lonely":
        return [str(entry)]
    if part in {"kept", "unresolved", *STEPS}:
        return [entry[name] for name in ("key", "source", "target") if entry.get(name)]
    return []
