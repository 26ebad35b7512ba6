"""Texts that follow the grammars of the API, for tests that make up requests about the demo estate."""

from __future__ import annotations

from datetime import UTC, datetime

import schemathesis
import yaml
from hypothesis import strategies as st

from api.http.parameters import FORMATS

KEYS = [
    "checkout",
    "payments",
    "payments-db-pool",
    "srv-131",
    "power-f2",
    "intranet",
    "web-shop",
    "team-shop",
]

plain_keys = st.text(
    st.characters(codec="ascii", categories=["L", "N"], include_characters="-_.:"), min_size=1
)
keys = st.sampled_from(KEYS) | plain_keys.filter(lambda key: key[0] not in "-@")
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001  hypothesis wants it naive
    lambda when: when.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
)
plans = st.sampled_from(["project:web-shop", "deliverable:payment-pages"]) | keys.map("project:{}".format)
moments = st.just("live") | st.integers(0, 30).map("@{}".format) | instants.map("@{}".format)
views = st.builds(
    lambda moment, laid: "+".join((moment, *laid)), moments, st.lists(plans, max_size=2, unique=True)
)
quoted = keys.map(lambda key: f"key:'{key}'")
conditions = st.sampled_from(
    ["class:database", "family:services", "tier:1,2", "owner:team-shop", "env:production", "name:*pay*"]
)
selections = st.recursive(
    quoted | conditions,
    lambda part: (
        st.builds("({} and {})".format, part, part)
        | st.builds("({} or not {})".format, part, part)
        | st.builds("upstream({}) within 2".format, part)
    ),
    max_leaves=4,
)
items = st.fixed_dictionaries(
    {"key": keys, "class": st.sampled_from(["server", "database", "application_service"])},
    optional={"tier": st.integers(1, 4), "name": plain_keys, "owner": st.just("team-shop")},
)
files = st.lists(items, max_size=5, unique_by=lambda one: str(one["key"])).map(
    lambda some: yaml.safe_dump({"items": some}).encode()
)

STRATEGIES = {"key": keys, "view": views, "instant": instants, "selection": selections, "plan": plans}


def register() -> None:
    """Tell Schemathesis how such texts, and files, are made."""
    assert STRATEGIES.keys() == FORMATS.keys()
    for name, strategy in STRATEGIES.items():
        schemathesis.openapi.format(name, strategy)
    schemathesis.openapi.media_type("application/octet-stream", files)
