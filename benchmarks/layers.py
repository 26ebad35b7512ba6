"""The layers of a made-up estate: the kinds of things, how many there are, and which stand close together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from random import Random

SMALLEST = 100

CLASSES = {
    "service": "business_service",
    "product": "application",
    "app": "application_service",
    "component": "software_component",
    "interface": "interface",
    "app-pool": "redundancy_group",
    "work": "workload",
    "db-pool": "redundancy_group",
    "db": "database",
    "store": "data_store",
    "queue": "message_queue",
    "vm": "virtual_machine",
    "host-pool": "redundancy_group",
    "srv": "server",
    "rack": "rack",
    "switch": "network_device",
    "switch-pair": "redundancy_group",
    "gateway": "network_device",
    "gateway-pair": "redundancy_group",
    "core": "network_device",
    "core-pair": "redundancy_group",
    "power": "power_feed",
    "power-pair": "redundancy_group",
    "site": "site",
    "lb": "load_balancer",
    "lb-pair": "redundancy_group",
    "fw": "firewall",
    "rule": "firewall_rule",
    "cert": "certificate",
    "platform": "technical_service",
    "login": "identity_provider",
    "supplier": "external_service",
    "team": "team",
}
"""The class of each kind, about from the top of the estate to its bottom."""

PER_THOUSAND = {
    "service": 5,
    "product": 12,
    "app": 80,
    "component": 40,
    "interface": 30,
    "db": 60,
    "store": 20,
    "queue": 10,
    "vm": 210,
    "srv": 70,
    "lb": 4,
    "rule": 20,
    "cert": 20,
    "fw": 0.5,
    "platform": 0.5,
    "supplier": 0.5,
    "login": 0.02,
    "team": 2,
}
"""How many of a kind there are for 1,000 configuration items. The others follow from these; workloads are
the rest."""

VMS_BEHIND_A_GATEWAY = 150
DATABASES_IN_A_POOL = 2.4
SERVERS_IN_A_POOL = 12
SERVERS_IN_A_RACK = 14
RACKS_IN_A_ROOM = 20
ROOMS_IN_A_SITE = 12

NAMED = frozenset({"service", "product", "app", "component", "interface"})
_SUBJECTS = (
    *("order", "invoice", "payment", "ledger", "stock", "claim"),
    *("policy", "catalogue", "loyalty", "booking", "tariff", "parcel"),
)
_ROLES = (
    "entry",
    "search",
    "pricing",
    "reports",
    "portal",
    "gateway",
    "engine",
    "archive",
    "planner",
    "sync",
)


@dataclass(frozen=True)
class Layers:
    """The layers of an estate of so many configuration items."""

    cis: int

    def __post_init__(self) -> None:
        if self.cis < SMALLEST:
            raise ValueError(f"an estate has at least {SMALLEST} items")

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        of = {kind: max(2, round(self.cis * share / 1_000)) for kind, share in PER_THOUSAND.items()}
        of["app-pool"] = of["app"]
        of["db-pool"] = ceil(of["db"] / DATABASES_IN_A_POOL)
        of["host-pool"] = ceil(of["srv"] / SERVERS_IN_A_POOL)
        of["rack"] = of["switch-pair"] = ceil(of["srv"] / SERVERS_IN_A_RACK)
        of["gateway-pair"] = ceil(of["vm"] / VMS_BEHIND_A_GATEWAY)
        of["power-pair"] = ceil(of["rack"] / RACKS_IN_A_ROOM)
        of["site"] = of["core-pair"] = ceil(of["power-pair"] / ROOMS_IN_A_SITE)
        of["lb-pair"] = of["lb"] // 2
        for single in ("switch", "gateway", "core", "power", "lb"):
            of[single] = 2 * of[f"{single}-pair"]
        of["work"] = self.cis + of["team"] - sum(of.values())
        return of

    def near(self, rng: Random, number: int, kind: str, other: str, spread: int = 3) -> int:
        """One of another kind that stands near the one with this number."""
        place = number * self.counts[other] // self.counts[kind]
        return (place + rng.randrange(spread)) % self.counts[other]

    def popular(self, rng: Random, kind: str) -> int:
        """One of a kind by popularity: the n-th most popular one comes in proportion to n to the -2/3."""
        total = self.counts[kind]
        rank = int(total * rng.random() ** 3)
        return rank * 7_919 % total  # else popular ones would all be neighbours


def key(kind: str, number: int) -> str:
    """The key of one item.

    Examples
    --------
    >>> key("app", 17), key("vm", 3)
    ('claim-search-app-000017', 'vm-000003')
    """
    return f"{'-'.join(words(number))}-{kind}-{number:06}" if kind in NAMED else f"{kind}-{number:06}"


def words(number: int) -> tuple[str, str]:
    """What one of the things that people name is about, and what it does."""
    return _SUBJECTS[number % len(_SUBJECTS)], _ROLES[number // len(_SUBJECTS) % len(_ROLES)]
