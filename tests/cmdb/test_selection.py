"""Selections as values: what is read, how it is written, and what is refused."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import WrongUsage
from cmdb.keys import wrong_with
from cmdb.selection import (
    DEEPEST,
    FIELDS,
    LONGEST,
    Both,
    Condition,
    Either,
    Named,
    Others,
    Selection,
    Walk,
    keys_in,
    meant,
    parse_selection,
)
from cmdb.vocabulary_files import load_vocabulary

VOCABULARY = load_vocabulary()
A, B, C = Named("a"), Named("b"), Named("c")


def parse(text: str) -> Selection:
    """Read a selection in the built-in vocabulary."""
    return parse_selection(text, VOCABULARY)


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("checkout", Named("checkout"), "checkout"),
        ("  checkout ", Named("checkout"), "checkout"),
        ("deployment:default:redis-cart", Named("deployment:default:redis-cart"), None),
        ("'class:x'", Named("class:x"), None),
        ("classes:x", Named("classes:x"), None),
        ("'or'", Named("or"), None),
        ("order or android", Either((Named("order"), Named("android"))), None),
        ('"o\'neill"', Named("o'neill"), None),
        ("'o''neill'", Named("o'neill"), '"o\'neill"'),
        ("'a''b\"c'", Named("a'b\"c"), None),
        ("'a&b'", Named("a&b"), None),
        ("class:database", Condition("class", ("database",)), None),
        ("class:database,server", Condition("class", ("database", "server")), None),
        ("class: database , server", Condition("class", ("database", "server")), "class:database,server"),
        ("class:*_service", Condition("class", ("*_service",)), None),
        ("family:services", Condition("family", ("services",)), None),
        ("tier:1,none", Condition("tier", ("1", None)), None),
        ("owner:none,'none'", Condition("owner", (None, "none")), None),
        ("key:none", Condition("key", ("none",)), None),
        ("key:class:x", Condition("key", ("class:x",)), None),
        ("name:'or',\"and\"", Condition("name", ("or", "and")), "name:'or','and'"),
        ("env:prod", Condition("environment", ("prod",)), "environment:prod"),
        ("name:'Card *'", Condition("name", ("Card *",)), None),
        ("upstream a", Walk("upstream", A), None),
        ("upstream(a)", Walk("upstream", A), "upstream a"),
        ("downstream a within 02", Walk("downstream", A, 2), "downstream a within 2"),
        ("upstream+a+within+2", Walk("upstream", A, 2), "upstream a within 2"),
        ("upstream(a or b) within 0", Walk("upstream", Either((A, B)), 0), "upstream (a or b) within 0"),
        ("upstream (downstream a)", Walk("upstream", Walk("downstream", A)), None),
        ("upstream a and b", Both((Walk("upstream", A), B)), None),
        ("not a", Others(A), None),
        ("not upstream a", Others(Walk("upstream", A)), None),
        ("not (not a)", Others(Others(A)), None),
        ("not a and b", Both((Others(A), B)), None),
        ("a and b or c", Either((Both((A, B)), C)), None),
        ("a or b and c", Either((A, Both((B, C)))), None),
        ("(a or b) and c", Both((Either((A, B)), C)), None),
        ("((a)) or (b or (c))", Either((A, B, C)), "a or b or c"),
        ("a\tand\nnot(b)", Both((A, Others(B))), "a and not b"),
    ],
)
def test_selections_are_read_and_written(text: str, value: Selection, written: str | None) -> None:
    """Each text has one value, and each value one text, which reads back."""
    assert parse(text) == value
    assert str(value) == (text if written is None else written)
    assert parse(str(value)) == value


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("class:databse", 7, r"no class “databse”\. Did you mean database\?"),
        ("a or class:server,databse", 19, "no class “databse”"),
        ("class:x*", 7, r"no class “x\*”"),
        ("family:service", 8, r"no family “service”\. Did you mean services\?"),
        ("status:maintainance", 8, r"no status “maintainance”\. Did you mean maintenance\?"),
        ("status:none", 8, "no status “none”"),
        ("tier:5", 6, r"no tier “5”\. It is one of: 1, 2, 3, 4\."),
        ("a b", 3, "“b” does not fit there. Join selections with “and” or “or”"),
        ("name:Card gateway", 11, "what holds a blank goes in quotes"),
        ("a & b", 3, "Write “and”"),
        ("a|b", 2, "Write “or”"),
        ("upstream(a, 2)", 11, "upstream a within 2"),
        ("upstream a within", 18, "a value is missing"),
        ("upstream a within far", 19, "“far” is no number of steps"),
        ("upstream a within (", 19, "takes a number of steps"),
        ("upstream a within 1000000", 19, "no number of steps"),
        ("a within 2", 3, "Join selections"),
        ("a and", 6, "a key, a condition or a parenthesis is missing"),
        ("a and or", 7, "A key, a condition or a parenthesis was due"),
        ("not not a", 5, "A key, a condition or a parenthesis was due"),
        ("()", 2, "A key, a condition or a parenthesis was due"),
        ("(a", 3, "a parenthesis is not closed"),
        ("a)", 2, "There is no parenthesis to close"),
        ("class:", 7, "a value is missing"),
        ("name:and", 6, "A value was due"),
        ("tier:1,", 8, "a value is missing"),
        ("name:'Card", 6, "A quote is closed by the same quote"),
        ("o'neill", 2, "A quote is closed by the same quote"),
        ("(" * 30, DEEPEST + 1, "more than 20 parentheses are open at once"),
        ("a and " * 1000 + "&", 6001, "Write “and”"),
    ],
)
def test_what_is_no_selection_is_wrong_usage(text: str, column: int, what: str) -> None:
    """The message says where, what, and what to do, and repeats only the part in question."""
    with pytest.raises(WrongUsage, match=f"at column {column}: .*{what}") as caught:
        parse(text)
    assert len(caught.value.detail) < 300


@pytest.mark.parametrize("text", ["", " ", "+"])
def test_an_empty_selection_says_so(text: str) -> None:
    """Nothing is not everything."""
    with pytest.raises(WrongUsage, match="The selection is empty"):
        parse(text)


def test_limits() -> None:
    """Neither length nor depth brings the reader down; what is just within them is read and written."""
    assert parse("(" * DEEPEST + "a" + ")" * DEEPEST) == A
    deep = "a"
    for _ in range(DEEPEST - 1):
        deep = f"not upstream (b and ({deep} or c))" if deep == "a" else f"not upstream ({deep})"
    assert parse(str(parse(deep))) == parse(deep)
    assert parse("x" * LONGEST) == Named("x" * LONGEST)
    for text in ("x" * (LONGEST + 1), "(" * 100_000, "not " * 100_000):
        with pytest.raises(WrongUsage, match="characters; 10,000 is the most"):
            parse(text)


def test_the_keys_in_a_selection() -> None:
    """Every key it names, from left to right, and nothing of its conditions."""
    assert [*keys_in(parse("b or not (upstream(a) and key:x) or c"))] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("owned:team-shop", " Did you mean owner:team-shop?"),
        ("teir:1", " Did you mean tier:1?"),
        ("downstream:a", " Did you mean downstream a?"),
        ("web-*", " Did you mean key:web-*?"),
        ("deployment:default:cart", ""),
        ("web-1", ""),
    ],
)
def test_hints_for_keys_that_nothing_has(key: str, hint: str) -> None:
    """What may have been meant as a condition is told as one."""
    assert meant(key) == hint


@pytest.mark.parametrize(
    ("text", "value", "accepted"),
    [
        ("key:web-*", "web-1", True),
        ("key:web-*", "web-", True),
        ("key:web-*", "WEB-1", False),
        ("key:*-1", "web-1", True),
        ("key:web-1", "web-11", False),
        ("key:w?b[0-9]", "web1", False),
        ("key:w?b[0-9]", "w?b[0-9]", True),
        ("key:a.c", "abc", False),
        ("key:'a\nb*'", "a\nb\nc", True),
        ("name:'card G*'", "Card gateway", True),
        ("name:straße", "STRASSE", True),
        ("tier:1,none", "1", True),
        ("tier:1,none", None, True),
        ("tier:1", None, False),
        ("tier:none", "1", False),
        ("owner:*", None, False),
        ("owner:'none'", "none", True),
        ("owner:none", "none", False),
    ],
)
def test_what_a_condition_accepts(text: str, value: str | None, *, accepted: bool) -> None:
    """A star stands for any characters and nothing else does; only names ignore case."""
    condition = parse(text)
    assert isinstance(condition, Condition)
    assert condition.accepts(value) is accepted


def test_many_stars_cost_nothing() -> None:
    """A pattern is no way to keep the server busy."""
    condition = parse(f"key:{'a*' * 100}b")
    assert isinstance(condition, Condition)
    assert not condition.accepts("a" * 200)


# -- at random

_WORDS = st.sampled_from(
    ["a", "or", "not", "within", "none", "class:x", "o'n", 'q"', "a b", "", "&", "web-*", "2"]
)
_TEXTS = _WORDS | st.text(max_size=8)
_OPEN = [name for name in FIELDS if name in {"owner", "environment", "key", "name"}]
_LACKING = [name for name in FIELDS if FIELDS[name].can_lack]


def _conditions() -> st.SearchStrategy[Condition]:
    values = st.lists(_TEXTS, min_size=1, max_size=3).map(tuple)
    lacking = st.lists(st.none() | st.sampled_from(["1", "4"]), min_size=1, max_size=3).map(tuple)
    return st.builds(Condition, st.sampled_from(_OPEN), values) | st.builds(
        Condition, st.sampled_from(_LACKING), lacking
    )


def _wholes(parts: st.SearchStrategy[Selection]) -> st.SearchStrategy[Selection]:
    def several(kind: type[Both | Either]) -> st.SearchStrategy[Selection]:
        others = parts.filter(lambda one: not isinstance(one, kind))
        return st.lists(others, min_size=2, max_size=3).map(lambda found: kind(tuple(found)))

    directions = st.sampled_from(["upstream", "downstream"])
    walks = st.builds(Walk, directions, parts, st.none() | st.integers(0, 999_999))
    return several(Both) | several(Either) | walks | st.builds(Others, parts)


SELECTIONS = st.recursive(st.builds(Named, _TEXTS) | _conditions(), _wholes, max_leaves=8)


@given(SELECTIONS)
def test_every_selection_reads_back_from_its_text(selection: Selection) -> None:
    """Whatever keys and values hold, the text of a selection means that selection."""
    assert parse(str(selection)) == selection


@given(st.text(max_size=40) | st.text("ab(),:'\"*+ &|ndortwihusm12", max_size=40))
def test_a_text_is_a_selection_or_refused(text: str) -> None:
    """Whatever is typed, it is a selection that reads back, or wrong usage."""
    try:
        selection = parse(text)
    except WrongUsage:
        return
    assert parse(str(selection)) == selection


_KEYS = st.text(string.ascii_letters + string.digits + "_.:@-#%=~;<>[]{}!?$^", min_size=1, max_size=20)


@given(_KEYS.filter(lambda key: wrong_with(key) is None))
def test_nearly_every_key_needs_no_quotes(key: str) -> None:
    """A key is itself, unless it is a word of the language or looks like a condition."""
    if not re.match(rf"(?:{'|'.join([*FIELDS, 'env'])}):|(?:and|or|not|upstream|downstream|within)$", key):
        assert parse(key) == Named(key)
        assert str(Named(key)) == key
