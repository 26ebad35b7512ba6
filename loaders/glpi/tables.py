"""What words of GLPI inventories mean here."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_suffix(".toml")
_COMPUTER = "computer"


def is_computer(item_type: str) -> bool:
    """Whether things of a type are computers, physical or virtual."""
    return item_type.lower() == _COMPUTER


def class_of_type(item_type: str) -> str | None:
    """The class that things of a type become, `None` where they are left out."""
    found: str | None = _tables()["itemtypes"].get(item_type)
    return found


def class_of_computer(vm_system: str | None) -> str:
    """The class of a computer with this virtualisation.

    Examples
    --------
    >>> class_of_computer("Physical"), class_of_computer("VMware"), class_of_computer(None)
    ('server', 'virtual_machine', 'server')
    """
    physical = vm_system is None or vm_system.lower() in _computers("physical")
    return "server" if physical else "virtual_machine"


def is_host_only(interface: str) -> bool:
    """Whether an interface leads only to guests of its own machine."""
    return interface.lower().startswith(tuple(_computers("host_only")))


def is_removable(storage: str) -> bool:
    """Whether storage of a type is no part of the machine."""
    return storage.lower() in _computers("removable")


def is_container(machine: str) -> bool:
    """Whether a virtual machine of a type is a container."""
    return machine.lower() in _computers("containers")


def _computers(name: str) -> list[str]:
    found: list[str] = _tables()["computers"][name]
    return found


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
