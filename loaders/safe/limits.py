"""How much one file may hold, so that no file can keep the program busy or fill its memory."""

from __future__ import annotations

MAX_DEPTH = 100
"""Lists and mappings inside one another."""

MAX_YAML_VALUES = 1_000_000
"""Values in one YAML file, counted again wherever an alias repeats them: about four seconds' work."""

LONG_TEXT = 100
"""A YAML text counts as one value more for each so many characters."""

MAX_JSON_VALUES = 2_000_000
"""Values in one JSON file, which are cheaper."""

TOO_DEEP = f"lists and mappings are nested more than {MAX_DEPTH} deep"

MAX_XML_NODES = 1_000_000
"""Elements and attributes in one XML file."""
