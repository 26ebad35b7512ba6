"""Sites and racks, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

from cmdb.observations import End
from loaders.netbox.dump import Dump, Pk, Row, end
from loaders.netbox.graph import Graph

_DEEPEST = 20


def add_places(graph: Graph) -> None:
    """Add sites, and racks with the sites they stand in."""
    for site in graph.dump.all("dcim.site"):
        graph.add("site", site, _of_site(graph.dump, site))
    for rack in graph.dump.all("dcim.rack"):
        own = {
            "location": place_in_words(graph.dump, rack),
            "serial_number": rack.text("serial"),
            "asset_tag": rack.text("asset_tag"),
        }
        graph.relate(graph.add("rack", rack, own), "located_in", site_of(graph.dump, rack), rack)


def site_of(dump: Dump, row: Row) -> End | None:
    """The site that a row names: in a field of its own or, since NetBox 4.2, as its scope."""
    model, scope = dump.target(row, "scope_type", "scope_id") or ("", None)
    return end("site", "dcim.site", scope if model == "dcim.site" else row.pk_of("site"))


def place_in_words(dump: Dump, row: Row) -> str | None:
    """The location inside a site, such as a floor and a row, from the outside in."""
    names = list(_upwards(dump, "dcim.location", row.pk_of("location")))
    return ", ".join(reversed(names)) or None


def _of_site(dump: Dump, site: Row) -> dict[str, object]:
    return {
        "address": site.text("physical_address"),
        "latitude": site.number("latitude"),
        "longitude": site.number("longitude"),
        "location": ", ".join(_upwards(dump, "dcim.region", site.pk_of("region"))) or None,
    }


def _upwards(dump: Dump, model: str, pk: Pk | None) -> Iterator[str]:
    """The names of a row and of those it stands in."""
    for _ in range(_DEEPEST):
        found = dump.find(model, pk)
        if found is None:
            return
        yield found.text("name") or found.source_id
        pk = found.pk_of("parent")
