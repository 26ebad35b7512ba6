"""A small estate with a project that plans a new database, and how tests plan more."""

from __future__ import annotations

from typing import Any

from api.service import Service
from api.service.editing import Edit
from api.service.imports import Import
from cmdb.model import Actor
from loaders.source import Source

ADA = Actor("ada")
TODAY = """
items:
  - {key: shop, class: application_service, name: Shop, tier: 1}
  - {key: db, class: database}
  - {key: apollo, class: project, name: Apollo}
  - {key: pages, class: deliverable, name: Pages}
  - {key: CHG-7, class: change, name: New rack}
relations:
  - {source: shop, type: depends_on, target: db}
  - {source: apollo, type: delivers, target: pages}
"""
PLAN = """
items:
  - {key: db-new, class: database, status: in_build}
  - {key: shop, class: application_service, name: Shop, tier: 2}
relations:
  - {source: shop, type: depends_on, target: db-new}
"""
VIEW = "live+project:apollo"


def bring(service: Service, text: str, into: str | None = "project:apollo", **how: Any) -> dict[str, Any]:  # noqa: ANN401
    """Import the text of a native file into a plan."""
    return service.imports.apply(Import((Source("plan.yaml", text.encode()),), ADA, into=into, **how))


def edit(service: Service, key: str, into: str | None = None, /, **values: object) -> dict[str, Any]:
    """Edit an item."""
    return service.editing.edit(Edit(key, values, ADA, into=into))


def keys(rows: list[dict[str, Any]]) -> list[str]:
    """Return the keys of some rows."""
    return [row["key"] for row in rows]
