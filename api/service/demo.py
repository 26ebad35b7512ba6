"""The demo: an estate of its own, and one question of each group of users."""

from __future__ import annotations

from pathlib import Path

from api.service.build import Service
from api.service.imports import Import
from cmdb.model import Actor
from impact.documents.brief import Document
from loaders.source import Source

ESTATE = Path(__file__).parent.parent / "demo" / "estate.yaml"


def fill(service: Service) -> Document:
    """Import the demo estate."""
    source = Source(ESTATE.name, ESTATE.read_bytes())
    return service.imports.apply(Import(files=(source,), actor=Actor("demo")))


def board(service: Service) -> Document:
    """Answer the change advisory board: what follows if the work on power feed F2 goes wrong, and why."""
    causes = {"power-f2": "out"}
    return {
        "impact": service.impact.impact(causes),
        "explain": service.impact.explain(causes, "checkout"),
    }


def manager(service: Service) -> Document:
    """Answer a project manager: what threatens what the deliverable Payment pages rests on."""
    shown = service.items.show("payment-pages")
    needed = [one["target"] for one in shown["relations"] if one["type"] == "requires"]
    return {"spof": service.impact.spof(needed)}


def responder(service: Service) -> Document:
    """Answer an incident responder: what Payments needs, and whether rule FW-118 explains its outage."""
    causes = {"fw-118": "out"}
    return {
        "depends": service.impact.depends("payments"),
        "explain": service.impact.explain(causes, "payments"),
        "impact": service.impact.impact(causes),
    }
