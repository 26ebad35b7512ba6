"""Codes: a vocabulary as tables of small numbers, for kernels and columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cmdb.canonical import canonical, digest
from cmdb.harm import State, Transfer
from cmdb.vocabulary import Vocabulary
from impact.arrays.marks import Marks

Table = NDArray[np.uint8]

COUNTS = 4
"""In an action table, beside the states: the row passes nothing, the group at its end counts."""

REPEATED = 0x8000
"""On the code of a counted row: another relation already counts the same member in the same group."""

_WAY = np.uint16(REPEATED - 1)

PLAIN, SPECIAL, NOTHING = 0, 1, 2
"""What a code does: it passes every state on as it is, or some other way, or none."""


def ways_of(codes: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The way of each row, whether or not another relation counts the same."""
    return codes & _WAY


@dataclass(frozen=True)
class Codes:
    """The classes and relation types of a vocabulary by number, in order of their names.

    A way is a relation type in one direction: `2 * type` is harm that flows to the source, `2 * type + 1`
    harm that flows to the target.
    """

    vocabulary: Vocabulary

    @cached_property
    def digest(self) -> str:
        """Tells two vocabularies apart, as far as the engine goes."""
        told = self.vocabulary
        classes = {
            name: [told.is_ci(name), told.is_service(name), told.is_group(name)] for name in self.classes
        }
        types = {name: told.relations[name].model_dump(mode="json") for name in self.types}
        return digest(canonical({"classes": classes, "types": types}))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""
        return tuple(sorted(self.vocabulary.classes))

    @cached_property
    def class_code(self) -> dict[str, int]:
        """Codes by class."""
        return {name: code for code, name in enumerate(self.classes)}

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The names of the relation types."""
        return tuple(sorted(self.vocabulary.relations))

    @cached_property
    def type_code(self) -> dict[str, int]:
        """Codes by relation type."""
        return {name: code for code, name in enumerate(self.types)}

    @cached_property
    def is_ci(self) -> NDArray[np.bool_]:
        """By class, whether its items are configuration items."""
        return self._of_classes(self.vocabulary.is_ci)

    @cached_property
    def is_service(self) -> NDArray[np.bool_]:
        """By class, whether its items are services."""
        return self._of_classes(self.vocabulary.is_service)

    @cached_property
    def is_group(self) -> NDArray[np.bool_]:
        """By class, whether its items are as well as their k-th best member."""
        return self._of_classes(self.vocabulary.is_group)

    @cached_property
    def is_source(self) -> NDArray[np.bool_]:
        """By class, whether its items are what data comes from."""
        return self._of_classes(self.vocabulary.is_source)

    def giving(self, field: str) -> NDArray[np.bool_]:
        """By relation type, whether its target is what an attribute of its source would say."""
        return np.array([self.vocabulary.relations[name].gives == field for name in self.types], np.bool_)

    @cached_property
    def tells(self) -> NDArray[np.bool_]:
        """By relation type, whether a record tells a state by it."""
        return np.array([bool(self.vocabulary.relations[name].tells) for name in self.types], np.bool_)

    @cached_property
    def has_stake(self) -> NDArray[np.bool_]:
        """By relation type, whether what harms its target threatens what its source is to bring about."""
        return np.array([self.vocabulary.relations[name].has_stake for name in self.types], np.bool_)

    @cached_property
    def joins_plans(self) -> NDArray[np.bool_]:
        """By relation type, whether its target's plan is part of its source's."""
        return np.array([self.vocabulary.relations[name].joins_plans for name in self.types], np.bool_)

    @cached_property
    def transfers(self) -> tuple[Transfer, ...]:
        """By way, what it passes on."""
        return tuple(
            self.vocabulary.transfer(name, to_source=to_source)
            for name in self.types
            for to_source in (True, False)
        )

    @cached_property
    def counted(self) -> NDArray[np.bool_]:
        """By way, whether it only counts members of groups."""
        found = [
            self.vocabulary.counts(name, to_source=to_source)
            for name in self.types
            for to_source in (True, False)
        ]
        return np.array(found, np.bool_)

    @cached_property
    def kind(self) -> Table:
        """By way, whether it is plain, special or does nothing."""
        found = []
        for transfer, counted in zip(self.transfers, self.counted, strict=True):
            if counted:
                found.append(SPECIAL)
            elif transfer == tuple(State):
                found.append(PLAIN)
            else:
                found.append(SPECIAL if any(transfer) else NOTHING)
        return np.array(found, np.uint8)

    @cached_property
    def actions(self) -> Table:
        """By way and state at the start of a row, `4 * way + state`: the state at its end, or `COUNTS`."""
        found = [
            [COUNTS] * 4 if counted else [*transfer]
            for transfer, counted in zip(self.transfers, self.counted, strict=True)
        ]
        return np.array(found, np.uint8).reshape(-1)

    @cached_property
    def arriving(self) -> Table:
        """By way and state at the start of a row: what could arrive at its end, other members out."""
        ways = zip(self.transfers, self.counted, strict=True)
        found = [[*State] if counted else [*transfer] for transfer, counted in ways]
        return np.array(found, np.uint8).reshape(-1)

    @cached_property
    def needed(self) -> Table:
        """By way and state felt at the end of a row: the mildest at its start that does it, or 0."""
        arriving = self.arriving.reshape(-1, 4)
        found = [
            [0, *(next((s for s in State if s and row[s] >= felt), 0) for felt in State if felt)]
            for row in arriving
        ]
        return np.array(found, np.uint8).reshape(-1)

    def carries(self, ways: NDArray[np.uint16], to_group: Marks) -> Marks:
        """By row, whether any harm passes along it, or counts.

        Parameters
        ----------
        ways, to_group
            By row, its way, and whether it leads to a group.
        """
        found: Marks = (self.kind[ways] != NOTHING) & (~self.counted[ways] | to_group)
        return found

    def _of_classes(self, answer: Callable[[str], bool]) -> NDArray[np.bool_]:
        return np.array([answer(name) for name in self.classes], np.bool_)
