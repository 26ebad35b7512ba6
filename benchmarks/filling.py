"""Filling a store with an estate's files, in a process of its own that gives its memory back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from api.service import open_service
from api.service.bulk import in_bulk
from api.service.imports import Import
from api.settings import Settings
from benchmarks.timing import ms_of
from cmdb.model import Actor
from cmdb.stores.opening import Location
from cmdb.vocabulary_files import load_vocabulary
from loaders.detect import read
from loaders.files import files

T = TypeVar("T")

ACTOR = Actor("benchmark")


def apart(work: Callable[..., T], *arguments: object) -> T:
    """Do something in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def fill(store: Location, folder: Path) -> float:
    """Import a folder into a store, and tell how many milliseconds that took."""
    with open_service(Settings(store)) as service:
        return ms_of(lambda: service.imports.apply(Import(tuple(files([folder])), ACTOR)))


def parse(folder: Path) -> float:
    """Read and understand a folder's files, and tell how many milliseconds that took."""
    vocabulary = load_vocabulary()
    with in_bulk():
        return ms_of(lambda: [read(one, vocabulary) for one in files([folder])])
