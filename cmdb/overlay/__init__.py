"""Overlays: the graph as it will be once some plans have come true.

Plans are laid over a graph all at once, so their order does not matter. A step is applied where the graph is
as it was when the step was planned, and done already where the graph is as the step wants it; anything else
is a conflict, between a plan and the graph or between two plans.
"""

from cmdb.overlay.draft import NOT_YET, Elsewhere, Known
from cmdb.overlay.overlaid import Overlaid, conflict, overlay

__all__ = ["NOT_YET", "Elsewhere", "Known", "Overlaid", "conflict", "overlay"]
