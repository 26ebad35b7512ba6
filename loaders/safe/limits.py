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

MAX_CELLS = 1_000_000
"""Cells in one table that is text; separators within quotes count too."""

MAX_CELL_LENGTH = 32_767
"""Characters in one cell that is used: as many as Excel has room for."""

MAX_ROW_LENGTH = 4 * 2**20
"""Characters in one row of a table that is text; a longer one is no row."""

MAX_REJECTED = 50_000
"""Rows and cells of one file of tables that cannot be used; with more of them the mapping must be wrong."""

MAX_RAGGED_ROWS = 1_000
"""Rows that do not fit their header; with more of them the columns have been misunderstood."""

MAX_WORKBOOK_PARTS = 2_000
"""Files within one workbook."""

MAX_WORKBOOK_TAGS = 1_000_000
"""Tags, opening and closing, in one workbook: 250,000 cells, about six seconds' work."""

MAX_WORKBOOK_EXTRAS = 50_000
"""Tags in one workbook that are no cells: formats, merged ranges, links, which take longer."""

MAX_MAPPING_BYTES = 64 * 2**10
"""A mapping that says how to read tables."""
