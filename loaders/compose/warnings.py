"""What of a compose file is not known, so that nothing is left out silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cmdb.words import listed, natural
from loaders.compose.attributes import ports_given, replicas_given
from loaders.compose.interpolation import filled
from loaders.compose.services import Service

_CURE = "“docker compose config” writes a file in which nothing is missing"


def warnings(name: str, documents: Iterable[Mapping[str, Any]], services: Sequence[Service]) -> Iterator[str]:
    """Warn of a missing project name, of variables without a value and of other files."""
    if any(one.project is None for one in services):
        yield (
            f"{name} does not say the name of its project, so its services are known by their names alone and"
            " are the same as those of other such files. Give it a top-level “name:” to tell them apart."
        )
    yield from _variables(services)
    included = sum(1 for one in documents if one.get("include"))
    if included:
        yield f"The files that {name} includes are not read; {_CURE}."
    yield from _other_files(services)


def _variables(services: Sequence[Service]) -> Iterator[str]:
    missing = sorted({one for service in services for one in _missing(service)}, key=natural)
    if missing:
        variables = "1 variable has" if len(missing) == 1 else f"{len(missing)} variables have"
        yield (
            f"{variables} no value in the file, so what needs them is left out; {_CURE}: {listed(missing)}"
        )


def _missing(service: Service) -> Iterator[str]:
    """The variables that are set elsewhere."""
    environment = service.pairs("environment")
    yield from (variable for variable, value in environment.items() if value is None)
    texts = (service.value("image"), replicas_given(service), *ports_given(service), *environment.values())
    for text in texts:
        if isinstance(text, str):
            yield from filled(text).missing


def _other_files(services: Sequence[Service]) -> Iterator[str]:
    inherit = [one.name for one in services if _extends_a_file(one)]
    if inherit:
        yield f"What these services inherit from other files is not read; {_CURE}: {listed(inherit)}"
    told = [one.name for one in services if one.value("env_file") is not None]
    if told:
        yield f"The variables that these services take from files are not read; {_CURE}: {listed(told)}"


def _extends_a_file(service: Service) -> bool:
    return any(isinstance(one, dict) and one.get("file") is not None for one in service.every("extends"))
