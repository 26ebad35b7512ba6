"""Reconciliation: from what sources saw to the operations that make the graph say so.

It finds the item each observation is about (by identity, in the native file by key, else by the rules of
`identification.toml`), checks every value against the vocabulary, decides by `precedence.toml` whose word
counts, compares, and plans. Nothing is written here; the plan is data.
"""

from cmdb.reconcile.draft import Kept, Known, Rules, Unresolved
from cmdb.reconcile.plan import Plan, plan

__all__ = ["Kept", "Known", "Plan", "Rules", "Unresolved", "plan"]
