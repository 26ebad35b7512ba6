"""Addresses of Kubernetes Services, as they stand in the environment and configuration of a container."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
_WORD = re.compile(r"[^\s,;'\"`<>\[\]|=]+")
_COMMENTS = ("#", "//", ";")
_LONGEST = 2_000
_LONGEST_TEXT = 2**20
"""No ConfigMap holds more than a mebibyte."""

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

    @property
    def is_full(self) -> bool:
        """Whether it is a whole name that only a cluster's Services have."""
        return self.namespace is not None and self.is_in_cluster


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


def addresses_within(text: str) -> Iterator[Address]:
    r"""The addresses in a longer text, such as a file of settings; mere words and comments are passed by.

    Examples
    --------
    >>> settings = "name=web\ncart.url = http://cart:7070/\n# tax.url = http://tax\nbrokers=a:9092,b:9092"
    >>> [one.service for one in addresses_within(settings)]
    ['cart', 'a', 'b']
    """
    for line in text[:_LONGEST_TEXT].splitlines():
        if not line.lstrip().startswith(_COMMENTS):
            for word in _WORD.findall(line):
                # Quick to see and true of every address that counts here.
                found = address(word) if ":" in word or ".svc" in word.lower() else None
                if found is not None and (found.is_explicit or found.is_full):
                    yield found
