"""The one way in for YAML, JSON and XML: from whatever a file holds, plain values or one clear error."""

from __future__ import annotations

from typing import Any

from loaders.packed import plain_name
from loaders.safe.json_text import read_json
from loaders.safe.xml_text import Element, read_xml
from loaders.safe.yaml_text import read_yaml
from loaders.source import Source

__all__ = ["Element", "documents", "read_xml"]

_YAML_SUFFIXES = (".yaml", ".yml")


def documents(source: Source, text_keys: frozenset[str] = frozenset()) -> list[Any]:
    """Read the documents of a YAML or JSON file.

    Parameters
    ----------
    source
        A name that ends in .json means JSON, .yaml or .yml YAML; else a leading bracket means JSON.
    text_keys
        Plain YAML scalars directly under these keys, and in lists directly under them, keep their source
        text, so that `version: 1.10` stays "1.10". JSON says itself what is text.

    Returns
    -------
    list
        The documents that hold anything, made of mappings with text keys (from YAML they are `Placed`),
        lists, texts, numbers, booleans and `None`. Parts that aliases share are the same object: treat
        everything as read-only.

    Raises
    ------
    Unreadable
        If it cannot be parsed or tries to do harm; the message names file, place and cure.
    TooLarge
        If it holds more than `loaders.safe.limits.MAX_VALUES` values.
    """
    text = source.text
    if not text.strip():
        return []
    return [read_json(source, text)] if _is_json(source.name, text) else read_yaml(source, text, text_keys)


def _is_json(name: str, text: str) -> bool:
    lowered = plain_name(name)
    if lowered.endswith(_YAML_SUFFIXES):
        return False
    return lowered.endswith(".json") or text.lstrip()[0] in "{["
