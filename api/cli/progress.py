"""How far something has come, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cmdb.stores.base import Progress, in_silence


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a bar on standard error for each thing that is being done, and take them away at the end.

    Nothing is shown where standard error is no terminal.

    Examples
    --------
    >>> with progress_bar() as progress:
    ...     progress("items", 5, 10)
    """
    if not sys.stderr.isatty():
        yield in_silence
        return
    from rich.console import Console  # noqa: PLC0415  only those who see bars wait for them to load
    from rich.progress import Progress as Bars  # noqa: PLC0415
    from rich.progress import TaskID  # noqa: PLC0415

    tasks: dict[str, TaskID] = {}
    with Bars(console=Console(stderr=True), transient=True) as bars:

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=total)

        yield show
