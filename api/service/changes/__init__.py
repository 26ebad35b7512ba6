"""Changes: registered, altered, moved on from stage to stage, and looked at."""

from api.service.changes.listing import Filter
from api.service.changes.use_cases import Changes
from api.service.changes.wanted import EditChange, Move, NewChange

__all__ = ["Changes", "EditChange", "Filter", "Move", "NewChange"]
