import json as stdlib
import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import CmdbError, TooLarge, Unreadable
from loaders.safe import documents, limits
from loaders.safe.place import Placed
from loaders.source import MAX_BYTES, Source


def yaml(text: str, *text_keys: str) -> list[Any]:
    """Read YAML documents."""
    return documents(Source("shop.yaml", text.encode()), frozenset(text_keys))


def json(text: str) -> Any:  # noqa: ANN401 - JSON holds anything
    """Read a JSON document."""
    return documents(Source("shop.json", text.encode()))[0]


def refusal(name: str, data: bytes) -> str:
    """Return the one message with which a file is refused."""
    with pytest.raises(CmdbError) as caught:
        documents(Source(name, data))
    return str(caught.value)


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("NO", "NO"),
        ("y", "y"),
        ("on", "on"),
        ("12:30:45", "12:30:45"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        ("9223372036854775808", 2**63),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("+.INF", math.inf),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("Null", None),
        ("", None),
        ("'null'", "null"),
        ('"10"', "10"),
        ("! 10", "10"),
        ("!!str 10", "10"),
        ("!!int '10'", 10),
        ("!!seq [1]", [1]),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(plain: str, value: object) -> None:
    """A plain scalar has its value in the core schema of YAML 1.2, and its type."""
    found = yaml(f"a: {plain}")[0]["a"]
    assert (found, type(found)) == (value, type(value))


def test_nan_is_a_number() -> None:
    """The word for not-a-number is read as such."""
    assert math.isnan(yaml("a: .NaN")[0]["a"])


def test_text_fields_keep_their_source_text() -> None:
    """Under a text key a version, a padded number and a no stay as written; nothing stays nothing."""
    text = (
        "{version: 1.10, name: 010, owner: no, port: 010, alias: ~, labels: [1.0, yes, ~, {a: 1.0}, [1.0]]}"
    )
    assert yaml(text, "version", "name", "owner", "alias", "labels") == [
        {
            "version": "1.10",
            "name": "010",
            "owner": "no",
            "port": 10,
            "alias": None,
            "labels": ["1.0", "yes", None, {"a": 1.0}, [1.0]],
        }
    ]


def test_an_alias_means_what_its_own_key_says() -> None:
    """A repeated scalar is text under a text key and a number elsewhere."""
    assert yaml("port: &x 1.10\nversion: *x", "version") == [{"port": 1.1, "version": "1.10"}]


def test_keys_are_text() -> None:
    """Whatever stands before a colon is a text."""
    assert yaml("{1: a, true: b, ~: c, 1.10: d}") == [{"1": "a", "true": "b", "~": "c", "1.10": "d"}]


def test_empty_documents_are_skipped() -> None:
    """Documents with nothing but comments, or nothing at all, do not count."""
    assert yaml("# licence\n---\n# nothing\n---\na: 1\n---\n---\n- 2\n...\n") == [{"a": 1}, [2]]


@pytest.mark.parametrize("text", ["", " \n\t\n", "# only a comment\n", "---\n---\n"])
def test_an_empty_file_has_no_documents(text: str) -> None:
    """A file without content is empty, not an error."""
    assert yaml(text) == []


def test_mappings_know_their_line() -> None:
    """Each mapping remembers where it starts, across documents."""
    first, second = yaml("# one\na: {b: 1}\n---\n- c: 1\n- d: 1\n")
    assert [first.line, first["a"].line, second[0].line, second[1].line] == [2, 2, 4, 5]


def test_merge_keys_and_aliases_work() -> None:
    """Own entries win over merged ones, earlier merged ones over later."""
    text = """
    x: &x {a: 1, b: 1}
    y: &y {b: 2, c: 2, e: 2}
    z: {<<: [*x, *y], c: 3, d: *x}
    w: {c: 4, <<: *y}
    q: {'<<': 1}
    """
    found = yaml(text)[0]
    assert found["z"] == {"a": 1, "b": 1, "c": 3, "e": 2, "d": {"a": 1, "b": 1}}
    assert found["w"] == {"c": 4, "b": 2, "e": 2}
    assert found["q"] == {"<<": 1}


def test_anchors_end_with_their_document() -> None:
    """An alias cannot reach into an earlier document."""
    assert "shop.yaml line 3, column 4: there is no anchor “&x” above" in refusal(
        "shop.yaml", b"a: &x 1\n---\nb: *x\n"
    )


BOMB = "\n".join(
    ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40))]
)
LADDER = "\n".join(["- &a0 []", *(f"- &a{i} [*a{i - 1}]" for i in range(1, 200))])
TEXT_BOMB = f"- &a {'x' * 100_000}\n" + "- *a\n" * 2_000
MERGE_BOMB = f"x: &x {{{', '.join(f'k{i}: 1' for i in range(2_000))}}}\ny:\n" + "- {<<: *x}\n" * 2_000


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1", "the key “a” stands here a second time"),
        ("a: {b: 1,\n 'b': 2}\n", "line 2, column 2", "the key “b” stands here a second time"),
        (
            "x: &x {a: 1}\ny: {<<: *x, <<: *x}\n",
            "line 2, column 13",
            "the key “<<” stands here a second time",
        ),
        ("a: 1\nb: !Ref x\n", "line 2, column 4", "the tag “!Ref” has no meaning here"),
        ("a: !Sub {b: 1}\n", "line 1, column 4", "the tag “!Sub” has no meaning here"),
        (
            "!!python/object/apply:os.system [ls]",
            "line 1, column 1",
            "the tag “!!python/object/apply:os.system”",
        ),
        ("a: !!python/name:os.system ''", "line 1, column 4", "the tag “!!python/name:os.system”"),
        ("a: !!binary aGk=", "line 1, column 4", "the tag “!!binary”"),
        ("a: !!set {b}", "line 1, column 4", "the tag “!!set”"),
        ("!x a: 1", "line 1, column 1", "the tag “!x”"),
        ("%TAG ! tag:x,2000:\n---\na: 1", "line 1", "%TAG directives are not read"),
        ("a: &a [*a]", "line 1, column 8", "“*a” stands inside what it repeats"),
        ("&a {b: {c: *a}}", "line 1, column 12", "“*a” stands inside what it repeats"),
        ("a: *b", "line 1, column 4", "there is no anchor “&b” above"),
        ("a: {<<: 1}", "line 1, column 4", "“<<” here brings something other than mappings"),
        ("a: {<<: [1]}", "line 1, column 4", "“<<” here brings something other than mappings"),
        ("? [a]\n: 1", "line 1, column 3", "a list or a mapping is used as a key"),
        ("{{a: 1}: 1}", "line 1, column 2", "a list or a mapping is used as a key"),
        ("- &a [1]\n- {*a : 1}", "line 2, column 4", "a list or a mapping is used as a key"),
        ("[" * 100_000, "line 1, column 101", "lists and mappings are nested more than 100 deep"),
        ('{"a":' * 100_000, "line 1, column 501", "lists and mappings are nested more than 100 deep"),
        ("- " * 100_000, "line 1, column 201", "lists and mappings are nested more than 100 deep"),
        (
            "".join(f"{' ' * i}a:\n" for i in range(3_000)),
            "line 101, column 101",
            "lists and mappings are nested more than 100 deep",
        ),
        (LADDER, "line 100, column 9", "lists and mappings are nested more than 100 deep"),
        ("a: [1, 2}", "line 1, column 9", "this is not YAML"),
        ("a: b: c", "line 1, column 5", "this is not YAML"),
        ("a: 1\n\tb: 2", "line 2, column 1", "this is not YAML"),
        ('a: "\\ud800"', "line 1, column 7", "this is not YAML"),
        ("a: 1\nb: \x01", "line 2", "this is not YAML: control characters are not allowed"),
        ("é: 1\nb: \x00", "line 2", "this is not YAML: control characters are not allowed"),
        ("%YAML 3.0\n---\na", "line 1, column 1", "this is not YAML: found incompatible YAML document"),
        (f"a: {'9' * 5_000}", "line 1, column 4", "the number has 5,000 digits"),
        (f"a: 0x{'f' * 5_000}", "line 1, column 4", "the number has 5,002 digits"),
    ],
)
def test_bad_yaml_is_refused_with_its_place(text: str, place: str, problem: str) -> None:
    """One message names file, line and what is wrong."""
    assert refusal("shop.yaml", text.encode()).startswith(f"shop.yaml {place}: {problem}")


