"""Backups that somebody made up, with a hash that is right: only a history that can have been is restored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from cmdb.backup import checked
from cmdb.canonical import as_json, canonical
from cmdb.stores.bodies import body_hash, chained
from tests.cmdb.estates import ACTOR, TIME
from tests.cmdb.histories import refused


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the backup of the test is."""
    return tmp_path / "cmdb.jsonl"


def sealed(lines: Iterable[bytes]) -> bytes:
    """Put an end under some lines that is right for them."""
    kinds = ("commit", "part", "sighting", "answered")
    counts = dict.fromkeys(kinds, 0)
    text = b""
    for line in lines:
        value = orjson.loads(line)
        kind = next(iter(value), "") if isinstance(value, dict) else "part"
        counts[kind] = counts.get(kind, 0) + 1
        text += line + b"\n"
    counts.pop("cmdb_backup", None)
    return text + as_json({"end": {**counts, "sha256": hashlib.sha256(text).hexdigest()}}) + b"\n"


def made_up(*bodies: object, seen: Iterable[object] = (), **other: object) -> bytes:
    """Make a backup of commits with these bodies, with every hash in it right.

    Parameters
    ----------
    seen
        Sightings, as they stand in the lines.
    other
        Other values for the entries of the log, `header_` before those of the first line.
    """
    commits: list[bytes] = []
    newest = ""
    for revision, body in enumerate(bodies, start=1):
        part = canonical(body)
        entry: dict[str, Any] = {
            "revision": revision,
            "id": f"id-{revision}",
            "time": "2026-11-20T12:00:00.000000Z",
            "author": ACTOR.name,
            "identity": ACTOR.identity,
            "message": "made up",
            "request_hash": "",
            "result": {},
            "body_hash": body_hash(ACTOR, "made up", [part]),
            "hash": "",
            "parts": 1,
        }
        entry |= {name: value for name, value in other.items() if name in entry}
        newest = chained(newest, entry["revision"], entry["time"], entry["id"], entry["body_hash"])
        commits += [as_json({"commit": {**entry, "hash": newest}}), part]
    header: dict[str, Any] = {
        "format": 1,
        "program": "0",
        "revision": len(bodies),
        "hash": newest,
        "time": other.get("time", "2026-11-20T12:00:00.000000Z"),
        "sightings": len(list(seen)),
        "answered": 0,
    }
    header |= {name[7:]: value for name, value in other.items() if name.startswith("header_")}
    return sealed([as_json({"cmdb_backup": header}), *commits, *(as_json({"sighting": one}) for one in seen)])


def creates(uid: object = "a", source: object = "x", **after: object) -> dict[str, Any]:
    """Make the data of an operation that creates an item."""
    fields = {"key": "a", "class": "server", "name": "a", **after}
    return {"do": "CreateItem", "item": uid, "after": fields, "source": source}


def test_a_made_up_backup_is_restored_if_it_is_right(path: Path) -> None:
    """What the tests below make up differs in one thing from a backup that is taken."""
    path.write_bytes(made_up([creates()], [creates("b", key="b")]))
    assert checked(path).items == 2


ADDS = {"do": "AddRelation", "relation": ["a", "uses", "b"], "after": {}, "source": "x"}
STEP = {**creates("b", key="b"), "identities": []}
PLANS = {"do": "ChangePlan", "owner": "a", "before": None, "after": STEP}
WHAT = "what the commit above did was expected here"
WAS_SEEN = {"identity": ["scan", "server", "1"], "uid": "a", "time": TIME}

