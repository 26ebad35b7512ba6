"""The demo: an estate of its own, and one question of each group of users."""

from __future__ import annotations

from api.service.build import Service
from api.service.demo_history import lived_through
from impact.documents.brief import FORMAT, Document


def fill(service: Service) -> Document:
    """Put the demo estate into an empty store, with its history up to the service's own present.

    Returns
    -------
    Document
        How much there is now, without people and teams.

    Raises
    ------
    Conflict
        If the store is not empty.
    """
    with lived_through(service.workspace.now()) as backup:
        service.backups.restore(backup)
    graph, vocabulary = service.workspace.store.read(), service.workspace.vocabulary
    counted = [item for item in graph.items.values() if vocabulary.is_counted(item.class_name)]
    return {
        "format": FORMAT,
        "revision": graph.revision,
        "items": len(counted),
        "relations": len(graph.relations),
    }


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
