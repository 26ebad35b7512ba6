"""Addresses of Kubernetes Services, as they stand in the environment of a container."""

from __future__ import annotations

import re
from typing import NamedTuple

_LABEL = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.:-]*://)?"
    r"(?:[^@/\s]*@)?"
    rf"(?P<service>{_LABEL})(?:\.(?P<namespace>{_LABEL}|[a-z0-9-]{{1,63}})"
    r"(?P<cluster>\.svc(?:\.cluster\.local)?)?)?\.?"
    r"(?P<port>:[0-9]{1,5})?"
    r"(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_LONGEST = 2_000
_THIS_MACHINE = "localhost"


class Address(NamedTuple):
    """What an address says.

    Attributes
    ----------
    service, namespace
        Of the Service; the namespace is `None` where it is the reader's own.
    is_explicit
        Whether a scheme or a port shows that it is an address and not just a word.
    is_in_cluster
        Whether it cannot be a name on the internet.
    """

    service: str
    namespace: str | None
    is_explicit: bool
    is_in_cluster: bool


def address(value: str) -> Address | None:
    """Read a value as an address of a Service, `None` where it can be none.

    Examples
    --------
    >>> address("http://cart.shop.svc.cluster.local:7070/health")
    Address(service='cart', namespace='shop', is_explicit=True, is_in_cluster=True)
    >>> address("cart:7070").service
    'cart'
    >>> address("10.0.0.7:7070")
    """
    found = _ADDRESS.fullmatch(value) if len(value) <= _LONGEST else None
    if found is None or found["service"].lower() == _THIS_MACHINE:
        return None
    namespace = found["namespace"]
    return Address(
        found["service"].lower(),
        namespace and namespace.lower(),
        is_explicit=bool(found["scheme"] or found["port"]),
        is_in_cluster=bool(namespace is None or found["cluster"]),
    )
