"""Work in threads: one after the other, followed, stopped, and ended with the program."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Event

import pytest

from api.service.held import Job, Jobs
from api.service.held.jobs import Stopped, Work
from cmdb.stores.base import Progress

LONG = 60


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    """Yield jobs that end with the test."""
    jobs = Jobs()
    yield jobs
    jobs.close()


class Gate:
    """Work that tells that it has begun, and goes on when it is let."""

    def __init__(self) -> None:
        self.begun, self.go, self.ended = Event(), Event(), Event()

    def __call__(self, progress: Progress) -> None:
        """Do it."""
        progress("rows", 1, 4)
        self.begun.set()
        self.go.wait(LONG)
        progress("rows", 4, 4)
        self.ended.set()


def test_a_job_is_followed_until_it_ends(jobs: Jobs) -> None:
    """It is found while it goes on, and not afterwards."""
    work = Gate()
    job = jobs.start("a", work)
    assert work.begun.wait(LONG)
    assert jobs.find("a") is job
    assert (job.waiting, job.what, job.done, job.total) == (False, "rows", 1, 4)
    work.go.set()
    assert job.ended.wait(LONG)
    assert work.ended.is_set()
    assert jobs.find("a") is None


def test_what_is_under_way_is_not_begun_again(jobs: Jobs) -> None:
    """Somebody who clicks twice gets the same job."""
    work, never = Gate(), Gate()
    job = jobs.start("a", work)
    assert jobs.start("a", never) is job
    work.go.set()
    job.ended.wait(LONG)
    assert not never.begun.is_set()


def test_one_job_at_a_time(jobs: Jobs) -> None:
    """The next waits, and says so."""
    first, second = Gate(), Gate()
    jobs.start("a", first)
    first.begun.wait(LONG)
    other = jobs.start("b", second)
    assert other.waiting
    first.go.set()
    assert second.begun.wait(LONG)
    assert not other.waiting
    second.go.set()


def test_a_job_is_stopped_at_its_next_report(jobs: Jobs) -> None:
    """Nothing after that report is done; one that waits is not begun."""
    first, second = Gate(), Gate()
    job = jobs.start("a", first)
    other = jobs.start("b", second)
    first.begun.wait(LONG)
    for name in ("a", "b", "nobody"):
        jobs.stop(name)
    first.go.set()
    assert job.ended.wait(LONG)
    assert other.ended.wait(LONG)
    assert not first.ended.is_set()
    assert not second.begun.is_set()


def test_at_the_end_everything_is_stopped() -> None:
    """The program ends when all have noticed."""
    jobs, first, second = Jobs(), Gate(), Gate()
    job, other = jobs.start("a", first), jobs.start("b", second)
    first.begun.wait(LONG)
    first.go.set()
    jobs.close()
    assert job.ended.is_set()
    assert other.ended.is_set()
    assert not second.ended.is_set()


def test_one_that_does_not_notice_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The program ends all the same, and the log says so."""
    monkeypatch.setattr("api.service.held.jobs.END_SECONDS", 0)
    jobs, deaf = Jobs(), Gate()
    jobs.start("a", deaf)
    deaf.begun.wait(LONG)
    with caplog.at_level(logging.WARNING):
        jobs.close()
    assert "given up" in caplog.text
    deaf.go.set()


def test_the_rest_is_reckoned_from_what_is_done() -> None:
    """Each part from its own begin; nothing is said where nothing is known."""
    now = [0.0]

    def clock() -> float:
        return now[0]

    job = Job(clock)
    assert job.seconds_left is None
    now[0] = 10
    job.tell("items", 100, 400)
    assert job.seconds_left == 30
    job.tell("items", 400, 400)
    assert job.seconds_left is None
    now[0] = 12
    job.tell("relations", 100, 200)
    assert job.seconds_left == 2
    assert job.seconds == 12


def test_told_again_from_the_start() -> None:
    """As where a commit had to be tried again."""
    now = [0.0]
    job = Job(lambda: now[0])
    job.tell("items", 100, 400)
    now[0] = 50
    job.tell("items", 50, 400)
    now[0] = 51
    assert job.seconds_left == 7


def test_a_stopped_job_says_so_to_its_work() -> None:
    """By an error that nothing else raises."""
    job = Job()
    job.stop()
    with pytest.raises(Stopped):
        job.tell("items", 1, 2)


def test_a_job_that_dies_makes_way(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it died of is in the log, and the next one comes."""

    def dies(_progress: Progress) -> None:
        raise MemoryError

    work: Work = dies
    assert jobs.start("a", work).ended.wait(LONG)
    assert jobs.find("a") is None
    assert [one.exc_info[0] for one in caplog.records if one.exc_info] == [MemoryError]
    other = Gate()
    other.go.set()
    assert jobs.start("b", other).ended.wait(LONG)
    assert other.ended.is_set()
