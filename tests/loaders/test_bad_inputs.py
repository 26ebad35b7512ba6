import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from api.service import Service, open_service
from api.service.imports import Import
from api.settings import Settings
from cmdb.errors import CmdbError
from cmdb.keys import wrong_with
from cmdb.model import Actor
from cmdb.reconcile import Known, Rules, plan
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from cmdb.vocabulary_files import load_vocabulary
from loaders import tables
from loaders.content import Content, understood
from loaders.detect import LOADERS
from loaders.safe import Element
from loaders.secrets import without_secrets
from loaders.source import Source
from tests.api.conftest import noon
from tests.cmdb.estates import TIME, Clock, bring
from tests.loaders.bad_files import bad_files
from tests.loaders.mutations import thinned
from tests.loaders.real_files import FORMATS, real_files, said

RECORDS = [one for one in FORMATS if one != tables.FORMAT]
"""Formats whose records can be changed without writing their files anew."""

SIXTEENTHS = range(16)
LARGEST = 600_000
"""Larger files are tried less often."""

SMALL = 10_000
"""Bad files up to this size are tried as every format, which makes no difference to the parsers."""


@pytest.fixture
def service() -> Iterator[Service]:
    """Return the use cases on an empty store in memory."""
    with open_service(Settings(None), noon) as service:
        yield service


def answered(service: Service, source: Source, format: str | None = None) -> bool:
    """Plan an import; tell whether there is a plan, and check what is said where there is none."""
    try:
        document = service.imports.plan(Import((source,), Actor("ada"), format))
    except CmdbError as error:
        said = [error.detail, *(fault.pointer for fault in error.faults)]
        assert any(source.name in one for one in said), said[:3]
        assert not any("Traceback" in one for one in said)
        document = None
    assert service.workspace.store.head().revision == 0
    json.dumps(document).encode()
    return document is not None


@pytest.mark.parametrize("name", sorted(bad_files()))
def test_bad_files_are_refused_by_name(name: str, service: Service) -> None:
    """Each is refused with one message that names it; nothing is stored, whatever format is asked for."""
    source = Source(name, bad_files()[name])
    assert not answered(service, source)
    for asked in FORMATS if len(source.data) < SMALL else ():
        answered(service, source, asked)


@pytest.mark.parametrize("format", FORMATS)
def test_files_that_end_anywhere(format: str, real_data: Path, service: Service) -> None:
    """A file that breaks off is read as far as it goes, or refused by its name."""
    for source in real_files(format, real_data):
        for sixteenth in SIXTEENTHS if len(source.data) < LARGEST else (1, 15):
            cut = len(source.data) * sixteenth // 16
            answered(service, replace(source, data=source.data[:cut]))
            answered(service, replace(source, data=source.data[:cut]), format)


