"""What the tests of loaders share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cmdb.observations import Observations
from cmdb.vocabulary import Vocabulary
from cmdb.vocabulary_files import load_vocabulary
from loaders.detect import read
from loaders.source import Source

Read = Callable[[str], Observations]


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """Return the built-in vocabulary."""
    return load_vocabulary()


@pytest.fixture
def read_text(vocabulary: Vocabulary) -> Read:
    """Return a function that reads the text of a YAML file named shop.yaml."""
    return lambda text: read(Source("shop.yaml", text.encode()), vocabulary)


@pytest.fixture(scope="session")
def boutique(real_data: Path) -> Source:
    """Return the manifests of a real shop of eleven microservices and a load generator."""
    path = real_data / "kubernetes" / "online-boutique-kubernetes-manifests.yaml"
    return Source(path.name, path.read_bytes())
