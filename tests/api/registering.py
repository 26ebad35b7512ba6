"""A pool of databases, and how tests register changes to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.service import Service
from api.service.changes import EditChange, Move, NewChange
from tests.api.planning import ADA, bring

ESTATE = """
items:
  - {key: shop, class: application_service, name: Shop, tier: 1}
  - {key: pool, class: redundancy_group}
  - {key: db-a, class: database, name: Database A}
  - {key: db-b, class: database, name: Database B}
  - {key: old, class: server, status: retired}
  - {key: apollo, class: project, name: Apollo}
relations:
  - {source: shop, type: depends_on, target: pool}
  - {source: db-a, type: member_of, target: pool}
  - {source: db-b, type: member_of, target: pool}
"""
ROLLING: dict[str, Any] = {
    "title": "Patch the pool",
    "type": "normal",
    "reason": "A hole in version 16.3",
    "risk_of_not_doing": {"text": "It stays open", "deadline": "2026-12-31"},
    "affects": [
        {"key": "db-a", "action": "patch", "minutes": 15},
        {"key": "db-b", "action": "patch", "step": 2, "minutes": 15},
    ],
    "window": {"start": "2026-12-05T22:00", "end": "2026-12-06T01:00", "zone": "Europe/Berlin"},
    "plans": {"backout": {"text": "Restore", "tested": True, "minutes": 20}},
    "implementer": "bob",
}
"""A change that alters nothing in the graph."""

GROWING: dict[str, Any] = {
    "title": "A third member",
    "affects": [{"key": "pool", "action": "configure"}],
    "operations": [
        {"item": {"key": "db-a", "tier": 2}},
        {"item": {"key": "db-c", "class": "database", "name": "Database C"}},
        {"relation": {"source": "db-c", "type": "member_of", "target": "pool"}},
        {"unrelate": {"source": "db-b", "type": "member_of", "target": "pool"}},
        {"retire": "db-b"},
    ],
}
"""A change that alters the graph in every way there is."""

Said = Mapping[str, Any]


def fill(service: Service) -> None:
    """Bring the estate."""
    bring(service, ESTATE, into=None)


def register(service: Service, said: Said = ROLLING, id: str | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Register a change."""
    return service.changes.new(NewChange({**said, **more}, ADA, id))


def alter(service: Service, key: str, edition: str | None = None, **said: Any) -> dict[str, Any]:  # noqa: ANN401
    """Alter a change."""
    return service.changes.edit(EditChange(key, said, ADA, edition))


def submit(service: Service, key: str) -> dict[str, Any]:
    """Submit a change."""
    return service.changes.submit(key, Move(ADA))


def cancel(service: Service, key: str) -> dict[str, Any]:
    """Cancel a change."""
    return service.changes.cancel(key, Move(ADA))


def stages(service: Service, key: str) -> list[tuple[str, str]]:
    """Return by whom a change came to which stage."""
    return [(one["stage"], one["author"]) for one in service.changes.show(key)["history"]]
