import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.keys import LONGEST, key_from, numbered, wrong_with

GOOD = ["srv-114", "x", "Deployment:shop:cart", "a@b", "ключ", "🛒", "x'})--", "x" * LONGEST, "a..b", "..."]
BAD = {
    "": "it is empty",
    "-rf": "it starts with “-”",
    "@417": "it starts with “@”",
    "a b": "it holds a blank",
    "a\u00a0b": "it holds a blank",
    "a\nb": "it holds a blank",
    "a\0b": "it holds a control character",
    "a\ud800b": "it holds a control character",
    "a\u200bb": "it holds an invisible character",
    "a\u202eb": "it holds an invisible character",
    "a\ufeff": "it holds an invisible character",
    ".": "“.” names a folder in an address",
    "..": "“..” names a folder in an address",
    "a/b": "it holds “/”",
    "a+b": "it holds “+”",
    "x" * 201: "it has 201 characters; 200 is the most",
}


@pytest.mark.parametrize("key", GOOD)
def test_a_key_may_be_nearly_anything(key: str) -> None:
    """Any script, emoji and most punctuation can stand in a key."""
    assert wrong_with(key) is None


@pytest.mark.parametrize("key", BAD)
def test_a_wrong_key_says_why(key: str) -> None:
    """What would break a URL, a command line or a view is named."""
    assert wrong_with(key) == BAD[key]


@given(st.text(max_size=2 * LONGEST))
def test_every_name_gives_a_key(name: str) -> None:
    """Whatever a source calls its things, the key made of it is allowed and stays as it is."""
    key = key_from(name)
    assert wrong_with(key) is None
    assert key_from(key) == key


def test_a_key_is_near_its_name() -> None:
    """Only what is forbidden changes."""
    assert [
        key_from(name) for name in ("web/shop 1", "--x", "", "@/", "Ünïcode", "a\u200bb", "@.", "..")
    ] == [
        "web-shop-1",
        "x",
        "unnamed",
        "unnamed",
        "Ünïcode",
        "a-b",
        "unnamed",
        "unnamed",
    ]


@given(st.text(min_size=1, max_size=LONGEST).map(key_from))
def test_numbered_keys_are_keys(key: str) -> None:
    """A number behind a key never makes it too long, and each number is another key."""
    keys = [one for one, _ in zip(numbered(key), range(12), strict=False)]
    assert all(wrong_with(one) is None for one in keys)
    assert len(set(keys)) == 12
