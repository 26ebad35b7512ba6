"""What every route refuses although the framework would pass over it: a slip nobody would notice."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request

from cmdb.errors import Unreadable, WrongUsage
from cmdb.spelling import did_you_mean
from cmdb.words import listed


async def strictly(request: Request) -> None:
    """Refuse a request whose address or body holds what would be ignored.

    Raises
    ------
    WrongUsage
        If a parameter of the address is none of the route's.
    Unreadable
        If an object of a JSON body has one key twice.
    """
    route = request.scope["route"]
    known = sorted(field.alias for field in route.dependant.query_params)
    for name in request.query_params:
        if name not in known:
            hint = did_you_mean(name, known) or (f" There is {listed(known)}." if known else "")
            raise WrongUsage(f"This address takes no parameter “{name}”.{hint}")
    if route.body_field is not None:
        _check_keys(await request.body())


def _check_keys(body: bytes) -> None:
    try:
        json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return  # what is no JSON is refused by the framework, which says where it stops being any


def _once(pairs: list[tuple[str, Any]]) -> None:
    found = set()
    for key, _ in pairs:
        if key in found:
            raise Unreadable(f"The key “{key}” stands twice in one object of the body. Remove one of them.")
        found.add(key)
