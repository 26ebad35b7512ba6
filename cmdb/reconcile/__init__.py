"""Reconciliation: from what sources saw to the operations that make the graph say so.

It finds the item each observation is about (by identity; in the native file by key), checks every value
against the vocabulary, compares, and plans. Nothing is written here; the plan is data.
"""

from cmdb.reconcile.draft import Known, Rules
from cmdb.reconcile.plan import Plan, plan

__all__ = ["Known", "Plan", "Rules", "plan"]
