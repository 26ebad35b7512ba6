"""Power: panels, feeds, distribution units, and what goes dark without which of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cmdb.observations import End
from loaders.netbox.cabling import Cabling, Port
from loaders.netbox.devices import Devices
from loaders.netbox.dump import Dump, Pk, Row, end
from loaders.netbox.graph import Graph
from loaders.netbox.links import link
from loaders.netbox.places import place_in_words, site_of

_FEED, _INLET, _OUTLET, _PANEL = "dcim.powerfeed", "dcim.powerport", "dcim.poweroutlet", "dcim.powerpanel"


def add_power(graph: Graph, devices: Devices, cabling: Cabling) -> None:
    """Add panels and feeds, and relate racks to feeds and devices to the cords that supply them."""
    for row in graph.dump.all(_PANEL):
        panel = graph.add("power_feed", row, {"location": place_in_words(graph.dump, row)})
        graph.relate(panel, "located_in", site_of(graph.dump, row), row)
    racks: dict[Pk, list[End]] = defaultdict(list)
    for row in graph.dump.all(_FEED):
        feed = graph.add("power_feed", row, {"kind": row.text("type"), "capacity": _capacity(row)})
        graph.relate(feed, "depends_on", end("power_feed", _PANEL, row.pk_of("power_panel")), row)
        powered = row.pk_of("rack")
        if powered is not None:
            racks[powered].append(feed)
    for rack in graph.dump.all("dcim.rack"):
        graph.one_of(End("rack", rack.source_id), "depends_on", racks.get(rack.pk, []), rack, "feeds")
    _add_cords(graph, devices, cabling)


def _add_cords(graph: Graph, devices: Devices, cabling: Cabling) -> None:
    cords = _cords(graph.dump, cabling)
    for device, cables in cords.items():
        found, row = devices.end(device), devices.rows.get(device)
        if found and row:
            supplies = [one for one in map(link, cables) if one]
            graph.one_of(found, "connects_via", supplies, row, "power")
            for cable, inlet in cables.items():
                _add_supply(graph, devices, cabling, (cable, inlet), cords)


def _add_supply(
    graph: Graph,
    devices: Devices,
    cabling: Cabling,
    cord: tuple[Pk, Row],
    cords: Mapping[Pk, Mapping[Pk, Row]],
) -> None:
    """Relate a cord to what it is plugged into: a feed, or a unit and the inlet its outlet is wired to."""
    cable, inlet = cord
    for port in cabling.opposite(Port(_INLET, inlet.pk)):
        if port.model == _FEED:
            graph.relate(link(cable), "depends_on", end("power_feed", *port), inlet)
        outlet = graph.dump.find(*port) if port.model == _OUTLET else None
        unit = None if outlet is None else outlet.pk_of("device")
        if outlet is None or unit is None or unit == inlet.pk_of("device"):
            continue
        graph.relate(link(cable), "depends_on", devices.end(unit), inlet)
        wired_to = outlet.pk_of("power_port")
        if wired_to is not None and len(cords.get(unit, ())) > 1:
            graph.relate(link(cable), "depends_on", link(cabling.cable(Port(_INLET, wired_to))), inlet)


def _cords(dump: Dump, cabling: Cabling) -> Mapping[Pk, Mapping[Pk, Row]]:
    """The cables in the power ports of each device, with the port."""
    found: dict[Pk, dict[Pk, Row]] = defaultdict(dict)
    for row in dump.all(_INLET):
        device, cable = row.pk_of("device"), cabling.cable(Port(_INLET, row.pk))
        if device is not None and cable is not None:
            found[device].setdefault(cable, row)
    return found


def _capacity(feed: Row) -> str | None:
    volts, amperes = feed.number("voltage"), feed.number("amperage")
    return None if volts is None or amperes is None else f"{volts:g} V, {amperes:g} A"
