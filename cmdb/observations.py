"""What a source says it saw: the one shape that every loader returns and reconciliation reads.

Values are as the source wrote them; checking them against the vocabulary, finding the items they are about
and deciding what changes is reconciliation's work. A loader never writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cmdb.errors import Fault

NOTHING: Mapping[str, Any] = {}
"""The attributes of what has none; most relations share it."""


ANY_CLASS = "*"


class End(NamedTuple):
    """How a relation names the item at one of its ends.

    With a class, `name` is the source's own id of an item of that class; without one, it is a key. The class
    `ANY_CLASS` stands for whichever has an item of that id, where the source does not say.
    """

    class_name: str | None
    name: str


@dataclass(frozen=True, slots=True)
class SeenItem:
    """An item as a source describes it.

    Attributes
    ----------
    class_name, source_id
        What the source knows it by; together with the source's name, its identity.
    name
        What the source calls it, `None` where it does not say.
    qualified
        The parts of a name that is unique in the source, for instance kind, namespace and name.
    attributes
        Values by field, unchecked. `None` says that the source knows it has no such value; a field that is
        not mentioned is left as it is.
    where
        The place in the file, in words a person can follow.
    """

    class_name: str
    source_id: str
    name: str | None
    attributes: Mapping[str, Any]
    where: str
    qualified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenRelation:
    """A relation as a source describes it.

    Attributes
    ----------
    target_called
        What people call the target, by which others can be offered where nothing has its id.
    """

    source: End
    type: str
    target: End
    where: str
    attributes: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    target_called: str | None = None


@dataclass(frozen=True)
class Observations:
    """Everything one file says.

    Attributes
    ----------
    format
        The name of the file's format.
    items, relations
        What was seen, in any order.
    global_keys
        Whether `source_id` is a key of the whole graph, as in the native file, and not a name that only
        its source understands.
    all_or_nothing
        Whether one fault refuses the whole file; else what is valid is applied and the rest listed.
    partial
        Whether the file tells only a part of what its source knows, so that nothing is missing because it
        is not here.
    as_text
        Whether every value is a text, as in the cell of a table, to be read as its field's type.
    rejected
        Parts of the file that could not be understood.
    warnings
        What a reader should know before trusting the result.
    """

    format: str
    items: tuple[SeenItem, ...]
    relations: tuple[SeenRelation, ...]
    global_keys: bool = False
    all_or_nothing: bool = False
    partial: bool = False
    as_text: bool = False
    rejected: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()
