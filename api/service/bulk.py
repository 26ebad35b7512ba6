"""Work on very many objects at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def in_bulk() -> Iterator[None]:
    """Meanwhile, look for no objects that refer to each other in a circle; all others are freed as ever.

    Reading and planning an import makes millions of objects and no such circles; looking for some among them
    again and again took a tenth to a quarter of the whole import's time. A driver of a server does make some,
    so this is not for writing.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
