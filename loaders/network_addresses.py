"""Addresses of network interfaces, in the one spelling that lets two sources mean the same machine.

What every machine has, or what is no machine's own, is left out: it would make one of many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address

_SEPARATORS = re.compile(r"[:.\s-]")
_HARDWARE = re.compile(r"[0-9a-f]{12}")
_NOBODYS = frozenset({"000000000000", "ffffffffffff"})
_LONGEST = 100


def hardware_address(value: object) -> str | None:
    """A hardware (MAC) address in small letters with colons, `None` where it is none or nobody's own.

    Examples
    --------
    >>> hardware_address("6C-2E-85-19-AF-00"), hardware_address("6c2e.8519.af00")
    ('6c:2e:85:19:af:00', '6c:2e:85:19:af:00')
    >>> hardware_address("00:00:00:00:00:00")
    """
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    digits = _SEPARATORS.sub("", value.lower())
    if not _HARDWARE.fullmatch(digits) or digits in _NOBODYS:
        return None
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def network_address(value: object) -> str | None:
    """An internet address without its prefix or zone, `None` where it is none or any machine's.

    Examples
    --------
    >>> network_address("10.0.0.7/24"), network_address("2001:DB8::1")
    ('10.0.0.7', '2001:db8::1')
    >>> network_address("127.0.0.1"), network_address("fe80::1%eth0")
    (None, None)
    """
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    try:
        found = ip_address(value.strip().partition("/")[0].partition("%")[0])
    except ValueError:
        return None
    nobodys = found.is_loopback or found.is_unspecified or found.is_link_local or found.is_multicast
    return None if nobodys else str(found)


def hardware_addresses(values: Iterable[object]) -> list[str]:
    """The hardware addresses among some values, each once, in their order."""
    return list(dict.fromkeys(filter(None, map(hardware_address, values))))


def network_addresses(values: Iterable[object]) -> list[str]:
    """The internet addresses among some values, each once, in their order."""
    return list(dict.fromkeys(filter(None, map(network_address, values))))
