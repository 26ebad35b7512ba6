"""Selections: a small language that names sets of items.

    SELECTION = BOTH ('or' BOTH)*
    BOTH      = ONE ('and' ONE)*
    ONE       = ['not'] SET
    SET       = [('upstream' | 'downstream')] ATOM ['within' STEPS]
    ATOM      = KEY | FIELD ':' VALUE (',' VALUE)* | '(' SELECTION ')'

`checkout` is one item; `class:database and tier:1,2` are those that meet both; `upstream checkout within 2`
is checkout and what it needs in at most two steps. Between words stand blanks, or `+`, which is what a blank
becomes in an address. Here a selection is only a value; `impact.selecting` finds its items.
"""

from cmdb.selection.fields import FIELDS
from cmdb.selection.parsing import DEEPEST, LONGEST, meant, parse_selection
from cmdb.selection.tree import Both, Condition, Either, Named, Others, Selection, Walk, keys_in

__all__ = [
    "DEEPEST",
    "FIELDS",
    "LONGEST",
    "Both",
    "Condition",
    "Either",
    "Named",
    "Others",
    "Selection",
    "Walk",
    "keys_in",
    "meant",
    "parse_selection",
]