REWRITINGS: dict[str, Callable[[bytes], bytes]] = {
    "UTF-8 with a mark": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16 BE with a mark": lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
    "UTF-16 without a mark": lambda data: data.decode().encode("utf-16-le"),
    "UTF-32": lambda data: data.decode().encode("utf-32"),
    "cp1252": lambda data: data.replace(b"e", "é".encode("cp1252"), 3),
    "NUL": lambda data: data[: len(data) // 2] + b"\0" + data[len(data) // 2 :],
    "NUL first": lambda data: b"\0" + data,
    "Windows line ends": lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "old line ends": lambda data: data.replace(b"\n", b"\r"),
    "mixed line ends": lambda data: data.replace(b"\n", b"\r\n", 20).replace(b"\n", b"\r", 5),
    "twice": lambda data: data + b"\n" + data,
    "junk behind": lambda data: data + b"\n}{<junk> , ;",
    "junk before": lambda data: b")]}'\n" + data,
    "invisible": lambda data: "\u200b".encode() + data,
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("how", REWRITINGS)
def test_files_in_other_bytes(format: str, how: str, real_data: Path, service: Service) -> None:
    """Whatever a mail program, an editor or a copy does to a file: it is read, or refused by its name."""
    source = min(real_files(format, real_data), key=lambda one: len(one.data))
    answered(service, replace(source, data=REWRITINGS[how](source.data)))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("how", ["UTF-8 with a mark", "Windows line ends"])
def test_files_from_windows_mean_the_same(
    format: str, how: str, real_data: Path, vocabulary: Vocabulary
) -> None:
    """A mark or other line ends alter nothing of what is imported."""
    source = min(real_files(format, real_data), key=lambda one: len(one.data))
    other = replace(source, data=REWRITINGS[how](source.data))
    text_keys = _text_keys(vocabulary)
    same, plain = (said(format, understood(one, text_keys), vocabulary) for one in (other, source))
    assert same == plain
    assert same.items


NAMES = {
    "right to left": "\u202egnp",
    "zero width": "a\u200bb\ufeff",
    "look-alike": "p\u0430yments",
    "accent apart": "cafe\u0301",
    "long": "x" * 10_000,
    "path": "../../etc/passwd",
    "address": "a/b?c#d%2e%2e&e=f",
    "lines": "one\ntwo\r\nthree",
    "control": "a\x1b[31mb\x07",
    "NUL": "a\x00b",
    "nothing": "",
    "blank": " \u00a0\t",
    "null": "null",
    "dots": "..",
    "option": "-rf",
    "formula": "=HYPERLINK(1)",
    "query": "x'}) DETACH DELETE n //",
    "page": "</script><img src=x onerror=alert(1)>",
    "colons": ":::",
    "number": "0",
}


@pytest.mark.parametrize("format", RECORDS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("numbered", ["", "{}"], ids=["one for all", "each its own"])
def test_names_nobody_would_choose(
    format: str, name: str, numbered: str, real_data: Path, vocabulary: Vocabulary
) -> None:
    """Ids and names of any letters, or all alike, are imported under keys that people can type, or listed."""
    content = _content(format, real_data)
    items = said(format, content, vocabulary).items[:40]
    named = {old for one in items for old in (one.source_id, one.name) if old}
    odd = NAMES[name]
    renamed = {old: odd + numbered.format(number) for number, old in enumerate(sorted(named))}
    _check_import(format, _renamed(content, renamed), vocabulary)


@pytest.mark.parametrize("format", RECORDS)
def test_everything_stands_there_twice(format: str, real_data: Path, vocabulary: Vocabulary) -> None:
    """A record that is repeated counts once; with other values it is listed, not guessed."""
    content = _content(format, real_data)
    _check_import(format, _doubled(content, lambda text: text), vocabulary)
    _check_import(format, _doubled(content, lambda text: f"{text}x" if len(text) > 12 else text), vocabulary)
    _check_import(format, _doubled(content, lambda text: text.swapcase()), vocabulary)


@pytest.mark.parametrize("format", RECORDS)
@pytest.mark.parametrize("value", [None, 0, "", "None", "?", 2**63, [], {}], ids=repr)
def test_one_value_everywhere(format: str, value: object, real_data: Path, vocabulary: Vocabulary) -> None:
    """Where every text of every record is the same meaningless value, nothing breaks."""
    content = _content(format, real_data)
    word = value if isinstance(value, str) else str(value)
    root = content.root and _element(content.root, lambda _: word)
    documents = [_values(one, lambda _: value) for one in content.documents]
    _check_import(format, replace(content, documents=documents, root=root), vocabulary)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process its own peak of memory")
def test_refusing_bad_files_takes_little_memory() -> None:
    """The worst of them need at most 256 MiB more than an ordinary one."""
    program = """
from pathlib import Path
from cmdb.errors import CmdbError
from cmdb.vocabulary_files import load_vocabulary
from loaders.detect import read
from loaders.source import Source
from tests.loaders.bad_files import bad_files

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024

files, vocabulary = bad_files(), load_vocabulary()
read(Source("a.yaml", b"items: [{key: a, class: server}]"), vocabulary)
Path("/proc/self/clear_refs").write_text("5")
before = peak()
for name, data in files.items():
    try:
        read(Source(name, data), vocabulary)
    except CmdbError:
        continue
    raise SystemExit(f"{name} was read")
print(peak() - before)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    assert int(done.stdout) <= 256


@cache
def _content(format: str, folder: Path) -> Content:
    """The smallest real file that has at least one item, understood and without most of its records."""
    vocabulary = load_vocabulary()
    for source in sorted(real_files(format, folder), key=lambda one: len(one.data)):
        content = understood(source, _text_keys(vocabulary))
        if said(format, content, vocabulary).items:
            return thinned(content, Random(format))
    raise AssertionError(f"no real file of {format} has an item")


def _text_keys(vocabulary: Vocabulary) -> frozenset[str]:
    return vocabulary.text_fields.union(*(one.TEXT_KEYS for one in LOADERS))


def _check_import(format: str, content: Content, vocabulary: Vocabulary) -> None:
    """Import content twice: all keys can be typed, and the second time changes nothing; or it is refused."""
    store = SqliteStore(None, Clock())
    try:
        seen = without_secrets(said(format, content, vocabulary))
        bring(store, vocabulary, seen)
        assert not [one.key for one in store.read().items.values() if wrong_with(one.key)]
        again = plan([seen], Known(store.read(), store.identities(), vocabulary), Rules(TIME))
        assert not again.operations
    except CmdbError:
        assert store.head().revision == 0
    finally:
        store.close()


def _renamed(content: Content, names: dict[str, str]) -> Content:
    def new(text: str) -> str:
        return names.get(text, text)

    root = content.root and _element(content.root, new)
    return replace(content, documents=[_walked(one, new) for one in content.documents], root=root)


def _walked(value: Any, new: Callable[[str], Any]) -> Any:  # noqa: ANN401 - a document holds anything
    """The value with other texts, keys too."""
    if isinstance(value, str):
        return new(value)
    if isinstance(value, list):
        return [_walked(one, new) for one in value]
    if not isinstance(value, dict):
        return value
    other = copy(value)
    other.clear()
    for key, one in value.items():
        other[str(new(key))] = _walked(one, new)
    return other


def _element(element: Element, new: Callable[[str], str]) -> Element:
    other = copy(element)
    other.attributes = {name: new(value) for name, value in element.attributes.items()}
    other.pieces = [new(element.text)]
    other.children = [_element(child, new) for child in element.children]
    return other


def _doubled(content: Content, new: Callable[[str], str]) -> Content:
    """The content with each record a second time, its values a little different."""
    root = content.root and copy(content.root)
    if root is not None:
        root.children = [one for child in root.children for one in (child, _element(child, new))]
    documents = [one for document in content.documents for one in _twice(document, new)]
    return replace(content, documents=documents, root=root)


def _twice(document: Any, new: Callable[[str], str]) -> list[Any]:  # noqa: ANN401
    """The records of a document, each with its double; a document without any is a record itself."""
    if isinstance(document, list):
        return [_with_doubles(document, new)]
    lists = {key: one for key, one in document.items() if isinstance(one, list)} if document else {}
    if not lists:
        return [document, _values(document, new)]
    other = copy(document)
    for key, one in lists.items():
        other[key] = _with_doubles(one, new)
    return [other]


def _with_doubles(records: list[Any], new: Callable[[str], str]) -> list[Any]:
    return [one for record in records for one in (record, _values(record, new))]


def _values(value: Any, new: Callable[[str], Any]) -> Any:  # noqa: ANN401
    """The value with other texts, keys left as they are."""
    if isinstance(value, list):
        return [_values(one, new) for one in value]
    if not isinstance(value, dict):
        return new(value) if isinstance(value, str) else value
    other = copy(value)
    for key, one in value.items():
        other[key] = _values(one, new)
    return other
