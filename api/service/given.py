"""Given: the values that somebody gives by hand for the fields of one item or relation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cmdb.errors import Fault, Rejected
from cmdb.spelling import did_you_mean
from cmdb.values import Value, from_text
from cmdb.vocabulary import Field, Vocabulary

SOURCE = "edited by hand"
"""Where such values come from."""


def typed(vocabulary: Vocabulary, field: str, text: str) -> object:
    """A value that was typed as text, as its field has it; `None` for an empty one."""
    if not text:
        return None
    return from_text(vocabulary.fields[field].type, text) if field in vocabulary.fields else text


def checked(
    values: Mapping[str, object], check: Callable[[str, object], Value | None]
) -> dict[str, Value | None]:
    """The values in their normal form.

    Parameters
    ----------
    check
        Returns one field's value in its normal form, or raises `ValueError` with what is wrong.

    Raises
    ------
    Rejected
        If anything is wrong; every fault is listed.
    """
    good: dict[str, Value | None] = {}
    faults: list[Fault] = []
    for name, value in values.items():
        try:
            good[name] = check(name, value)
        except ValueError as error:
            faults.append(Fault(name, str(error)))
    if faults:
        told = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults)
        raise Rejected(f"Nothing was changed. {told}", tuple(faults))
    return good


def field_value(fields: Mapping[str, Field], whose: str, name: str, value: object) -> Value | None:
    """The value of one of some fields in its normal form; raises `ValueError` with what is wrong."""
    if name not in fields:
        raise ValueError(f"{whose} has no such field.{did_you_mean(name, fields)}")
    return None if value is None else fields[name].check(value)
