"""Addresses of Terraform resources: `module.shop["eu"].aws_instance.web[0]`."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_STEP = re.compile(r'(?P<name>[^.\[\]"\s]+)(?P<key>\[(?:"(?:[^"\\]|\\.)*"|[0-9]+|\*)\])?(?:\.|\Z)', re.DOTALL)
_MODULE, _DATA = "module", "data"
_LONGEST = 2_000


class Step(NamedTuple):
    """One name on the way to a resource, with the key of one of several in brackets."""

    name: str
    key: str = ""

    @property
    def text(self) -> str:
        """The step as it is written."""
        return f"{self.name}{self.key}"


Modules = tuple[Step, ...]
"""The way to a module from the top, which is the empty way."""


class Address(NamedTuple):
    """Where a resource stands.

    Attributes
    ----------
    resource
        Its type and name; empty where the address means a whole module.
    key
        Which of its instances, in brackets; empty where there is one or where all are meant.
    is_data
        Whether it is only read, and made elsewhere.
    """

    modules: Modules
    resource: str
    key: str = ""
    is_data: bool = False

    @property
    def text(self) -> str:
        """The address as it is written."""
        data = f"{_DATA}." if self.is_data else ""
        return ".".join((*way(self.modules), f"{data}{self.resource}{self.key}"))

    @property
    def in_configuration(self) -> str:
        """The address as the configuration has it, without keys."""
        return ".".join((*way(tuple(Step(one.name) for one in self.modules)), self.resource))


def way(modules: Modules) -> list[str]:
    """The way to a module in words."""
    return [f"{_MODULE}.{one.text}" for one in modules]


def bracketed(key: object) -> str | None:
    """The key of an instance as it stands in an address; `None` where it is no key.

    Examples
    --------
    >>> bracketed(0), bracketed("eu"), bracketed(None), bracketed([])
    ('[0]', '["eu"]', '', None)
    """
    if key is None:
        return ""
    if type(key) is str:
        return f"[{json.dumps(key, ensure_ascii=False)}]"
    return f"[{key}]" if type(key) is int else None


def parsed(text: str) -> Address | None:
    """Read an address, `None` where it is none.

    Examples
    --------
    >>> parsed('module.shop["a.b"].aws_instance.web[0]').in_configuration
    'module.shop.aws_instance.web'
    >>> parsed("data.aws_ami.web").is_data
    True
    >>> parsed("web")
    """
    steps = _steps(text)
    modules: list[Step] = []
    while len(steps) > 1 and steps[0] == (_MODULE, ""):
        modules.append(steps[1])
        steps = steps[2:]
    is_data = len(steps) > 2 and steps[0] == (_DATA, "")
    steps = steps[is_data:]
    if not steps and modules:
        return Address(tuple(modules), "")
    if len(steps) != 2 or steps[0].key:
        return None
    return Address(tuple(modules), f"{steps[0].name}.{steps[1].name}", steps[1].key, is_data)


def _steps(text: str) -> list[Step]:
    """The steps of an address; none where it is not made of steps."""
    if len(text) > _LONGEST:
        return []
    found = list(_STEP.finditer(text))
    whole = sum(len(one[0]) for one in found) == len(text) and not text.endswith(".")
    return [Step(one["name"], one["key"] or "") for one in found] if whole else []
