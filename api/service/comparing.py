"""Comparing: what differs between two states of the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from api.service.workspace import Workspace
from cmdb.diff import FieldChange, ItemDifference, RelationDifference, differences
from cmdb.errors import NotFound
from cmdb.model import RETIRED, STATUS, Commit, Item
from cmdb.viewing import Place, locate
from cmdb.views import View, parse_view
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
        items, relations = list(map(_item, found.items)), list(map(self._relation, found.relations))
        return {
            "format": FORMAT,
            "before": self._side(views[0], first),
            "after": self._side(views[1], second),
            "detail": _detail(items, relations),
            "counts": {"items": _counts(items), "relations": _counts(relations)},
            "items": items,
            "relations": relations,
            "redacted": False,
        }

    def moments(self, most: int = 20) -> list[Document]:
        """The last revisions, newest first: when each was made, by whom, and what for."""
        store = self.workspace.store
        newest = store.head().revision
        return [_moment(one.commit) for one in reversed(store.log(max(newest - most, 0), most))]

    def moment(self, revision: int) -> Document:
        """One revision as `moments` tells it; raises `NotFound` if there is none of this number."""
        store = self.workspace.store
        newest = store.head().revision
        if not 1 <= revision <= newest:
            raise NotFound(f"There is no revision {revision}; the newest is {newest}.")
        return _moment(store.log(revision - 1, 1)[0].commit)

    def _side(self, view: View, place: Place) -> Document:
        """One of the two views: the revision that it starts from, and when that was made."""
        made = self.workspace.store.log(place.revision - 1, 1) if place.revision else []
        return {
            "view": str(view),
            "revision": place.revision,
            "time": made[0].commit.time if made else None,
        }

    def _relation(self, one: RelationDifference) -> Document:
        ends, kind = (one.source, one.target), one.relation.id.type
        return {
            "source": one.source.key,
            "type": kind,
            "target": one.target.key,
            "how": one.how,
            "changes": _changes(one.changes),
            "ends": [_brief(end) for end in ends],
            "words": self.workspace.vocabulary.relations[kind].label,
            "detail": self.workspace.vocabulary.sentence(one.source.name, kind, one.target.name),
        }


def _moment(commit: Commit) -> Document:
    return {
        "revision": commit.revision,
        "time": commit.time,
        "author": commit.author.name,
        "message": commit.message,
    }


def _item(one: ItemDifference) -> Document:
    return {**_brief(one.item), "how": _how(one), "changes": _changes(one.changes)}


def _brief(item: Item) -> Document:
    return {"key": item.key, "class": item.class_name, "name": item.name}


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
