"""The few things that are taken of what a provider says of a resource, none of them secret.

A state holds everything in clear text, passwords and keys too. So only what is named here is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from loaders.network_addresses import network_addresses
from loaders.secrets import redacted
from loaders.shapes import said
from loaders.terraform.addresses import way
from loaders.terraform.cloud_ids import ID, plain_texts, told
from loaders.terraform.state import Instance

_REGIONS = ("region", "location")
_ADDRESSES = (
    "private_ip", "public_ip", "private_ip_address", "public_ip_address", "ip_address", "ipv4_address",
    "ipv6_address", "address",
)  # fmt: skip
_LABELS = ("tags", "labels")
_PROVIDER = re.compile(r'provider\["(?:[^"]*/)?(?P<name>[^"/]+)"\]|provider\.(?P<old>[A-Za-z0-9_-]+)')
_LONGEST = 2_000


def attributes(instance: Instance, cloud_id: str | None) -> dict[str, Any]:
    """The values of an instance by field."""
    values = told(instance)
    return said(
        kind=instance.type,
        provider=_provider(instance),
        namespace=".".join(way(instance.address.modules)),
        cloud_id=cloud_id,
        region=_region(values),
        image=next(plain_texts(values, ("ami",)), None),
        ip_addresses=network_addresses(plain_texts(values, _ADDRESSES)),
        labels=[*_id(values, cloud_id), *_labels(values)],
    )


def _provider(instance: Instance) -> str:
    found = _PROVIDER.search(instance.provider[:_LONGEST])
    name = (found["name"] or found["old"]) if found else None
    return name or instance.type.partition("_")[0]


def _region(values: Mapping[str, Any]) -> str | None:
    """The region as it says it, or as its Amazon resource name does."""
    named = next(plain_texts(values, _REGIONS), None)
    if named:
        return named.rpartition("/")[2]
    arn = next(plain_texts(values, ("arn",)), "").split(":")
    return arn[3] if arn[0] == "arn" and len(arn) > 3 else None


def _id(values: Mapping[str, Any], cloud_id: str | None) -> Iterator[str]:
    """The identifier in its provider's eyes, where it identifies nothing here."""
    found = next(plain_texts(values, (ID,)), None)
    if found and not cloud_id:
        yield f"{ID}={found}"


def _labels(values: Mapping[str, Any]) -> Iterator[str]:
    """Tags and labels, without those that look like a secret."""
    for kind in _LABELS:
        for name, value in _entries(values, kind):
            label = f"{name}={value}" if name else value
            if value and len(label) <= _LONGEST and redacted(label) == label:
                yield label


def _entries(values: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    """Names and values; older states have them flat, Google's network tags no names."""
    found = values.get(kind)
    if isinstance(found, dict):
        yield from ((name, value) for name, value in found.items() if isinstance(value, str))
    elif isinstance(found, list):
        yield from (("", value) for value in found if isinstance(value, str))
    else:
        prefix = f"{kind}."
        flat = ((name.removeprefix(prefix), one) for name, one in values.items() if name.startswith(prefix))
        yield from ((name, one) for name, one in flat if isinstance(one, str) and name not in {"%", "#"})
