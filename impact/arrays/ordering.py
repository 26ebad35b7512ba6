"""The order of texts by number, kept up as texts come and change."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from impact.arrays.marks import marked
from impact.arrays.ranges import Numbers
from impact.arrays.texts import Texts

FEW = 20_000
"""So many new texts are put in one by one; more are sorted anew with all the others."""


@dataclass(frozen=True)
class Ordering:
    """Numbers in order of their texts, which is that of their bytes as well.

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
        read, wanted = texts.reader(), text.encode(errors="surrogatepass")
        at = bisect_left(self.numbers.data, wanted, key=read)
        found = int(self.numbers[at]) if at < len(self.numbers) else None
        return found if found is not None and read(found) == wanted else None

    def replaced(self, changed: Numbers, texts: Texts) -> Ordering:
        """The same after some numbers, new ones among them, got the texts that they have now."""
        if len(changed) == 0:
            return self
        if len(changed) > min(FEW, len(texts) // 4):
            every = texts.all()
            return Ordering(np.array(sorted(range(len(every)), key=every.__getitem__), np.int32))
        kept, moved, read = self.numbers, changed[changed < len(self.numbers)], texts.reader()
        if len(moved):
            kept = kept[~marked(moved, len(kept))[kept]]
        own = sorted((read(place), place) for place in changed.tolist())
        at = [bisect_left(kept.data, text, key=read) for text, _ in own]
        return Ordering(np.insert(kept, at, [place for _, place in own]).astype(np.int32, copy=False))
