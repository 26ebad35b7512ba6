import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import WrongUsage
from cmdb.harm import COUNTED, TRANSFERS, State
from cmdb.values import Kind, Value, instant, moment, normalise, timestamp

GOOD: list[tuple[Kind, object, Value]] = [
    ("text", "NO", "NO"),
    ("text", 1.5, "1.5"),
    ("text", "a\nb\0c", "a\nb\0c"),
    ("integer", 2**63 - 1, 2**63 - 1),
    ("integer", -(2**63), -(2**63)),
    ("number", 3, 3.0),
    ("number", 0.1, 0.1),
    ("boolean", False, False),
    ("date", "2024-02-29", "2024-02-29"),
    ("instant", "2026-11-20T10:00:00+01:00", "2026-11-20T09:00:00Z"),
    ("instant", "2026-11-20T09:00:00.5Z", "2026-11-20T09:00:00.500000Z"),
    ("duration", "PT4H", "PT4H"),
    ("duration", "P1DT30M", "P1DT30M"),
    ("needs", 2, 2),
    ("needs", "50%", "50%"),
    ("texts", ["a", "b"], ["a", "b"]),
    ("integers", [1, 2], [1, 2]),
    ("numbers", [1, 2.5], [1.0, 2.5]),
    ("booleans", [True, False], [True, False]),
]

BAD: list[tuple[Kind, object, str]] = [
    ("text", True, "True is not text"),
    ("text", {"a": 1}, "is not text"),
    ("text", "half \ud83d", "half a character"),
    ("text", 10**5000, "too many digits"),
    ("integer", 2**63, "does not fit 64 bits"),
    ("integer", -(2**63) - 1, "does not fit 64 bits"),
    ("integer", True, "True is not a whole number"),
    ("integer", 1.0, "1.0 is not a whole number"),
    ("integer", "5", "the text “5” is not a whole number"),
    ("number", float("nan"), "not finite"),
    ("number", float("inf"), "not finite"),
    ("number", 10**5000, "too large"),
    ("number", "1,024", "the text “1,024” is not a number"),
    ("boolean", 0, "0 is neither true nor false"),
    ("boolean", "NO", "neither true nor false"),
    ("date", "29-02-2016", "write it like 2026-11-20"),
    ("date", "2023-02-29", "is not a date"),
    ("instant", "2026-11-20T10:00:00", "is not an instant"),
    ("instant", "0001-01-01T00:00:00+10:00", "is not an instant"),
    ("duration", "4 hours", "write it like PT30M"),
    ("duration", "P", "is not a duration"),
    ("duration", "PT\u0663M", "is not a duration"),
    ("needs", 0, "at least 1"),
    ("needs", "half", "neither a number of members nor a percentage"),
    ("needs", "\u0665\u0660%", "neither a number of members nor a percentage"),
    ("texts", "a", "is not a list"),
    ("texts", ["a", "\udc00"], "half a character"),
    ("integers", [1, "2"], "the text “2” is not a whole number"),
    ("integers", [10**5000], "does not fit"),
    ("integers", 10**5000, "a number with too many digits is not a list"),
]


@pytest.mark.parametrize(("kind", "given", "normal"), GOOD)
def test_a_value_takes_its_normal_form(kind: Kind, given: object, normal: Value) -> None:
    """What is allowed is kept, in one form that is the same on every store."""
    found = normalise(kind, given)
    assert (found, type(found)) == (normal, type(normal))


@pytest.mark.parametrize(("kind", "given", "reason"), BAD, ids=range(len(BAD)))
def test_a_wrong_value_is_refused_with_its_reason(kind: Kind, given: object, reason: str) -> None:
    """What is not allowed is refused in a sentence that says what is wrong and can be printed."""
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        normalise(kind, given)
    assert str(caught.value).encode()


def test_a_reason_with_half_a_character_can_be_printed() -> None:
    """An error about unprintable text is itself printable, and short."""
    with pytest.raises(ValueError, match="is not a date") as caught:
        normalise("date", "\ud800" + 500 * "x")
    assert len(str(caught.value).encode()) < 200


def test_minus_nothing_is_nothing() -> None:
    """Equal numbers are equal bytes: -0.0 becomes 0.0."""
    assert str(normalise("number", -0.0)) == "0.0"


@given(st.sampled_from([kind for kind, _, _ in GOOD]), st.from_type(object) | st.text() | st.integers())
def test_a_normal_form_is_final(kind: Kind, value: object) -> None:
    """Normalising twice is the same as once, and nothing but a clear refusal can happen."""
    try:
        normal = normalise(kind, value)
    except ValueError:
        return
    assert normalise(kind, normal) == normal


@given(st.datetimes(timezones=st.just(UTC)))
def test_instants_read_back(when: datetime) -> None:
    """An instant written down is the moment it was."""
    assert moment(instant(when)) == when == moment(timestamp(when))


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_timestamps_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    """Texts of commit times compare like the times, from year 1 to year 9999."""
    assert (timestamp(one) < timestamp(other)) == (one < other)


@pytest.mark.parametrize("state", State)
def test_a_state_reads_back_from_its_word(state: State) -> None:
    """Each state is read from the word it is written as."""
    assert State.parse(state.word) is state


@pytest.mark.parametrize("text", ["OUT", "broken", "", "at risk", "\u017fame"])
def test_an_unknown_state_lists_the_states(text: str) -> None:
    """A word that is no state is answered with those that are."""
    with pytest.raises(WrongUsage, match="The states are: out, degraded, at_risk, ok"):
        State.parse(text)


@pytest.mark.parametrize("name", TRANSFERS)
def test_harm_never_grows_on_its_way(name: str) -> None:
    """No transfer returns worse than it was given, and worse harm never does less."""
    table = TRANSFERS[name]
    assert all(table[state] <= state for state in State)
    assert list(table) == sorted(table)


def test_the_transfers_are_those_of_the_design() -> None:
    """Same, softened, fatal and none do what their names say; counted reaches groups only."""
    ok, risk, degraded, out = State
    assert {
        "same": (ok, risk, degraded, out),
        "softened": (ok, ok, risk, degraded),
        "fatal": (ok, ok, ok, out),
        "none": (ok, ok, ok, ok),
    } == TRANSFERS
    assert COUNTED not in TRANSFERS
