"""Jobs: work that takes longer than somebody waits, done one after the other in threads of this process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic

from cmdb.stores.base import Progress

log = logging.getLogger(__name__)

END_SECONDS = 10
"""How long the end of the program waits for a job to notice that it is stopped."""

Work = Callable[[Progress], None]
"""Something to do, which tells how far it is."""


class Stopped(Exception):
    """Somebody no longer wants a job's result."""


class Job:
    """Something that is being done, and how far it is.

    Attributes
    ----------
    waiting
        Whether it has not begun, because another is being done.
    what, done, total
        What was told last, how much of it is done, of how much; nothing at first.
    ended
        Set when it is over, whatever came of it.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.waiting = True
        self.what, self.done, self.total = "", 0, 0
        self._clock = clock
        self._begun = self._since = clock()
        self._is_stopped = False
        self.ended = Event()

    @property
    def seconds(self) -> int:
        """How long it has been under way."""
        return int(self._clock() - self._begun)

    @property
    def seconds_left(self) -> int | None:
        """How long what was told last will take yet, if its start says anything of the rest."""
        gone = self._clock() - self._since
        if not 0 < self.done < self.total or gone <= 0:
            return None
        return round(gone * (self.total - self.done) / self.done)

    def tell(self, what: str, done: int, total: int) -> None:
        """Take note of how far it is.

        Raises
        ------
        Stopped
            If nobody wants it any more.
        """
        if self._is_stopped:
            raise Stopped
        if done == total or (what == self.what and done < self.done):
            # The next part begins where this one ends, though it is told of only when some of it is done.
            self._since = self._clock()
        self.what, self.done, self.total = what, done, total

    def stop(self) -> None:
        """Let it end with its next report."""
        self._is_stopped = True

    def run(self, work: Work) -> None:
        """Do it."""
        self.waiting = False
        try:
            self.tell("", 0, 0)
            work(self.tell)
        except Stopped:
            log.info("a job was stopped")


class Jobs:
    """The jobs of this process, by name; any thread may ask for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._turn = Lock()
        self._jobs: dict[str, Job] = {}
        self._threads: dict[str, Thread] = {}

    def start(self, name: str, work: Work) -> Job:
        """Begin something, unless something of this name is under way: then that goes on."""
        with self._lock:
            if name in self._jobs:
                return self._jobs[name]
            job = self._jobs[name] = Job()
            # Ends with the program even if it is deep in a file: until its commit it has written nothing.
            self._threads[name] = Thread(target=self._run, args=(name, job, work), name="job", daemon=True)
            self._threads[name].start()
            return job

    def find(self, name: str) -> Job | None:
        """What is under way under this name."""
        with self._lock:
            return self._jobs.get(name)

    def stop(self, name: str) -> None:
        """Let what is under way under this name end soon, without a result."""
        job = self.find(name)
        if job:
            job.stop()

    def close(self) -> None:
        """Stop everything, and wait until it has noticed."""
        with self._lock:
            jobs, threads = list(self._jobs.values()), list(self._threads.values())
        for job in jobs:
            job.stop()
        until = monotonic() + END_SECONDS
        for thread in threads:
            thread.join(max(0, until - monotonic()))
            if thread.is_alive():
                log.warning("a job did not end within %s seconds and is given up", END_SECONDS)

    def _run(self, name: str, job: Job, work: Work) -> None:
        try:
            with self._turn:
                job.run(work)
        except Exception:
            log.exception("a job died")
        finally:
            with self._lock:
                del self._jobs[name], self._threads[name]
            job.ended.set()
