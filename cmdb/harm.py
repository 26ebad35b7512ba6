"""States of harm and how a relation passes them on.

The four states are ordered, worst last, so that they compare and combine as integers; a transfer is a
table from the state of one end to the state it causes at the other. Transfers are monotone and never
return worse than they were given, which is what makes the least fixpoint exist and be unique.
"""

from __future__ import annotations

from enum import IntEnum

from cmdb.errors import WrongUsage


class State(IntEnum):
    """How an item serves: `ok < at_risk < degraded < out`."""

    OK = 0
    AT_RISK = 1
    DEGRADED = 2
    OUT = 3

    @property
    def word(self) -> str:
        """The state's name in files, answers and commands."""
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> State:
        """Read a state's name.

        Raises
        ------
        WrongUsage
            If `text` names no state.

        Examples
        --------
        >>> State.parse("at_risk") > State.OK
        True
        """
        states = {state.word: state for state in reversed(cls)}
        if text not in states:
            raise WrongUsage(f"“{text}” is not a state. The states are: {', '.join(states)}.")
        return states[text]


Transfer = tuple[State, State, State, State]

SAME: Transfer = (State.OK, State.AT_RISK, State.DEGRADED, State.OUT)
SOFTENED: Transfer = (State.OK, State.OK, State.AT_RISK, State.DEGRADED)
FATAL: Transfer = (State.OK, State.OK, State.OK, State.OUT)
NONE: Transfer = (State.OK, State.OK, State.OK, State.OK)

TRANSFERS: dict[str, Transfer] = {"same": SAME, "softened": SOFTENED, "fatal": FATAL, "none": NONE}
"""The transfers by name. `counted` is not among them: it reaches groups only, and a group counts."""

COUNTED = "counted"
