"""Random faults in what a file holds: a value lost, exchanged, repeated or put where it does not belong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from random import Random
from typing import Any

from loaders.content import Content
from loaders.safe import Element

MOST_RECORDS = 60
"""Of long lists only so many entries are kept, so that many mutants can be tried."""

STRANGE: Sequence[Any] = (
    None, True, False, 0, -1, 7, 2**63, 10**30, 0.1, -1e300, float("inf"), "", " ", "null", "None", "?",
    "x", "0", "a/b?c#d", "%2e%2e", "..", "line\nbreak", "tab\tbed", "nul\0", "é", "e\u0301", "a\u200bb",
    "\u202egnp", "p\u0430yments", "-rf", "@all", "=1+1", "${X:-y}", "{{ .Values.x }}", "x:y:z",
    "http://[::1", "10.0.0.0/8", "2024-02-30", "1e999", "9" * 40, "y" * 10_000, [], {}, [None], [[]],
    [{}], {"": None}, {"id": {"id": 1}}, ["a", 1, None], {"name": ["x"]}, [[[[[[]]]]]],
)  # fmt: skip


def mutated(content: Content, rng: Random) -> Content:
    """The content with one to four faults."""
    documents, root = list(content.documents), content.root
    for _ in range(rng.randint(1, 4)):
        documents = _faulty_documents(documents, rng) if documents else documents
        root = None if root is None else _faulty_element(root, rng)
    return replace(content, documents=documents, root=root)


def thinned(content: Content, rng: Random) -> Content:
    """The content with no more than some entries of each long list."""
    documents = [_thin(one, rng) for one in _some(list(content.documents), rng)]
    root = None if content.root is None else _thin_element(content.root, rng)
    return replace(content, documents=documents, root=root)


def _some(values: list[Any], rng: Random) -> list[Any]:
    if len(values) <= MOST_RECORDS:
        return values
    return [values[place] for place in sorted(rng.sample(range(len(values)), MOST_RECORDS))]


def _thin(value: Any, rng: Random) -> Any:  # noqa: ANN401 - a document holds anything
    if isinstance(value, list):
        return [_thin(one, rng) for one in _some(value, rng)]
    if isinstance(value, dict):
        thin = copy(value)
        for key, one in value.items():
            thin[key] = _thin(one, rng)
        return thin
    return value


def _thin_element(element: Element, rng: Random) -> Element:
    thin = copy(element)
    thin.children = [_thin_element(child, rng) for child in _some(element.children, rng)]
    return thin


def _faulty_documents(documents: list[Any], rng: Random) -> list[Any]:
    """The documents with a fault in one of them, or one less, or one more; never an empty one."""
    if rng.random() < 0.1:
        found: list[Any] = rng.choice((_lose, _exchange, _repeat))(documents, rng)
    else:
        found, place = [*documents], rng.randrange(len(documents))
        found[place] = _faulty(documents[place], rng)
    return [one for one in found if one is not None]


def _faulty(value: Any, rng: Random) -> Any:  # noqa: ANN401 - a document holds anything
    """The value with one fault somewhere in it; what lies beside the way there is shared."""
    inner = isinstance(value, list | dict) and value
    if not inner or rng.random() < 0.15:
        return rng.choice(_FAULTS)(value, rng) if inner else rng.choice(STRANGE)
    faulty = copy(value)
    place = rng.randrange(len(value)) if isinstance(value, list) else rng.choice(list(value))
    faulty[place] = _faulty(value[place], rng)
    return faulty


def _lose(value: Any, rng: Random) -> Any:  # noqa: ANN401
    less = copy(value)
    del less[rng.randrange(len(less)) if isinstance(less, list) else rng.choice(list(less))]
    return less


def _exchange(value: Any, rng: Random) -> Any:  # noqa: ANN401
    """Two entries change places, or one gets the value of the other."""
    mixed = copy(value)
    places = list(range(len(mixed))) if isinstance(mixed, list) else list(mixed)
    one, other = rng.choice(places), rng.choice(places)
    mixed[one] = value[other]
    if rng.random() < 0.5:
        mixed[other] = value[one]
    return mixed


def _repeat(value: Any, rng: Random) -> Any:  # noqa: ANN401
    """An entry stands there again: as it is, or a little different."""
    more = copy(value)
    if isinstance(more, list):
        one = rng.choice(more)
        more.insert(rng.randrange(len(more) + 1), one if rng.random() < 0.5 else _faulty(one, rng))
    else:
        more[str(rng.choice(STRANGE))[:300]] = rng.choice(list(value.values()))
    return more


def _wrap(value: Any, rng: Random) -> Any:  # noqa: ANN401
    """It stands one level deeper, or one of its parts a level higher."""
    parts = value if isinstance(value, list) else list(value.values())
    return rng.choice([[value], {"items": value}, rng.choice(parts)])


def _other(_: Any, rng: Random) -> Any:  # noqa: ANN401
    return rng.choice(STRANGE)


_FAULTS: Sequence[Callable[[Any, Random], Any]] = (_lose, _exchange, _repeat, _wrap, _other)


def _faulty_element(element: Element, rng: Random) -> Element:
    faulty = copy(element)
    if element.children and rng.random() < 0.8:
        place = rng.randrange(len(element.children))
        faulty.children = [*element.children]
        faulty.children[place] = _faulty_element(element.children[place], rng)
        return faulty
    word = str(rng.choice(STRANGE))
    names = list(element.attributes) or ["id"]
    match rng.randrange(6):
        case 0:
            faulty.attributes = {**element.attributes, rng.choice(names): word}
        case 1:
            faulty.attributes = _lose(element.attributes, rng) if element.attributes else {}
        case 2:
            faulty.pieces = [word]
        case 3:
            faulty.tag = rng.choice(["", "x", "node", "host", word])
        case 4 if element.children:
            one = rng.choice(element.children)
            faulty.children = [*element.children, rng.choice((one, _faulty_element(one, rng)))]
        case _:
            faulty.children = rng.choice([[], [element], element.children[1:]])
    return faulty
