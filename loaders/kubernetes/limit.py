"""How many relations one manifest may mean: a few lines can make everything select everything."""

from __future__ import annotations

from cmdb.errors import TooLarge

MOST_RELATIONS = 500_000


def check_number(found: int, name: str) -> None:
    """Refuse a file, by its name, that means too many relations."""
    if found > MOST_RELATIONS:
        raise TooLarge(
            f"{name} means more than {MOST_RELATIONS:,} relations between its objects."
            " Check its selectors, or split it into several files."
        )
