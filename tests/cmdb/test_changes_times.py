"""When a change is planned: instants, local times in a zone, and hours that clocks show never or twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cmdb.changes.times import deadline_in, local, offset_in, time_in, zone_of
from cmdb.values import instant, moment

BERLIN = "Europe/Berlin"
FIRST, LAST = (datetime.fromisoformat(day) for day in ("1980-01-01", "2100-01-01"))


@pytest.mark.parametrize(
    ("text", "zone", "found"),
    [
        ("2026-12-01T22:00", BERLIN, "2026-12-01T21:00:00Z"),
        ("2026-07-01T22:00", BERLIN, "2026-07-01T20:00:00Z"),
        ("2026-12-01T22:00:30", "UTC", "2026-12-01T22:00:30Z"),
        ("2026-12-01T22:00", "-05:30", "2026-12-02T03:30:00Z"),
        ("2026-12-01T22:00+01:00", None, "2026-12-01T21:00:00Z"),
        ("2026-12-01T22:00Z", BERLIN, "2026-12-01T22:00:00Z"),
        ("2026-12-01 22:00", BERLIN, "2026-12-01T21:00:00Z"),
        ("2026-03-29T03:00", BERLIN, "2026-03-29T01:00:00Z"),
        ("2026-10-25T02:30+02:00", BERLIN, "2026-10-25T00:30:00Z"),
        ("2026-10-25T02:30+01:00", BERLIN, "2026-10-25T01:30:00Z"),
    ],
)
def test_a_time_is_one_instant(text: str, zone: str | None, found: str) -> None:
    """With an offset it says so itself, else the clocks of the zone do."""
    assert time_in(text, zone) == found


@pytest.mark.parametrize(
    ("text", "zone", "why"),
    [
        ("2026-03-29T02:30", BERLIN, r"does not exist in Europe/Berlin.*\+01:00 or \+02:00"),
        ("2026-10-25T02:30", BERLIN, r"comes twice in Europe/Berlin.*\+02:00 or \+01:00"),
        ("2026-12-01T22:00", None, "has no time zone"),
        ("2026-12-01", BERLIN, "a day without a time"),
        ("20261201", BERLIN, "a day without a time"),
        ("next Tuesday", BERLIN, "is not a time"),
        ("2026-02-29T10:00", BERLIN, "is not a time"),
        ("0001-01-01T00:00", "+14:00", "is not a time"),
        ("9999-12-31T23:59-10:00", None, "is not a time"),
        ("2026-12-01T22:00", "Europe/Berln", "is not a time zone.*Did you mean Europe/Berlin?"),
        ("2026-12-01T22:00", "Europe", "is not a time zone"),
        ("2026-12-01T22:00", "../etc/passwd", "is not a time zone"),
        ("2026-12-01T22:00", "", "is not a time zone"),
        ("2026-12-01T22:00", "+25:00", "is not an offset"),
    ],
)
def test_no_time_is_guessed(text: str, zone: str | None, why: str) -> None:
    """What is not one instant is refused, with what would be."""
    with pytest.raises(ValueError, match=why):
        time_in(text, zone)


def test_a_deadline_may_be_a_day() -> None:
    """Then all of that day is left, in the zone."""
    assert deadline_in("2026-12-31", BERLIN) == "2026-12-31T22:59:00Z"
    assert deadline_in("2026-12-31", None) == "2026-12-31T23:59:00Z"
    assert deadline_in("2026-12-31T09:00+01:00", None) == "2026-12-31T08:00:00Z"


@given(st.datetimes(FIRST, LAST).map(lambda one: one.replace(microsecond=0)))
@example(datetime.fromisoformat("2026-03-29T02:00"))
@example(datetime.fromisoformat("2026-10-25T02:59:59"))
def test_what_a_clock_shows_is_read_back(naive: datetime) -> None:
    """A time that is read is the one that the zone's clocks show then; one that is refused, none or two."""
    try:
        found = moment(time_in(naive.isoformat(), BERLIN))
    except ValueError:
        shown = [local(naive.replace(tzinfo=UTC) - timedelta(hours=hours), BERLIN) for hours in (1, 2)]
        assert sum(one.replace(tzinfo=None) == naive for one in shown) != 1
    else:
        assert local(found, BERLIN).replace(tzinfo=None) == naive


def test_an_offset_is_a_zone_too() -> None:
    """Who writes an offset speaks of times with it."""
    assert offset_in("2026-12-01T22:00-03:30") == "-03:30"
    assert offset_in("soon") is None
    assert zone_of("-03:30").utcoffset(None) == timedelta(hours=-3, minutes=-30)
    assert local(moment("9999-12-31T23:00:00Z"), "+14:00").year == 9999
    assert instant(local(moment("2026-12-01T00:00:00Z"), "Mars/Olympus")) == "2026-12-01T00:00:00Z"
