"""The order of texts by number, kept up as texts come and change."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from impact.arrays.ranges import Numbers
from impact.arrays.texts import Texts

FEW = 20_000
"""So many new texts are put in one by one; more are sorted anew with all the others."""


@dataclass(frozen=True)
class Ordering:
    """Numbers in order of their texts.

    Attributes
    ----------
    numbers
        Shape (texts,): the numbers in order.
    """

    numbers: Numbers

    @cached_property
    def rank(self) -> Numbers:
        """By number, its place in the order."""
        found = np.empty(len(self.numbers), np.int32)
        found[self.numbers] = np.arange(len(self.numbers), dtype=np.int32)
        return found

    def place(self, text: str, texts: Texts) -> int | None:
        """The number with a text."""
        at = self._at(text, texts)
        if at < len(self.numbers) and texts[int(self.numbers[at])] == text:
            return int(self.numbers[at])
        return None

    def replaced(self, changed: Numbers, texts: Texts) -> Ordering:
        """The same after some numbers, new ones among them, got the texts that they have now."""
        if len(changed) == 0:
            return self
        if len(changed) > min(FEW, len(texts) // 4):
            every = texts.all()
            return Ordering(np.array(sorted(range(len(every)), key=every.__getitem__), np.int32))
        kept = Ordering(self.numbers[~np.isin(self.numbers, changed)])
        own = sorted(zip(texts.some(changed), changed.tolist(), strict=True))
        at = [kept._at(text, texts) for text, _ in own]
        return Ordering(np.insert(kept.numbers, at, [place for _, place in own]).astype(np.int32))

    def _at(self, text: str, texts: Texts) -> int:
        return bisect_left(self.numbers, text, key=lambda place: texts[int(place)])
