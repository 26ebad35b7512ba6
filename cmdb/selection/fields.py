"""What a condition can ask of an item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cmdb.vocabulary import Vocabulary

NONE = "none"
"""What stands for no value."""


class Field(NamedTuple):
    """One thing that a condition can ask.

    Attributes
    ----------
    can_lack
        Whether an item may have no value, which `none` asks for.
    any_case
        Whether upper and lower case are the same.
    """

    describe: str
    can_lack: bool = False
    any_case: bool = False


FIELDS: Mapping[str, Field] = {
    "class": Field("its class"),
    "family": Field("the family of its class"),
    "tier": Field("its tier, or `none`", can_lack=True),
    "owner": Field("the key of the team or person answerable for it, or `none`", can_lack=True),
    "environment": Field("its environment, or `none`; `env` for short", can_lack=True),
    "status": Field("its status; an item that tells none is live"),
    "key": Field("its key"),
    "name": Field("its name, in upper or lower case", any_case=True),
}

SHORT = {"env": "environment"}
"""Fields with a shorter name."""


def known_values(field: str, vocabulary: Vocabulary) -> list[str]:
    """Every value that a field can have; empty where the vocabulary leaves it open.

    Examples
    --------
    >>> from cmdb.vocabulary_files import load_vocabulary
    >>> known_values("tier", load_vocabulary())
    ['1', '2', '3', '4']
    """
    if field == "class":
        return [*vocabulary.classes]
    if field == "family":
        return [*vocabulary.families]
    described = vocabulary.fields.get(field)
    return [str(one) for one in (described and described.one_of) or ()]
