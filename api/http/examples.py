"""One example of each operation: what is asked of the demo estate, and what it answers."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

ANSWERS = Path(__file__).with_name("examples.json")
_ASKED = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Example:
    """What is asked: the parts of an address, parameters, headers, and a body as JSON or as a file."""

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    file: str | None = None

    def address(self, template: str) -> str:
        """The path of the request, from the one with names in it."""
        return template.format_map({name: quote(str(value), safe=":") for name, value in self.path.items()})

    def given(self, place: str) -> Mapping[str, Any]:
        """The values of the parameters in one place, as OpenAPI calls it."""
        found: Mapping[str, Any] = {"path": self.path, "query": self.query, "header": self.header}[place]
        return found


def examples() -> dict[str, Example]:
    """What is asked, by operation, in the order in which it is asked."""
    return {name: Example(**asked) for name, asked in tomllib.loads(_ASKED.read_text("utf-8")).items()}


def answers() -> dict[str, Any]:
    """What is answered, by operation: a document, or the text of a file."""
    found: dict[str, Any] = json.loads(ANSWERS.read_text("utf-8"))
    return found
