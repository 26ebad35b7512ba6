"""The model: all data that an assessment rests on beside the graph."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cmdb.canonical import digest
from impact.rules import rules_digest


@cache
def model_digest() -> str:
    """Tells one set of bands, figures and rules from another."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    return digest(b"".join([rules_digest().encode(), *(file.read_bytes() for file in files)]))[:16]
