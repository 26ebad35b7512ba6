"""Providers, their networks, and the circuits bought from them."""

from __future__ import annotations

from cmdb.observations import End
from loaders.netbox.dump import Row, end
from loaders.netbox.graph import Graph

CIRCUIT = "circuits.circuit"
_NETWORK = "circuits.providernetwork"


def add_providers(graph: Graph) -> None:
    """Add providers, their networks and circuits as what others run for us."""
    for row in graph.dump.all("circuits.provider"):
        graph.add("external_service", row, {"supplier": row.text("name")})
    for row in graph.dump.all(_NETWORK):
        network = graph.add("external_service", row, _bought(graph, row))
        graph.relate(network, "depends_on", _provider(row), row)
    for row in graph.dump.all(CIRCUIT):
        own = {**_bought(graph, row), "contract": row.text("cid")}
        circuit = graph.add("external_service", row, own, name="cid")
        graph.relate(circuit, "depends_on", _provider(row), row)
    for row in graph.dump.all("circuits.circuittermination"):
        graph.relate(circuit_end(row), "connects_via", _network_of(graph, row), row)


def circuit_end(termination: Row) -> End | None:
    """The circuit that a termination is an end of."""
    return end("external_service", CIRCUIT, termination.pk_of("circuit"))


def _network_of(graph: Graph, termination: Row) -> End | None:
    """The provider's network a circuit leads into: a field of its own, since NetBox 4.2 a content type."""
    model, pk = graph.dump.target(termination, "termination_type", "termination_id") or ("", None)
    network = pk if model == _NETWORK else termination.pk_of("provider_network")
    return end("external_service", _NETWORK, network)


def _provider(row: Row) -> End | None:
    return end("external_service", "circuits.provider", row.pk_of("provider"))


def _bought(graph: Graph, row: Row) -> dict[str, str | None]:
    return {"supplier": graph.dump.title("circuits.provider", row.pk_of("provider"))}
