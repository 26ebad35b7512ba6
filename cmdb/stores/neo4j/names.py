"""The names that classes and relation types have on the server: as people write them in Cypher.

They become part of a statement's text, which values never do; so they are made of lower-case words only.
"""

from __future__ import annotations

from cmdb.stores.staging import is_word

ITEM = "`Item`"


def label_of(class_name: str) -> str:
    """The label of a class; empty where the class cannot be one, because somebody changed it by hand.

    Examples
    --------
    >>> label_of("application_service"), label_of("x` DETACH DELETE")
    ('`ApplicationService`', '')
    """
    words = class_name.split("_") if is_word(class_name) else []
    return f"`{''.join(word.capitalize() for word in words)}`" if words else ""


def type_of(relation_type: str) -> str:
    """The relationship type of a relation type.

    Raises
    ------
    ValueError
        If it is no lower-case word.

    Examples
    --------
    >>> type_of("depends_on")
    '`DEPENDS_ON`'
    """
    if not is_word(relation_type):
        message = f"not a relation type: {relation_type!r}"
        raise ValueError(message)
    return f"`{relation_type.upper()}`"


def relabelled(was: str, now: str) -> str:
    """The clauses that give node `n` the label of its present class instead of its former one's.

    Examples
    --------
    >>> relabelled("server", "virtual_machine")
    ' REMOVE n:`Server` SET n:`VirtualMachine`'
    >>> relabelled("item", "server")
    ' SET n:`Server`'
    """
    old, new = label_of(was), label_of(now)
    if old == new:
        return ""
    return (f" REMOVE n:{old}" if old not in {"", ITEM} else "") + (f" SET n:{new}" if new else "")