@pytest.mark.parametrize("text", [BOMB, TEXT_BOMB, MERGE_BOMB], ids=["lists", "texts", "merges"])
def test_alias_bombs_are_refused(text: str) -> None:
    """A short file that repeats itself into a huge one is too large."""
    with pytest.raises(TooLarge, match=r"shop\.yaml holds more than 1,000,000 values"):
        yaml(text)


def test_a_json_file_of_too_many_values_is_refused() -> None:
    """There is an end to what one file may hold."""
    with pytest.raises(TooLarge, match=r"shop\.json holds more than 2,000,000 values"):
        json("[" + "1," * (limits.MAX_JSON_VALUES + 1) + "1]")


@pytest.mark.parametrize("name", ["shop.yaml", "shop.json"])
def test_depth_up_to_the_limit_is_read(name: str) -> None:
    """A hundred levels are fine, one more is refused."""
    deep = b"[" * limits.MAX_DEPTH + b"]" * limits.MAX_DEPTH
    assert documents(Source(name, deep))
    assert "nested more than 100 deep" in refusal(name, b"[" + deep + b"]")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process its own peak of memory")
def test_refusing_bombs_takes_little_memory() -> None:
    """The worst files need less than 256 MB more than an ordinary one."""
    program = """
from pathlib import Path
from cmdb.errors import CmdbError
from loaders.safe import documents
from loaders.source import Source

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024

documents(Source("a.yaml", b"a: 1"))
before = peak()
for name, data in [
    ("a.yaml", b"[" * 10**7),
    ("a.yaml", b"[" + b"{}," * 10**7 + b"]"),
    ("a.json", b"[" * 10**7),
    ("a.json", b"[" + b"{}," * 10**7 + b"{}]"),
]:
    try:
        documents(Source(name, data))
    except CmdbError:
        continue
    raise SystemExit(f"{data[:8]} was read")
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 256


def test_json_is_read_as_it_says() -> None:
    """Numbers, texts and nothing keep their type; long whole numbers keep every digit."""
    text = (
        '{"a": [1, 1.0, "1", true, null], "b": {"c": 123456789012345678901234567890}, "d": "\\ud83d\\ude00"}'
    )
    assert json(text) == {
        "a": [1, 1.0, "1", True, None],
        "b": {"c": 123456789012345678901234567890},
        "d": "😀",
    }
    assert json("null") is None


KEYS = st.sampled_from(["a", "b:", ":", "\\u003a", "\\u003A\\u003a", "\\\\u003a"])
VALUES = st.sampled_from(
    ["1", '":"', '"\\u003a"', '"a\\":1"', "[[]]", "1e30", "-1.5", "9" * 19, "9" * 20, "-" + "9" * 19]
)


def _object(pairs: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f'"{key}" : {value}' for key, value in pairs) + "}"


@given(
    st.lists(st.tuples(KEYS, VALUES | st.lists(st.tuples(KEYS, VALUES), max_size=3).map(_object)), max_size=4)
)
def test_nothing_in_json_gets_lost(pairs: list[tuple[str, str]]) -> None:
    """Whatever a file holds is read to the last digit, or refused where it names a key twice."""
    twice: list[str] = []

    def noted(found: list[tuple[str, Any]]) -> dict[str, Any]:
        twice.extend(key for key, _ in found if [one for one, _ in found].count(key) > 1)
        return dict(found)

    exact = stdlib.loads(_object(pairs), object_pairs_hook=noted)
    if twice:
        assert "stands here a second time" in refusal("shop.json", _object(pairs).encode())
    else:
        assert repr(json(_object(pairs))) == repr(exact)


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ('{"a": 1,\n "a": 2}', "line 2, column 2", "the key “a” stands here a second time"),
        (
            '[{"a": {"a": "\\"a\\":"}, "b": 1,\n\n"\\u0062": 2}]',
            "line 3, column 1",
            "the key “b” stands here",
        ),
        ('{"a": NaN}', "line 1, column 7", "this is not JSON"),
        ("[1,\n -Infinity]", "line 2, column 3", "this is not JSON"),
        ("[1e999]", "line 1, column 2", "this is not JSON"),
        (f"[{'9' * 5_000}]", "line 1, column 2", "this is not JSON"),
        ('["\\ud800"]', "line 1, column 3", "this is not JSON"),
        ('["\\udc00x"]', "line 1, column 3", "this is not JSON"),
        ("[1, 2,]", "line 1, column 6", "this is not JSON"),
        ("[1] x", "line 1, column 5", "this is not JSON"),
        ('{"a": 1}\n{"a": 2}', "line 2, column 1", "this is not JSON"),
        ('{"a": 1', "line 1, column 8", "this is not JSON"),
        ("<html>", "line 1, column 1", "this is not JSON"),
        ("[" * 100_000, "line 1, column 101", "lists and mappings are nested more than 100 deep"),
        ('{"[":' * 100_000, "line 1, column 501", "lists and mappings are nested more than 100 deep"),
        (
            '{"[":' * 200 + "1" + "}" * 200,
            "line 1, column 501",
            "lists and mappings are nested more than 100 deep",
        ),
    ],
)
def test_bad_json_is_refused_with_its_place(text: str, place: str, problem: str) -> None:
    """One message names file, line and column and what is wrong."""
    message = refusal("shop.json", text.encode())
    assert message.startswith("shop.json line")
    assert problem in message
    assert place in message


def test_a_name_without_a_suffix_is_read_by_its_content() -> None:
    """A leading bracket means JSON, else it is YAML."""
    assert documents(Source("upload", b' {"a": "1"}')) == [{"a": "1"}]
    assert isinstance(documents(Source("upload", b"a: 1"))[0], Placed)
    assert documents(Source("upload.yml", b"{a: 1}")) == [{"a": 1}]


@pytest.mark.parametrize(
    "data",
    [
        "é: 1".encode(),
        b"\xef\xbb\xbf" + "é: 1".encode(),
        "é: 1".encode("utf-16"),
        b"\xfe\xff" + "é: 1".encode("utf-16-be"),
    ],
    ids=["UTF-8", "UTF-8 with mark", "UTF-16 LE", "UTF-16 BE"],
)
def test_encodings_with_a_mark_are_read(data: bytes) -> None:
    """Files from Windows tools open as well as those from others."""
    assert documents(Source("shop.yaml", data)) == [{"é": 1}]
    assert documents(Source("shop.json", b"\xef\xbb\xbf[]")) == [[]]


@pytest.mark.parametrize("lines", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(lines: str) -> None:
    """Mixed and old line ends make no difference."""
    assert yaml(f"a: 1{lines}b: 2\n") == [{"a": 1, "b": 2}]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"name: Z\xfcrich", "shop.yaml is not UTF-8 text: byte 7 "),
        (b"\xef\xbb\xbfname: Z\xfcrich", "shop.yaml is not UTF-8 text: byte 10 "),
        (b"\x89PNG\r\n\x1a\n\x00", "shop.yaml is not UTF-8 text: byte 0 "),
        (b"\xff\xfea\x00b", "shop.yaml is not UTF-16 text: byte 4 "),
    ],
)
def test_other_encodings_are_refused_with_a_cure(data: bytes, said: str) -> None:
    """The message names the file and the byte, and says how to save it."""
    message = refusal("shop.yaml", data)
    assert message.startswith(said)
    assert "Save the file as UTF-8" in message


def test_a_source_has_a_largest_size() -> None:
    """No file above the limit gets as far as a parser."""
    assert len(Source("shop.yaml", bytes(MAX_BYTES)).data) == MAX_BYTES
    with pytest.raises(TooLarge, match=r"shop\.yaml is larger than 64 MiB"):
        Source("shop.yaml", bytes(MAX_BYTES + 1))


def test_refusals_are_of_the_input() -> None:
    """What cannot be parsed is unreadable, so that the front doors answer alike."""
    for text in ("a: [", "!!python/none", "{a: 1, a: 2}"):
        with pytest.raises(Unreadable):
            yaml(text)
