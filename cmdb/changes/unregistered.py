"""What a change touches and is no item here, as one text each: `STEP ACTION EFFECT MINUTES NAME`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

NOT_KNOWN = "-"

_ENTRY = re.compile(r"(\d{1,19}) (\S+) (\S+) (\d{1,19}|-) (\S.*)", re.ASCII | re.DOTALL)


class Unregistered(NamedTuple):
    """Something that a change touches, known by its name alone; the values as at a relation `affects`."""

    name: str
    action: str | None
    step: int
    effect: str | None
    minutes: int | None

    @classmethod
    def of(cls, name: str, values: Mapping[str, object]) -> Unregistered:
        """The thing with a name, and the values of an entry that were found right."""
        action, effect, minutes = (values.get(field) for field in ("action", "effect", "minutes"))
        return cls(
            name,
            None if action is None else str(action),
            int(str(values.get("step") or 1)),
            None if effect is None else str(effect),
            None if minutes is None else int(str(minutes)),
        )

    def __str__(self) -> str:
        minutes = NOT_KNOWN if self.minutes is None else self.minutes
        return f"{self.step} {self.action or NOT_KNOWN} {self.effect or NOT_KNOWN} {minutes} {self.name}"

    @classmethod
    def read(cls, text: str) -> Unregistered:
        """Read the text of one.

        Raises
        ------
        ValueError
            If it is not one.

        Examples
        --------
        >>> Unregistered.read("2 restart - 30 Old fax gateway")
        Unregistered(name='Old fax gateway', action='restart', step=2, effect=None, minutes=30)
        """
        found = _ENTRY.fullmatch(text)
        if found is None or found[1].strip("0") == "":
            raise ValueError(
                f"“{text}” is not STEP ACTION EFFECT MINUTES NAME; write - for what is not known:"
                " “1 restart - 30 Old fax gateway”"
            )
        step, action, effect, minutes, name = (None if part == NOT_KNOWN else part for part in found.groups())
        return cls(str(name), action, int(str(step)), effect, None if minutes is None else int(minutes))
