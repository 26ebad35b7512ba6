"""A GLPI inventory: which device it is of, and its sections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cmdb.observations import End, SeenRelation

Attributes = dict[str, Any]

OBSERVED: Mapping[str, Any] = {"known": "observed"}


@dataclass(frozen=True)
class Section:
    """A mapping of an inventory; whatever is not of the type asked for is not there."""

    fields: Mapping[str, Any] = field(repr=False)

    def text(self, *names: str) -> str | None:
        """The first of these fields that has text."""
        found = (_text(self.fields.get(name)) for name in names)
        return next(filter(None, found), None)

    def whole(self, *names: str) -> int | None:
        """The first of these fields that holds a number of something, which is never below one."""
        found = (_whole(self.fields.get(name)) for name in names)
        return next(filter(None, found), None)

    def part(self, name: str) -> Section:
        """A mapping in it, empty where there is none."""
        found = self.fields.get(name)
        return Section(found if isinstance(found, dict) else {})

    def parts(self, name: str) -> list[Section]:
        """The mappings of a list in it; one mapping alone stands for a list of one."""
        found = self.fields.get(name)
        listed = found if isinstance(found, list) else [found]
        return [Section(one) for one in listed if isinstance(one, dict)]


@dataclass(frozen=True)
class Inventory:
    """What an agent tells of one device.

    Attributes
    ----------
    device_id
        The agent's own name for the device: stays as long as the agent is not installed anew.
    content
        Its sections.
    is_partial
        Whether only some sections were taken anew.
    """

    device_id: str
    item_type: str
    content: Section
    is_partial: bool
    where: str

    def end(self, class_name: str) -> End:
        """The device as the end of a relation."""
        return End(class_name, self.device_id)

    def relation(self, source: End, type: str, target: End, called: str | None = None) -> SeenRelation:
        """A relation that this inventory tells of."""
        return SeenRelation(source, type, target, self.where, OBSERVED, called)


def said(attributes: Mapping[str, Any]) -> Attributes:
    """Attributes without those of which nothing is said."""
    return {name: value for name, value in attributes.items() if value not in (None, [])}


def texts(found: Iterable[str | None]) -> list[str]:
    """Texts in order, each once."""
    return sorted({one for one in found if one})


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if type(value) is int and abs(value) < 2**63 else None


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 19:
        value = int(value)
    return value if type(value) is int and 0 < value < 2**63 else None
