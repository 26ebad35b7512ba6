"""Hours that come again every week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cmdb.values import normalise
from cmdb.weekly import Weekly

BERLIN = ZoneInfo("Europe/Berlin")


def opened(text: str, start: datetime, end: datetime) -> list[str]:
    """When such hours are open between two instants, on the clocks of Berlin."""
    return [
        f"{one.starts.astimezone(UTC):%d %H:%M} {one.ends.astimezone(UTC):%d %H:%M}"
        for one in Weekly.read(text).openings(start, end, BERLIN)
    ]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Tue, Sun 01:00-05:00", "Tue, Sun 01:00-05:00"),
        ("sun,tue  01:00 – 05:00", "Tue, Sun 01:00-05:00"),
        ("Mon-Fri 22:00-24:00", "Mon, Tue, Wed, Thu, Fri 22:00-00:00"),
        ("Sat - Mon, Mon 08:30-08:30", "Mon, Sat, Sun 08:30-08:30"),
    ],
)
def test_hours_have_one_normal_form(text: str, normal: str) -> None:
    """However they are written."""
    assert normalise("weekly", text) == normal
    assert normalise("weekly", normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tue",
        "01:00-05:00",
        "Tue 1:00-5:00",
        "Day 01:00-05:00",
        "Tue 01:00-24:30",
        "Mon-Wed-Fri 01:00-02:00",
        "Tue, 01:00-02:00",
    ],
)
def test_what_is_no_hours_is_refused(text: str) -> None:
    """With an example."""
    with pytest.raises(ValueError, match="write them like Tue, Sun 01:00-05:00"):
        normalise("weekly", text)


def test_a_night_that_goes_over_midnight() -> None:
    """It belongs to the day on which it begins."""
    friday = datetime(2026, 10, 16, 23, tzinfo=UTC)
    assert opened("Fri 22:00-06:00", friday, friday + timedelta(hours=1)) == ["16 20:00 17 04:00"]
    assert opened("Sat 22:00-06:00", friday, friday + timedelta(hours=1)) == []


def test_a_whole_day() -> None:
    """From one time to the same of the next day."""
    noon = datetime(2026, 10, 17, 12, tzinfo=UTC)
    assert opened("Sat 08:00-08:00", noon, noon + timedelta(hours=1)) == ["17 06:00 18 06:00"]


def test_clocks_that_are_put_back() -> None:
    """The night of the last Sunday in October is an hour longer."""
    saturday = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert opened("Sat 22:00-06:00", saturday, saturday + timedelta(days=1)) == ["24 20:00 25 05:00"]


def test_of_more_than_a_week_the_first_is_told() -> None:
    """The others are the same."""
    monday = datetime(2026, 11, 2, tzinfo=UTC)
    assert opened("Wed 10:00-11:00", monday, monday + timedelta(days=300)) == ["04 09:00 04 10:00"]


@pytest.mark.parametrize("year", [1, 9999])
def test_beyond_the_calendar_nothing_is_open(year: int) -> None:
    """Nor does it fail there."""
    edge = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 20, tzinfo=UTC)
    assert opened("Mon-Sun 00:00-24:00", edge, edge + timedelta(hours=1)) == []


def test_the_ends_do_not_count() -> None:
    """What ends as the hours begin is not within them."""
    noon = datetime(2026, 10, 17, 12, tzinfo=UTC)
    assert opened("Sat 14:00-15:00", noon - timedelta(hours=1), noon) == []
    assert opened("Sat 13:00-14:00", noon, noon + timedelta(hours=1)) == []
