"""Judging: what the verdict on a field changes, and whose words did not count."""

from __future__ import annotations

from cmdb.contradictions import overruled
from cmdb.reconcile.draft import Draft, Kept, Rules
from cmdb.reconcile.precedence import Claim, Verdict


def changes_anything(rules: Rules, name: str, now: Claim | None, verdict: Verdict) -> bool:
    """Whether a field is to be other than it is: its value, or who answers for it.

    A higher source that says the same as a lower one answers for it from then on, so that a third between
    them does not change it.
    """
    if verdict.value != (now.value if now else None):
        return True
    if now is None or verdict.source is None or rules.planned:
        return False
    return rules.precedence.takes_over(name, now.source, verdict.source)


def note_lost(
    draft: Draft, about: str | tuple[str, str, str], called: str, name: str, verdict: Verdict
) -> None:
    """List the words on a field that do not count.

    Parameters
    ----------
    about
        The item's key; of a relation, see `Kept`.
    called
        How a warning calls it.
    """
    draft.warnings += [overruled(called, one.source, name) for one in verdict.overruled]
    by = str(verdict.source)
    draft.kept += [
        Kept(about, name, verdict.value, by, one.value, one.source, one.where) for one in verdict.outranked
    ]
