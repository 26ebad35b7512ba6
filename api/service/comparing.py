"""Comparing: what differs between two states of the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from api.service.workspace import Workspace
from cmdb.diff import FieldChange, ItemDifference, RelationDifference, differences
from cmdb.model import RETIRED, STATUS
from cmdb.viewing import locate
from cmdb.views import parse_view
from impact.documents.brief import FORMAT, Document
from impact.wording import capital, count

HOWS = ("added", "changed", "retired", "revived", "removed")
"""How something can differ. Removed means that it is not there at all; what is retired still is."""


@dataclass(frozen=True)
class Comparing:
    """The use case of comparing two views."""

    workspace: Workspace

    def diff(self, before: str, after: str) -> Document:
        """What is different in one view from another: items and relations in order of keys.

        Raises
        ------
        WrongUsage
            If a view is malformed.
        NotFound
            If there is no such revision or plan.
        Conflict
            If a plan does not fit what is there.
        """
        store, vocabulary = self.workspace.store, self.workspace.vocabulary
        views = parse_view(before), parse_view(after)
        first, second = (locate(store, vocabulary, view) for view in views)
        found = differences(store, first, second)
        items, relations = list(map(_item, found.items)), list(map(_relation, found.relations))
        return {
            "format": FORMAT,
            "before": {"view": str(views[0]), "revision": first.revision},
            "after": {"view": str(views[1]), "revision": second.revision},
            "detail": _detail(items, relations),
            "counts": {"items": _counts(items), "relations": _counts(relations)},
            "items": items,
            "relations": relations,
            "redacted": False,
        }


def _item(one: ItemDifference) -> Document:
    return {
        "key": one.item.key,
        "class": one.item.class_name,
        "name": one.item.name,
        "how": _how(one),
        "changes": _changes(one.changes),
    }


def _relation(one: RelationDifference) -> Document:
    return {
        "source": one.source.key,
        "type": one.relation.id.type,
        "target": one.target.key,
        "how": one.how,
        "changes": _changes(one.changes),
    }


def _how(one: ItemDifference) -> str:
    for change in one.changes:
        if change.field == STATUS and RETIRED in {change.before, change.after}:
            return "retired" if change.after == RETIRED else "revived"
    return one.how


def _changes(changes: Iterable[FieldChange]) -> list[Document]:
    return [one._asdict() for one in changes]


def _counts(rows: list[Document]) -> dict[str, int]:
    found = Counter(row["how"] for row in rows)
    return {how: found[how] for how in HOWS}


def _detail(items: list[Document], relations: list[Document]) -> str:
    found = [(len(items), "item"), (len(relations), "relation")]
    said = " and ".join(count(number, what) for number, what in found if number)
    return (
        f"{capital(said)} {'differs' if len(items) + len(relations) == 1 else 'differ'}."
        if said
        else ("Nothing differs.")
    )
