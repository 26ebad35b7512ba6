import os
from pathlib import Path
from random import Random

import pytest

from cmdb.errors import CmdbError
from cmdb.keys import wrong_with
from cmdb.reconcile import Known, Rules, plan
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders.content import Content, understood
from loaders.detect import LOADERS
from loaders.secrets import without_secrets
from loaders.source import Source
from tests.cmdb.estates import TIME, Clock, bring
from tests.loaders.mutations import mutated, thinned
from tests.loaders.real_files import FORMATS, REAL, real_files, said

pytestmark = pytest.mark.slow

MUTANTS = 10_000 if os.environ.get("CMDB_SOAK") else 120
COMMITTED = 10
"""One in so many is written to a store as well."""

PRISTINE = 20
"""So many mutants are made of one thinned file."""


def test_every_format_has_real_files() -> None:
    """A loader without a real file to be tried on is not finished."""
    assert set(FORMATS) <= {*REAL, "native"}


@pytest.mark.parametrize("format", FORMATS)
def test_no_fault_in_a_file_breaks_its_loader(format: str, real_data: Path, vocabulary: Vocabulary) -> None:
    """Whatever is lost, exchanged or repeated in a real file: it is read, or refused with one clear error."""
    rng = Random(format)
    files = real_files(format, real_data)
    text_keys = vocabulary.text_fields.union(*(one.TEXT_KEYS for one in LOADERS))
    for number in range(MUTANTS):
        if number % PRISTINE == 0:
            source = rng.choice(files)
            whole = understood(source, text_keys)
            thin = thinned(whole, rng)
        try:
            broken = mutated(thin, rng) if whole.documents or whole.root else _torn(source, text_keys, rng)
            check(format, broken, vocabulary, commit=not number % COMMITTED)
        except CmdbError:
            continue
        except Exception as error:
            error.add_note(f"mutant {number} of {source.name}")
            raise


def check(format: str, content: Content, vocabulary: Vocabulary, *, commit: bool) -> None:
    """Let every loader glance at it, its own read it, and what it says be planned."""
    for other in LOADERS:
        assert isinstance(other.recognises(content), bool)
    seen = without_secrets(said(format, content, vocabulary))
    store = SqliteStore(None, Clock())
    try:
        if commit:
            bring(store, vocabulary, seen)
        else:
            plan([seen], Known(store.read(), store.identities(), vocabulary), Rules(TIME))
        assert not [one.key for one in store.read().items.values() if wrong_with(one.key)]
    finally:
        store.close()


def _torn(source: Source, text_keys: frozenset[str], rng: Random) -> Content:
    """A text with some of its lines lost, exchanged, repeated or cut."""
    lines = source.data.split(b"\n")
    for _ in range(rng.randint(1, 4)):
        one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        cut = lines[one][: rng.randrange(len(lines[one]) + 1)]
        word = rng.choice([b";", b",,,", b'"', b"\t", b"\0", b"\r", b"\xff", "é".encode(), b"9" * 400, b"?"])
        lines[one] = rng.choice([b"", lines[other], cut, cut + word, lines[one] * 2])
    return understood(Source(source.name, b"\n".join(lines)), text_keys)
