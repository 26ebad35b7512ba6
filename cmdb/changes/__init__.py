"""Changes: the record of a change to configuration items, and the rules that every door keeps.

A change is an item of the class `change`. What it touches are relations `affects` with an action, a step and
an effect each; what it means to alter in the graph is its plan. What is read from files and sent over HTTP is
put into that form here, and read back from it as a `Change`.
"""

from cmdb.changes.record import AFFECTS, CLASS, Affected, Change, NotDoing, Procedure, Window, Work, change_of

__all__ = ["AFFECTS", "CLASS", "Affected", "Change", "NotDoing", "Procedure", "Window", "Work", "change_of"]
