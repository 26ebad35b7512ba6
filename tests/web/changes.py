"""A change on the demo estate, with something to say in every part of its page."""

from typing import Any

from api.service import Service
from api.service.changes import Move, NewChange
from cmdb.model import Actor

ADA = Actor("ada")

TIDY_UP: dict[str, Any] = {
    "title": "Tidy up firewall rules, payments segment",
    "reason": "Rules that nobody needs make audits long.",
    "risk_of_not_doing": {"text": "audit finding 31 is overdue", "deadline": "2027-01-31"},
    "affects": [
        {"key": "fw-118", "action": "configure"},
        {"key": "db-pay-1", "action": "restart", "step": 2, "minutes": 5},
        {"unregistered": "old <b>box</b>", "action": "retire", "step": 3},
    ],
    "operations": [{"retire": "db-pay-1"}, {"item": {"key": "db-pay-9", "class": "database"}}],
    "window": {"start": "2027-01-05T02:00", "end": "2027-01-05T03:00", "zone": "Europe/Berlin"},
    "plans": {
        "implementation": {"text": "Take the rules out, one by one.", "minutes": 20},
        "test": {"text": "Pay with a card.", "minutes": 10},
        "backout": {"text": "Put the rules back.", "minutes": 25, "tested": True},
    },
    "implementer": "team-payments",
}


def register(service: Service, said: dict[str, Any] = TIDY_UP, *, assessed: bool = True) -> str:
    """Register a change, assess it, and tell its key."""
    key: str = service.changes.new(NewChange(said, ADA))["key"]
    if assessed:
        service.changes.assess(key, Move(ADA))
    return key
