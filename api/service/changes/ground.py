"""What changes are read from: a picture of today, and the store for what a picture does not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from api.service.workspace import Scene, Workspace
from cmdb.canonical import canonical, digest
from cmdb.changes import AFFECTS, CLASS, Change, change_of
from cmdb.errors import NotFound
from cmdb.model import Item, Relation, RelationId
from cmdb.operations import CreateItem, Plan, Step, Target, step_as_data
from cmdb.views import Overlay
from impact.picture import Picture

PREFIX = "CHG-"
_NUMBER = re.compile(rf"{PREFIX}([0-9]{{1,15}})", re.ASCII)


@dataclass(frozen=True)
class Ground:
    """The changes of today."""

    workspace: Workspace
    scene: Scene

    @classmethod
    def of(cls, workspace: Workspace) -> Ground:
        """The ground as it is now."""
        return cls(workspace, workspace.scene())

    @property
    def picture(self) -> Picture:
        """The graph as it is."""
        return self.scene.picture

    @property
    def revision(self) -> int:
        """The revision that all of this is of."""
        return self.picture.revision

    def item(self, key: str) -> Item:
        """The item with a key; raises `NotFound` with what is close to it."""
        return self.picture.item(self.scene.find(key))

    def place(self, key: str) -> int:
        """The number of the change with a key.

        Raises
        ------
        NotFound
            If nothing has the key, or what has it is no change.
        """
        place = self.scene.find(key)
        class_name = self.picture.class_name(place)
        if class_name != CLASS:
            raise NotFound(f"“{key}” is {self.workspace.vocabulary.a(class_name)}, not a change.")
        return place

    def change(self, place: int) -> Change:
        """The change with a number."""
        return change_of(self.picture.item(place), self.affects(place))

    def affects(self, place: int) -> Iterator[tuple[Relation, Item]]:
        """What a change touches, with the relation by which it does."""
        for link in self.picture.relations_at(place):
            if link.type == AFFECTS and link.source == place:
                yield self.picture.relation(link), self.picture.item(link.target)

    def of_class(self, class_name: str) -> list[int]:
        """The numbers of all items of a class, in no order."""
        code = self.picture.codes.class_code[class_name]
        found: list[int] = np.flatnonzero(self.picture.classes == code).tolist()
        return found

    def plan(self, uid: str) -> Plan:
        """What a change means to alter."""
        return self.workspace.store.plan(uid, self.revision)

    def edition(self, place: int, plan: Plan) -> str:
        """What names the state of a change: its item's version, with what it touches and means to alter."""
        touches = {item.key: relation.version for relation, item in self.affects(place)}
        made = made_by(plan)
        steps = {self._called(target, made): _without_uids(step) for target, step in plan.items()}
        return f"{self.picture.versions[place]}-{digest(canonical([touches, steps]))[:16]}"

    def _called(self, target: Target, made: Mapping[str, str]) -> str:
        """What a step of a plan is about, by keys, which are the same wherever the same was done."""
        if isinstance(target, RelationId):
            ends = (self._called(uid, made) for uid in (target.source, target.target))
            return f" {target.type} ".join(ends)
        place = self.picture.number_of_uid(target)
        return made.get(target, target) if place is None else self.picture.keys[place]

    def next_key(self) -> str:
        """The key of the next change: the number behind the greatest there is, which none ever had."""
        keys = (_NUMBER.fullmatch(self.picture.keys[place]) for place in self.of_class(CLASS))
        number = max((int(found[1]) for found in keys if found), default=0) + 1
        while self.workspace.store.holders(f"{PREFIX}{number}"):
            number += 1
        return f"{PREFIX}{number}"


def _without_uids(step: Step) -> dict[str, Any]:
    return {name: value for name, value in step_as_data(step).items() if name not in {"item", "relation"}}


def made_by(plan: Plan) -> dict[str, str]:
    """The keys of the items that a plan makes, by their uids."""
    operations = (step.operation for step in plan.values())
    return {made.uid: str(made.after["key"]) for made in operations if isinstance(made, CreateItem)}


def overlay_of(key: str) -> Overlay:
    """The name of a change's plan."""
    return Overlay(CLASS, key)
