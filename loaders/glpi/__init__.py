"""GLPI inventories: what an agent found on one device, in the JSON that GLPI 10 and later take.

Each file tells of one device. A partial inventory tells only of the sections that were taken anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import Observations, SeenItem, SeenRelation
from loaders.content import Content
from loaders.glpi.computers import computer
from loaders.glpi.inventory import Inventory, Section
from loaders.glpi.network_equipment import network_equipment
from loaders.glpi.tables import class_of_type, is_computer
from loaders.safe.place import where

FORMAT = "glpi"
LOOKS_LIKE = "a GLPI inventory with “deviceid” and “content”"
TEXT_KEYS: frozenset[str] = frozenset()


def recognises(content: Content) -> bool:
    """Whether a document is an inventory."""
    return any(
        isinstance(document, dict) and "deviceid" in document and isinstance(document.get("content"), dict)
        for document in content.documents
    )


def read(content: Content) -> Observations:
    """Say what the inventories of a file hold."""
    entries = [_inventory(content.name, document) for document in content.documents]
    inventories = [one for one in entries if isinstance(one, Inventory)]
    found = [part for inventory in inventories for part in _parts(inventory)]
    return Observations(
        FORMAT,
        items=tuple(_each_once([one for one in found if isinstance(one, SeenItem)])),
        relations=tuple(one for one in found if isinstance(one, SeenRelation)),
        partial=any(one.is_partial for one in inventories),
        rejected=tuple(one for one in entries if isinstance(one, Fault)),
        warnings=tuple(_left_out(inventories)),
    )


def _inventory(name: str, document: Any) -> Inventory | Fault:  # noqa: ANN401 - a file holds anything
    place = where(name, document)
    if not isinstance(document, dict) or not isinstance(document.get("content"), dict):
        return Fault(place, f"This is not {LOOKS_LIKE}.")
    head = Section(document)
    device_id = head.text("deviceid")
    if device_id is None:
        return Fault(place, "This inventory does not say of which device it is: “deviceid” is missing.")
    item_type = head.text("itemtype") or "Computer"
    is_partial = document.get("partial") is True
    return Inventory(device_id, item_type, head.part("content"), is_partial, place)


def _parts(inventory: Inventory) -> Iterator[SeenItem | SeenRelation]:
    class_name = class_of_type(inventory.item_type)
    if is_computer(inventory.item_type):
        yield from computer(inventory)
    elif class_name is not None:
        yield from network_equipment(inventory, class_name)


def _each_once(items: Sequence[SeenItem]) -> Iterator[SeenItem]:
    """The items without repetitions: a port can be told of the same neighbour twice."""
    seen: set[tuple[str, str, str]] = set()
    for item in items:
        identity = (item.class_name, item.source_id, item.where)
        if identity not in seen:
            seen.add(identity)
            yield item


def _left_out(inventories: Sequence[Inventory]) -> Iterator[str]:
    types = (one.item_type for one in inventories)
    unknown = Counter(one for one in types if not is_computer(one) and class_of_type(one) is None)
    for item_type, number in sorted(unknown.items()):
        were = "inventory of the type {} was" if number == 1 else "inventories of the type {} were"
        yield f"{number} {were.format(item_type)} left out: such things are no configuration items here."
