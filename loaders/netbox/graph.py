"""What the rows of a dump become: items, relations, and groups where one of several is enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cmdb.observations import End, SeenItem, SeenRelation
from loaders.netbox.dump import Dump, Pk, Row
from loaders.netbox.tables import life_cycle

_DECLARED: Mapping[str, Any] = {"known": "declared"}


class Graph:
    """Items and relations found so far, each relation once."""

    def __init__(self, dump: Dump) -> None:
        self.dump = dump
        self.items: list[SeenItem] = []
        self._relations: dict[tuple[End, str, End], SeenRelation] = {}
        self._tags = _tags(dump)

    @property
    def relations(self) -> tuple[SeenRelation, ...]:
        """Every relation, in the order in which it was found."""
        return tuple(self._relations.values())

    def add(self, class_name: str, row: Row, own: Mapping[str, Any], name: str = "name") -> End:
        """Add the item that a row is; values that are missing are left out."""
        status = row.text("status")
        said = {
            "description": row.text("description"),
            "status": life_cycle(status) if status else None,
            "labels": self._labels(row, status),
            **own,
        }
        known = {field: value for field, value in said.items() if value not in (None, [])}
        self.items.append(
            SeenItem(class_name, row.source_id, row.text(name), known, row.where, row.qualified)
        )
        return End(class_name, row.source_id)

    def relate(self, source: End | None, type: str, target: End | None, row: Row, role: str = "") -> None:
        """Add a relation that a row tells of, unless an end is missing or both are the same."""
        if source is None or target is None or source == target:
            return
        attributes = {**_DECLARED, "role": role} if role else _DECLARED
        relation = SeenRelation(source, type, target, row.where, attributes)
        self._relations.setdefault((source, type, target), relation)

    def one_of(self, source: End, type: str, targets: Sequence[End], row: Row, what: str) -> None:
        """Relate an item to what it needs: directly where it is one, through a group where one is enough."""
        if len(targets) == 1:
            self.relate(source, type, targets[0], row)
        elif targets:
            self.relate(source, type, self.group(targets, row, what), row)

    def group(self, members: Iterable[End], row: Row, what: str) -> End:
        """Add a group of which one member is enough, named after a row.

        How many it needs is left open, which means one, so that an import does not undo what a person says.
        """
        qualified = (what, *row.qualified)
        group = End("redundancy_group", ":".join(qualified))
        name = row.text("name")
        title = f"{name} {what}" if name else None
        self.items.append(SeenItem("redundancy_group", group.name, title, {}, row.where, qualified))
        for member in members:
            self.relate(member, "member_of", group, row)
        return group

    def _labels(self, row: Row, status: str | None) -> list[str]:
        tenant = self.dump.title("tenancy.tenant", row.pk_of("tenant"))
        labels = sorted(self._tags[row.model, row.pk]) if (row.model, row.pk) in self._tags else []
        labels += [f"tenant={tenant}"] if tenant else []
        return labels + ([f"status={status}"] if status and life_cycle(status) is None else [])


def _tags(dump: Dump) -> Mapping[tuple[str, Pk], list[str]]:
    found: dict[tuple[str, Pk], list[str]] = defaultdict(list)
    for row in dump.all("extras.taggeditem"):
        tag = dump.title("extras.tag", row.pk_of("tag"))
        tagged = dump.target(row, "content_type", "object_id")
        if tag and tagged:
            found[tagged].append(tag)
    return found
