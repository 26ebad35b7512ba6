"""The provider's own identifier of a resource, by which other sources know the same thing.

Two things must never share one, or they would be taken for one. So only identifiers are used that hold in the
whole world, and only where they are the resource's own: much of what a state lists is about another thing
and has its identifier.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from loaders.secrets import redacted
from loaders.terraform.state import Instance

ID = "id"
_IDS = ("arn", "self_link", ID)
_HOLDS_EVERYWHERE = re.compile(
    r"arn:\S+|https?://\S+|/subscriptions/\S+|projects/\S+|ocid1\.\S+"
    r"|[a-z]{1,20}-[0-9a-f]{8}(?:[0-9a-f]{9})?"  # i-0184eb41aadc62d1c
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    re.IGNORECASE,
)
_ABOUT_ANOTHER = ("_acl_rule", "_association", "_attachment", "_membership", "_permission", "_policy", "_tag")
"""How types end that only say something of another resource."""

_LONGEST = 2_000


def cloud_ids(instances: Sequence[Instance]) -> list[str | None]:
    """The identifiers of some instances in their order; none that several of them have."""
    found = [_own(one) for one in instances]
    often = Counter(found)
    return [one if often[one] == 1 else None for one in found]


def told(instance: Instance) -> Mapping[str, Any]:
    """What a provider says of an instance, without what the configuration calls sensitive."""
    return {name: one for name, one in instance.attributes.items() if name not in instance.hidden}


def plain_texts(values: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    """The texts under these names that are neither empty nor look like a secret."""
    for name in names:
        value = values.get(name)
        if isinstance(value, str) and 0 < len(value) <= _LONGEST and redacted(value) == value:
            yield value


def _own(instance: Instance) -> str | None:
    if instance.type.endswith(_ABOUT_ANOTHER):
        return None
    values = told(instance)
    found = next(filter(_HOLDS_EVERYWHERE.fullmatch, plain_texts(values, _IDS)), None)
    others = (one for name, one in values.items() if name not in _IDS and name.endswith(f"_{ID}"))
    is_own = found is not None and (found.startswith("arn:") or found not in others)
    return found if is_own else None
