"""Which addresses devices and virtual machines have, by way of their interfaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from loaders.netbox.dump import Dump, Pk, Row
from loaders.network_addresses import hardware_address, network_address

_Owner = tuple[str, Pk]
_OWNERS = {
    "dcim.interface": ("dcim.device", "device"),
    "virtualization.vminterface": ("virtualization.virtualmachine", "virtual_machine"),
}
"""Models of interfaces: of what they are part, and the field that says of which."""


class Addresses:
    """Internet and hardware addresses by their owner."""

    def __init__(self, dump: Dump) -> None:
        self._dump = dump
        self._networks: dict[_Owner, list[str]] = defaultdict(list)
        self._hardware: dict[_Owner, list[str]] = defaultdict(list)
        for row in dump.all("ipam.ipaddress"):
            address = network_address(row.fields.get("address"))
            self._enter(self._networks, self._assigned(row), address)
        for row, owner in self._interfaces():
            self._enter(self._hardware, owner, hardware_address(row.fields.get("mac_address")))
        for row in dump.all("dcim.macaddress"):  # since NetBox 4.2
            address = hardware_address(row.fields.get("mac_address"))
            self._enter(self._hardware, self._assigned(row), address)

    def of(self, row: Row) -> dict[str, Any]:
        """The attributes that tell the addresses of a device or virtual machine."""
        owner = (row.model, row.pk)
        return {
            "hostname": self._name_of(row),
            "ip_addresses": list(dict.fromkeys(self._networks.get(owner, ()))),
            "mac_addresses": list(dict.fromkeys(self._hardware.get(owner, ()))),
        }

    def _name_of(self, row: Row) -> str | None:
        """The name under which the name service knows the primary address of a device or machine."""
        primary = (row.pk_of("primary_ip4"), row.pk_of("primary_ip6"))
        return next(
            filter(None, (self._dump.title("ipam.ipaddress", pk, "dns_name") for pk in primary)), None
        )

    def _assigned(self, row: Row) -> _Owner | None:
        """The owner of the interface that an address is given to."""
        target = self._dump.target(row, "assigned_object_type", "assigned_object_id")
        interface = target and self._dump.find(*target)
        return _owner(interface) if interface else None

    def _interfaces(self) -> Iterator[tuple[Row, _Owner | None]]:
        for model in _OWNERS:
            for row in self._dump.all(model):
                yield row, _owner(row)

    @staticmethod
    def _enter(found: dict[_Owner, list[str]], owner: _Owner | None, address: str | None) -> None:
        if owner is not None and address is not None:
            found[owner].append(address)


def _owner(interface: Row) -> _Owner | None:
    if interface.model not in _OWNERS:
        return None
    model, field = _OWNERS[interface.model]
    pk = interface.pk_of(field)
    return None if pk is None else (model, pk)
