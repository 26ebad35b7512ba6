"""What is known of the items of a made-up estate: as poor and as uneven as it usually is."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from benchmarks.layers import Layers, key, words

Row = dict[str, Any]
Describe = Callable[[Layers, Random, int], Row]

ENVIRONMENTS = ("production", "production", "production", "production", "test", "test", "staging")
ENGINES = (("PostgreSQL", "16.4"), ("PostgreSQL", "15.8"), ("Oracle", "19c"), ("MySQL", "8.4.2"))
SYSTEMS = ("Debian 12", "RHEL 9.4", "RHEL 8.10", "Windows Server 2022")
MODELS = (("Northgate", "R640"), ("Northgate", "R740"), ("Halden", "DL-380"))
CITIES = ("Aarhus", "Bergen", "Cork", "Delft", "Espoo", "Fulda", "Ghent", "Haarlem")
STATUSES = ("maintenance", "planned", "retiring", "retired")


def described(layers: Layers, rng: Random, kind: str, number: int) -> Row:
    """What a source says of an item beside its key and class."""
    row = _DESCRIBED.get(kind, _nothing)(layers, rng, number)
    if kind == "team":
        return row
    if rng.random() < 0.9:
        row["owner"] = key("team", layers.popular(rng, "team"))
    if rng.random() < 0.66:
        row["tier"] = rng.choices((1, 2, 3, 4), (1, 3, 5, 3))[0]
    if rng.random() < 0.01:
        row["status"] = rng.choice(STATUSES)
    return row


def _nothing(_: Layers, __: Random, ___: int) -> Row:
    return {}


def _service(_: Layers, rng: Random, number: int) -> Row:
    subject, role = words(number)
    row: Row = {"name": f"{subject.title()} {role} {number}", "support_group": "service-desk"}
    return row | {"users": int(10 ** (1 + 4 * rng.random())), "users_unit": "a day"}


def _app(_: Layers, __: Random, number: int) -> Row:
    (subject, role), environment = words(number), _environment(number)
    return {"name": f"{subject.title()} {role} {number} ({environment})", "environment": environment}


def _environment(app: int) -> str:
    return ENVIRONMENTS[app % len(ENVIRONMENTS)]


def _database(_: Layers, rng: Random, __: int) -> Row:
    engine, version = rng.choice(ENGINES)
    return {"engine": engine, "version": version, "size_gb": rng.randrange(5, 4_000) / 2}


def _machine(layers: Layers, rng: Random, number: int) -> Row:
    cpus = rng.choice((2, 4, 4, 8, 16))
    return {
        "hostname": f"vm{number:06}.example.org",
        "operating_system": rng.choice(SYSTEMS),
        "cpus": cpus,
        "memory_mb": cpus * 4_096,
        "ip_addresses": [f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"],
        "environment": _environment(layers.near(rng, number, "vm", "app", 1)),
    }


def _server(_: Layers, rng: Random, number: int) -> Row:
    maker, model = rng.choice(MODELS)
    row: Row = {"hostname": f"srv{number:06}.example.org", "manufacturer": maker, "model": model}
    return row | {"serial_number": f"{rng.getrandbits(40):010X}", "cpus": rng.choice((32, 48, 64))}


def _workload(_: Layers, rng: Random, number: int) -> Row:
    return {"kind": "Deployment", "image": f"registry.example.org/{number % 997}:{rng.randrange(90)}"}


def _site(_: Layers, __: Random, number: int) -> Row:
    return {"name": f"{CITIES[number % len(CITIES)]} {number // len(CITIES) + 1}"}


def _certificate(_: Layers, rng: Random, __: int) -> Row:
    return {"expires_at": f"2027-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}T12:00:00Z"}


def _needing(needs: int | str) -> Describe:
    return lambda _, __, ___: {"needs": needs}


_DESCRIBED: dict[str, Describe] = {
    "service": _service,
    "app": _app,
    "work": _workload,
    "db": _database,
    "vm": _machine,
    "srv": _server,
    "site": _site,
    "cert": _certificate,
    "app-pool": _needing("50%"),
    "db-pool": _needing(1),
    "host-pool": _needing("75%"),
    "switch-pair": _needing(1),
    "gateway-pair": _needing(1),
    "core-pair": _needing(1),
    "power-pair": _needing(1),
    "lb-pair": _needing(1),
}
