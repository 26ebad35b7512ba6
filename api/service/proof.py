"""Proving: is history as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from api.service.workspace import Workspace
from cmdb.errors import WrongUsage
from cmdb.stores.base import Progress, in_silence
from cmdb.verify import verify
from impact.documents.brief import FORMAT, Document
from impact.wording import capital, count


@dataclass(frozen=True)
class Proof:
    """The use case of proving that history is intact."""

    workspace: Workspace

    def verify(self, noted: str | None = None, progress: Progress = in_silence) -> Document:
        """Prove the whole history.

        Parameters
        ----------
        noted
            The hash of a commit, noted elsewhere when it was the newest; it has to be found again.

        Raises
        ------
        WrongUsage
            If it is no hash.
        """
        if noted is not None and not re.fullmatch("[0-9a-f]+", noted):
            raise WrongUsage("The hash of a commit is made of digits and the letters a to f.")
        found = verify(self.workspace.store, noted, progress)
        revisions = capital(count(found.revisions, "revision"))
        wrong = count(len(found.faults), "thing is", "things are")
        verdict = f"{wrong} not as written" if found.faults else "all as written"
        return {
            "format": FORMAT,
            "intact": not found.faults,
            "detail": f"{revisions}, {verdict}.",
            "revisions": found.revisions,
            "hash": found.hash,
            "faults": [{"where": one.pointer, "reason": one.detail} for one in found.faults],
        }
