"""Cables as network links, and which devices are cut off without which of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from cmdb.observations import End
from loaders.netbox.cabling import CIRCUIT_END, FRONT, REAR, Cabling, Port, Way
from loaders.netbox.devices import Devices
from loaders.netbox.dump import Dump, Pk, Row, end
from loaders.netbox.graph import Graph
from loaders.netbox.providers import CIRCUIT, circuit_end
from loaders.netbox.uplinks import Pool, Uplinks, Wire, uplinks

INTERFACE = "dcim.interface"
_CONSOLE = frozenset({"dcim.consoleport", "dcim.consoleserverport"})


def add_links(graph: Graph, devices: Devices, cabling: Cabling) -> None:
    """Add every cable, the ways that devices need, and what the links themselves need."""
    for row in graph.dump.all("dcim.cable"):
        kind = row.text("type")
        graph.add("network_link", row, {"kind": kind}, name="label")
        _add_what_it_ends_at(graph, devices, cabling, row)
    ways = _ways(graph.dump, cabling, devices)
    wires = {wire: way for device, own in ways.items() for way in own for wire in _wires(device, way, graph)}
    levels = {pk: role.level for pk, role in devices.roles.items()}
    acts_as = {pk: row.pk_of("virtual_chassis") for pk, row in devices.rows.items()}
    found = uplinks(wires, levels, acts_as)
    for pool in found.pools:
        _add_pool(graph, devices, pool)
    _add_needs(graph, devices, wires, found)


def link(cable: Pk | None) -> End | None:
    """A cable as the end of a relation."""
    return end("network_link", "dcim.cable", cable)


def _add_what_it_ends_at(graph: Graph, devices: Devices, cabling: Cabling, row: Row) -> None:
    """Relate a cable to panels, circuits and consoles: it is nothing without them, and they do without it."""
    for port in cabling.ports(row.pk):
        found = graph.dump.find(*port)
        if found and port.model == CIRCUIT_END:
            graph.relate(link(row.pk), "connects_via", circuit_end(found), row)
        elif found and port.model in {FRONT, REAR, *_CONSOLE}:
            graph.relate(link(row.pk), "connects_via", devices.end(found.pk_of("device")), row)


def _ways(dump: Dump, cabling: Cabling, devices: Devices) -> Mapping[Pk, list[Way]]:
    """The ways from each device; those for its management only where it has no others."""
    found: dict[bool, dict[Pk, list[Way]]] = {True: defaultdict(list), False: defaultdict(list)}
    for row in dump.all(INTERFACE):
        device, way = row.pk_of("device"), cabling.way(Port(INTERFACE, row.pk))
        if way is not None and device in devices.rows:
            found[row.fields.get("mgmt_only") is True][device].append(way)
    return {**found[True], **found[False]}


def _wires(device: Pk, way: Way, graph: Graph) -> Iterator[Wire]:
    """A way as its device sees it: one wire for each device it leads to."""
    rows = (graph.dump.find(*port) for port in way.ends)
    ends = dict.fromkeys(row.pk_of("device") for row in rows if row and row.model == INTERFACE)
    for far in ends or [None]:
        if far != device:
            yield Wire(device, way.cable, far, way.leaves or bool(way.circuits and far is not None))


def _add_pool(graph: Graph, devices: Devices, pool: Pool) -> None:
    """Relate devices to their only way out, or to the group of those of which one is enough."""
    row = devices.rows[pool.devices[0]]
    cables = [found for found in map(link, pool.cables) if found]
    group = graph.group(cables, row, "links") if len(cables) > 1 else next(iter(cables), None)
    for device in pool.devices:
        graph.relate(devices.end(device), "connects_via", group, devices.rows[device])


def _add_needs(graph: Graph, devices: Devices, wires: Mapping[Wire, Way], found: Uplinks) -> None:
    """Relate links to what lies behind them: all that is on the way, and the device that is reached."""
    pools = {device: pool for pool in found.pools for device in pool.devices}
    ways = {device: frozenset(pool.cables) for device, pool in pools.items()}
    for wire, way in wires.items():
        row = graph.dump.find("dcim.cable", wire.cable) or devices.rows[wire.device]
        mine, upward = wire.cable in ways[wire.device], (wire.device, wire.cable) in found.upward
        both = wire.far in ways and wire.cable in ways[wire.far]
        # Where devices share ways out, one that is lost takes its own along.
        if not mine or (len(pools[wire.device].devices) > 1 and not both):
            graph.relate(link(wire.cable), "connects_via", devices.end(wire.device), row)
        if upward:
            graph.relate(link(wire.cable), "connects_via", devices.end(wire.far), row)
        for behind in (
            *map(link, way.cables),
            *(end("external_service", CIRCUIT, one) for one in way.circuits),
        ):
            graph.relate(link(wire.cable), "connects_via", behind, row)
