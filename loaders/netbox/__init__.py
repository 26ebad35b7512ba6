"""NetBox: everything a JSON dump says of devices, machines, places, power and cables.

A dump is what `manage.py dumpdata` writes: a list of rows, each with its model, primary key and fields. What
NetBox knows of redundancy (several hosts, links or power cords) becomes groups of which one is enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from cmdb.observations import Observations
from cmdb.words import listed
from loaders.content import Content
from loaders.netbox.addresses import Addresses
from loaders.netbox.cabling import Cabling
from loaders.netbox.contacts import add_contacts
from loaders.netbox.devices import Devices, add_devices
from loaders.netbox.dump import READ, Dump
from loaders.netbox.graph import Graph
from loaders.netbox.links import add_links
from loaders.netbox.machines import add_machines, add_services
from loaders.netbox.places import add_places
from loaders.netbox.power import add_power
from loaders.netbox.providers import add_providers

FORMAT = "netbox"
LOOKS_LIKE = "a NetBox dump, a list of rows with “model”, “pk” and “fields”"
TEXT_KEYS: frozenset[str] = frozenset()

_INTERNAL = frozenset({"admin", "auth", "contenttypes", "core", "django_rq", "sessions", "users"})
"""Apps that are NetBox's own bookkeeping."""


def recognises(content: Content) -> bool:
    """Whether a document is a list with a row of a model that is read here."""
    return any(
        isinstance(document, list) and any(_is_row(entry) for entry in document)
        for document in content.documents
    )


def read(content: Content) -> Observations:
    """Say what the rows of a dump hold."""
    dump = Dump(content.name, content.documents)
    graph, devices, cabling = Graph(dump), Devices(dump), Cabling(dump)
    addresses = Addresses(dump)
    add_places(graph)
    add_devices(graph, devices, addresses)
    add_machines(graph, devices, addresses)
    add_services(graph, devices)
    add_providers(graph)
    add_links(graph, devices, cabling)
    add_power(graph, devices, cabling)
    add_contacts(graph)
    return Observations(
        FORMAT,
        items=tuple(graph.items),
        relations=graph.relations,
        rejected=tuple(dump.rejected),
        warnings=tuple(_left_out(dump)),
    )


def _is_row(entry: object) -> bool:
    if not isinstance(entry, dict) or "fields" not in entry:
        return False
    model = entry.get("model")
    return isinstance(model, str) and model.lower() in READ


def _left_out(dump: Dump) -> Iterator[str]:
    """Warn of rows that nothing is read from, save NetBox's own bookkeeping."""
    found = {
        model: number
        for model, number in sorted(dump.left_out.items(), key=lambda one: (-one[1], one[0]))
        if model.partition(".")[0] not in _INTERNAL
    }
    if found:
        total = sum(found.values())
        rows = "1 row of a model that is" if total == 1 else f"{total} rows of models that are"
        were = "was" if total == 1 else "were"
        shown = listed([f"{number} {model}" for model, number in found.items()])
        yield f"{rows} no configuration items {were} left out: {shown}"