MADE_UP: dict[str, tuple[bytes, str]] = {
    "an item twice": (made_up([creates()], [creates()]), "it cannot have been done: a: it exists already"),
    "a relation to nothing": (made_up([creates(), ADDS]), "it cannot have been done"),
    "a key that is none": (made_up([creates(key="a b")]), "it cannot have been done"),
    "a value nobody holds": (made_up([creates(owner={"a": 1})]), "it cannot have been done"),
    "a number as key": (made_up([creates(key=7)]), WHAT),
    "a number as name": (made_up([creates(name=7)]), WHAT),
    "a number as uid": (made_up([creates(7)]), WHAT),
    "a list as source": (made_up([creates(source=[])]), WHAT),
    "a list as fields": (made_up([{**creates(), "after": []}]), WHAT),
    "a field too many": (made_up([{**creates(), "x": 1}]), WHAT),
    "a field too few": (made_up([{"do": "CreateItem"}]), WHAT),
    "an unknown step": (made_up([{**creates(), "do": "os.system"}]), WHAT),
    "no list": (made_up({}), "line 3"),
    "an empty list": (made_up([]), WHAT),
    "a list of lists": (made_up([[1]]), WHAT),
    "two ends": (made_up([creates(), {**ADDS, "relation": ["a", "b"]}]), WHAT),
    "a plan for nothing": (made_up([creates(), {**PLANS, "after": None}]), "cannot be read"),
    "a plan in a plan": (made_up([creates(), {**PLANS, "after": PLANS}]), WHAT),
    "a plan of a number": (made_up([creates(), {**PLANS, "owner": 1}]), WHAT),
    "a plan with odd names": (
        made_up([creates(), {**PLANS, "after": {**creates("b"), "identities": [["a", "b", 1]]}}]),
        WHAT,
    ),
    "the same id twice": (made_up([creates()], [creates("b", key="b")], id="x"), "has the same id"),
    "no time": (made_up([creates()], time="noon", header_time=TIME), "“commit” was expected"),
    "no zone": (made_up([creates()], time="2026-11-20T12:00:00"), "“cmdb_backup” was expected"),
    "no author": (made_up([creates()], author=""), "A person's name has 1 to 200 characters"),
    "a forged identity": (made_up([creates()], identity="root"), "“commit” was expected"),
    "a result that is none": (made_up([creates()], result=[]), "“commit” was expected"),
    "a number as text": (made_up([creates()], revision="1"), "“commit” was expected"),
    "a truth as number": (made_up([creates()], parts=True), "“commit” was expected"),
    "too many parts": (made_up([creates()], parts=2), "line 4: what the commit above did was expected here"),
    "no parts": (made_up([creates()], parts=0), "is not what was written"),
    "another revision": (made_up([creates()], revision=2), "revision 1 was expected here"),
    "another newest hash": (made_up([creates()], header_hash="0"), "not the one that the first line names"),
    "another newest time": (made_up([creates()], header_time=TIME), "not the one that the first line names"),
    "more commits": (made_up([creates()], header_revision=2), "line 4: a line of the kind “commit” was"),
    "fewer commits": (made_up([creates()], [creates()], header_revision=1), "line 3: the last commit is not"),
    "ten times as many": (made_up([creates()], header_sightings=10), "“sighting” was expected"),
    "more answers": (made_up([creates()], header_answered=1), "“answered” was expected"),
    "a newer format": (made_up([creates()], header_format=2), "was written by a newer version of cmdb"),
    "no format": (made_up([creates()], header_format=0), "“cmdb_backup” was expected"),
    "one more in the head": (made_up([creates()], header_path="../../etc/x"), "“cmdb_backup” was expected"),
    "seen twice": (made_up([creates()], seen=[WAS_SEEN, WAS_SEEN]), "not in order, or is there twice"),
    "seen at no time": (made_up([creates()], seen=[{**WAS_SEEN, "time": "Z"}]), "“sighting” was expected"),
    "seen as four": (made_up([creates()], seen=[{**WAS_SEEN, "identity": []}]), "“sighting” was expected"),
}


@pytest.mark.parametrize("what", MADE_UP)
def test_what_is_made_up_is_refused(path: Path, what: str) -> None:
    """A hash that is right does not make a history that cannot have been."""
    content, reason = MADE_UP[what]
    assert reason in refused(path, content)


def test_json_written_in_another_way_is_refused(path: Path) -> None:
    """Blanks, keys twice or in another order: a line is what a store wrote, byte for byte."""
    whole = made_up([creates()])
    others = [(b'"do":', b'"do": '), (b'"parts":1', b'"parts":1,"parts":1'), (b'"a"', b'"\\u0061"')]
    for text, other in others:
        lines = whole.replace(text, other).splitlines()[:-1]
        assert "was expected here" in refused(path, sealed(lines))


def test_deep_nesting_is_refused(path: Path) -> None:
    """Lists within lists end nothing but the reading."""
    deep = b"[" * 100_000 + b"]" * 100_000
    whole = made_up([creates()]).splitlines()
    assert "line 3" in refused(path, b"\n".join([*whole[:2], deep, b""]))
    assert "line 2" in refused(path, b"\n".join([whole[0], whole[1].replace(b"{}", deep[100:-100]), b""]))
