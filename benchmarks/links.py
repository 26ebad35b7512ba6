"""The relations of a made-up estate, by the kind of their source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from benchmarks.layers import (
    DATABASES_IN_A_POOL,
    RACKS_IN_A_ROOM,
    ROOMS_IN_A_SITE,
    SERVERS_IN_A_POOL,
    SERVERS_IN_A_RACK,
    Layers,
)

Link = tuple[str, str, int]
"""A relation without its source: its type, and kind and number of its target."""

Links = Callable[[Layers, Random, int], Iterator[Link]]

MOST_CALLS = 12
NEIGHBOURS = 40
IN_A_RING = 50
"""Of so many services, the first two need each other."""


def links(layers: Layers, rng: Random, kind: str, number: int) -> Iterator[Link]:
    """The relations of one item; none comes twice."""
    yield from _LINKS.get(kind, _none)(layers, rng, number)
    for chance, type_name, hub in _HUBS.get(kind, ()):
        if rng.random() < chance:
            yield type_name, hub, layers.popular(rng, hub)


def _none(_: Layers, __: Random, ___: int) -> Iterator[Link]:
    return iter(())


def _service(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    own = {layers.near(rng, number, "service", "app", 16) for _ in range(rng.choice((1, 2, 2, 3, 4, 6)))}
    yield from (("depends_on", "app", other) for other in sorted(own))
    others = {layers.popular(rng, "app") for _ in range(rng.choice((0, 1, 2, 3)))}
    yield from (("uses", "app", other) for other in sorted(others - own))


def _app(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    yield "runs_on", "app-pool", number
    yield from _calls(layers, rng, number)
    for chance, type_name, kind, spread in (
        (0.85, "depends_on", "db-pool", 2),
        (0.3, "uses", "store", 2),
        (0.3, "sends_data_to", "queue", 2),
        (0.5, "connects_via", "lb-pair", 1),
        (0.2, "connects_via", "rule", 3),
        (0.2, "depends_on", "cert", 2),
        (0.6, "part_of", "product", 1),
    ):
        if rng.random() < chance:
            yield type_name, kind, layers.near(rng, number, "app", kind, spread)


def _calls(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    """What a service calls, each other service once: neighbours and popular ones, softly or strictly."""
    total = layers.counts["app"]
    taken = {number}
    partner = number ^ 1
    if number % IN_A_RING < 2 and partner < total:
        taken.add(partner)
        yield "depends_on", "app", partner
    for _ in range(min(MOST_CALLS, int(rng.paretovariate(1.2)))):
        neighbour = (number + rng.randrange(-NEIGHBOURS, NEIGHBOURS + 1)) % total
        other = neighbour if rng.random() < 0.7 else layers.popular(rng, "app")
        if other not in taken:
            taken.add(other)
            yield rng.choice(("depends_on", "uses", "uses", "sends_data_to")), "app", other


def _component(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    yield "part_of", "product", layers.near(rng, number, "component", "product", 1)


def _interface(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    yield "part_of", "app", layers.near(rng, number, "interface", "app", 2)
    yield "sends_data_to", "app", layers.popular(rng, "app")


def _workload(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    pool = number % layers.counts["app-pool"]
    yield "member_of", "app-pool", pool
    yield "runs_on", "vm", layers.near(rng, pool, "app-pool", "vm", 6)
    for chance, type_name, kind in ((0.3, "uses", "store"), (0.15, "sends_data_to", "queue")):
        if rng.random() < chance:
            yield type_name, kind, layers.near(rng, pool, "app-pool", kind, 2)


def _database(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    yield "member_of", "db-pool", int(number / DATABASES_IN_A_POOL)
    yield "runs_on", "vm", layers.near(rng, number, "db", "vm", 8)
    if number + 1 < layers.counts["db"] and rng.random() < 0.6:
        yield "replicates_to", "db", number + 1


def _on_a_machine(kind: str) -> Links:
    return lambda layers, rng, number: iter([("runs_on", "vm", layers.near(rng, number, kind, "vm", 4))])


def _machine(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    kind = "host-pool" if rng.random() < 0.7 else "srv"
    yield "runs_on", kind, layers.near(rng, number, "vm", kind, 2)
    yield "connects_via", "gateway-pair", layers.near(rng, number, "vm", "gateway-pair", 1)


def _server(_: Layers, __: Random, number: int) -> Iterator[Link]:
    rack = number // SERVERS_IN_A_RACK
    yield "member_of", "host-pool", number // SERVERS_IN_A_POOL
    yield "located_in", "rack", rack
    yield "connects_via", "switch-pair", rack
    yield "depends_on", "power-pair", rack // RACKS_IN_A_ROOM


def _rack(_: Layers, __: Random, number: int) -> Iterator[Link]:
    yield "located_in", "site", _site_of(number)


def _switch(_: Layers, __: Random, number: int) -> Iterator[Link]:
    rack, side = divmod(number, 2)
    yield "member_of", "switch-pair", rack
    yield "located_in", "rack", rack
    yield "connects_via", "core-pair", _site_of(rack)
    yield "depends_on", "power", rack // RACKS_IN_A_ROOM * 2 + side


def _gateway(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    yield "member_of", "gateway-pair", number // 2
    yield "connects_via", "core-pair", layers.near(rng, number, "gateway", "core-pair", 1)


def _core(_: Layers, __: Random, number: int) -> Iterator[Link]:
    yield "member_of", "core-pair", number // 2
    yield "located_in", "site", number // 2


def _paired(kind: str) -> Links:
    return lambda _, __, number: iter([("member_of", f"{kind}-pair", number // 2)])


def _rule(layers: Layers, rng: Random, number: int) -> Iterator[Link]:
    yield "part_of", "fw", layers.near(rng, number, "rule", "fw", 1)


def _site_of(rack: int) -> int:
    return rack // (RACKS_IN_A_ROOM * ROOMS_IN_A_SITE)


_LINKS: dict[str, Links] = {
    "service": _service,
    "app": _app,
    "component": _component,
    "interface": _interface,
    "work": _workload,
    "db": _database,
    "store": _on_a_machine("store"),
    "queue": _on_a_machine("queue"),
    "login": _on_a_machine("login"),
    "vm": _machine,
    "srv": _server,
    "rack": _rack,
    "switch": _switch,
    "gateway": _gateway,
    "core": _core,
    "power": _paired("power"),
    "lb": _paired("lb"),
    "rule": _rule,
}

_OWNER = (0.8, "owned_by", "team")
_SUPPORT = (0.5, "supported_by", "team")
_MONITORING = (0.7, "monitored_by", "platform")
_BACKUP = (0.7, "backed_up_by", "platform")
_LOGIN = (0.7, "authenticates_with", "login")

_HUBS: dict[str, tuple[tuple[float, str, str], ...]] = {
    "service": (_OWNER, _SUPPORT),
    "product": (_OWNER,),
    "app": (_LOGIN, (0.05, "uses", "supplier"), _OWNER, _SUPPORT, _MONITORING),
    "component": (_OWNER,),
    "work": ((0.3, *_LOGIN[1:]), _OWNER, _MONITORING),
    "db": (_BACKUP, _OWNER, _SUPPORT, _MONITORING),
    "store": (_BACKUP, _OWNER, _MONITORING),
    "queue": (_OWNER, _MONITORING),
    "vm": (_BACKUP, _OWNER, _SUPPORT, _MONITORING),
    "srv": (_OWNER, _MONITORING),
}
"""What most things of a kind have in common with thousands of others, and how many of them say so."""
