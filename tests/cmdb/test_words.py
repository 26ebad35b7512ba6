import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cmdb.contradictions import agreed
from cmdb.spelling import did_you_mean
from cmdb.vocabulary_files import load_vocabulary
from cmdb.words import listed, natural

BUILT = load_vocabulary()


def test_places_are_sorted_as_people_count() -> None:
    """Numbers count by their worth, also very long ones and in whatever text."""
    places = ["f line 2, items[2]", "f line 2, items[10]", "f line 9", "f line 12", "f line " + "9" * 9_000]
    assert sorted(random.Random(7).sample(places, len(places)), key=natural) == places


@given(st.lists(st.text()))
def test_any_texts_can_be_sorted(texts: list[str]) -> None:
    """The order never fails, whatever the texts hold."""
    assert Counter(sorted(texts, key=natural)) == Counter(texts)


def test_names_read_as_a_sentence() -> None:
    """One, two, several and many names are put as a person would put them."""
    assert [listed(names, 3) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"], list("abcde"))] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and 2 more",
    ]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 2))))
def test_what_all_agree_on_has_no_order(each: list[dict[str, int]]) -> None:
    """The same descriptions in another order agree on the same."""
    assert agreed(each) == agreed(each[::-1])


def test_only_close_names_are_hinted() -> None:
    """A slip of the fingers is understood; another word is not."""
    assert did_you_mean("eats", BUILT.relations) == ""
    assert did_you_mean("depend_on", BUILT.relations) == " Did you mean depends_on?"
    assert did_you_mean("servr", BUILT.classes) == " Did you mean server?"
    assert did_you_mean("teir", BUILT.fields) == " Did you mean tier?"
