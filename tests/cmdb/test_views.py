import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import WrongUsage
from cmdb.views import LIVE, View, parse_instant, parse_view


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("live", LIVE),
        ("@0", View(revision=0)),
        ("@417", View(revision=417)),
        ("@2026-11-01T09:00:00Z", View(instant="2026-11-01T09:00:00Z")),
        ("@2026-11-01T09:00:00.250Z", View(instant="2026-11-01T09:00:00.250000Z")),
    ],
)
def test_views_are_read(text: str, view: View) -> None:
    """Now, a revision and an instant each name a state of the graph, and read back from what they print."""
    assert parse_view(text) == view
    assert parse_view(str(view)) == view


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Live",
        "417",
        "@",
        "@-1",
        "@٤١٧",
        "@1.5",
        "@9999999999999999999",
        "@2026-11-01T09:00:00",
        "@2026-11-01T09:00:00+01:00",
        "@2026-02-30T09:00:00Z",
        "@yesterday",
        "live ",
        "live+",
    ],
)
def test_what_is_no_view_is_wrong_usage(text: str) -> None:
    """A malformed view is answered with what a view looks like."""
    with pytest.raises(WrongUsage, match=r"A view is: live|Write it in UTC with Z"):
        parse_view(text)


@given(st.text(max_size=40) | st.from_regex(r"@\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fullmatch=True))
def test_a_view_is_read_or_refused(text: str) -> None:
    """Whatever is typed, it is a view that reads back, or wrong usage."""
    try:
        view = parse_view(text)
    except WrongUsage:
        return
    assert parse_view(str(view)) == view


def test_an_instant_needs_its_z() -> None:
    """Instants are asked for in UTC, so that nobody guesses a time zone."""
    assert parse_instant("2026-11-01T09:00:00Z") == "2026-11-01T09:00:00Z"
    with pytest.raises(WrongUsage, match="Write it in UTC with Z: 2026-11-01T09:00:00Z"):
        parse_instant("2026-11-01T09:00:00")
