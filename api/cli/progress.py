"""How far something has come, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cmdb.stores.base import Progress


A_MOMENT = 1.0
"""After how many seconds somebody wonders whether anything is happening."""


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Progress]:
    """Show a bar on standard error for each thing that is being done, and take them away at the end.

    Nothing is shown where standard error is no terminal.

    Parameters
    ----------
    quiet
        Whether nothing is to be shown anyway.

    Examples
    --------
    >>> with progress_bar() as progress:
    ...     progress("items", 5, 10)
    """
    if quiet or not sys.stderr.isatty():
        from cmdb.stores.base import in_silence

        yield in_silence
        return
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    tasks: dict[str, TaskID] = {}
    with Bars(console=Console(stderr=True), transient=True) as bars:

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=total)

        yield show


@contextmanager
def patience(*, quiet: bool = False) -> Iterator[None]:
    """Say on standard error, if it takes longer than a moment, that it is being worked on, and for how long.

    For what cannot tell how far it has come; where standard error is no terminal, nothing is shown.
    """
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    waiting = Progress(*columns, console=Console(stderr=True), transient=True)
    waiting.add_task("Reading and working it out")
    timer = Timer(A_MOMENT, waiting.start)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        waiting.stop()
