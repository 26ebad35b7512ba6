"""What the parts of a bill of materials need, hold and send each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import End, SeenRelation
from loaders.cyclonedx.parts import Known, Part, types
from loaders.safe.place import where
from loaders.shapes import mapping, mappings, text, texts

_DECLARED = {"known": "declared"}
_INFERRED = {"known": "inferred"}
_NEEDING = ("depends_on", "uses")


@dataclass(frozen=True)
class Bill:
    """A bill of materials with its parts.

    Attributes
    ----------
    every
        All parts, also those that are left out.
    known
        Those that become items.
    """

    name: str
    body: Mapping[str, Any]
    every: Sequence[Part]
    known: Sequence[Known]

    @cached_property
    def by_ref(self) -> Mapping[str, Sequence[Known]]:
        """Who is meant by a reference; none where all it means is left out, several where it is ambiguous."""
        found = defaultdict[str, dict[End, Known]](dict)
        for part in self.every:
            if part.ref is not None:
                found[part.ref] = {}
        for one in self.known:
            if one.part.ref is not None:
                found[one.part.ref].setdefault(one.end, one)
        return {ref: list(ends.values()) for ref, ends in found.items()}

    @cached_property
    def subject(self) -> Known | None:
        """What the bill is about."""
        body = mapping(self.body.get("metadata")).get("component")
        return next((one for one in self.known if one.part.body is body), None)

    def meant(self, ref: str) -> tuple[End, bool] | None:
        """The item that a reference means, and whether it is optional; `None` if that cannot be said."""
        if ref not in self.by_ref:  # but it may be known from elsewhere
            return End(types().unknown, ref), False
        meant = self.by_ref[ref]
        return (meant[0].end, meant[0].part.is_optional) if len(meant) == 1 else None


def relations(bill: Bill) -> list[SeenRelation | Fault]:
    """Every relation in a bill, and what is wrong with those that cannot be read."""
    said = [*_ambiguous(bill), *_nesting(bill.known), *_dependencies(bill), *_flows(bill)]
    return [*said, *_assumed(bill, [one for one in said if isinstance(one, SeenRelation)])]


def _ambiguous(bill: Bill) -> Iterator[Fault]:
    for ref, meant in bill.by_ref.items():
        if len(meant) > 1:
            what = f"“{ref[:60]}” is the bom-ref of {len(meant)} different parts, so it cannot be followed."
            yield Fault(meant[0].part.where, what)


def _nesting(known: Iterable[Known]) -> Iterator[SeenRelation]:
    ends = {id(one.part): one.end for one in known}
    for one in known:
        around = ends.get(id(one.part.inside))
        if around is not None and around != one.end:
            yield SeenRelation(one.end, "part_of", around, one.part.where, _DECLARED)


def _dependencies(bill: Bill) -> Iterator[SeenRelation | Fault]:
    seen: set[tuple[End, str, End]] = set()
    for place, ref, needed in _told(bill):
        if ref is None:
            yield Fault(place, "This does not say whose dependencies it lists: “ref” is missing.")
            continue
        for one in _needed(bill, place, ref, needed):
            triple = (one.source, one.type, one.target)
            if triple not in seen and one.source != one.target:
                seen.add(triple)
                yield one


def _told(bill: Bill) -> Iterator[tuple[str, str | None, list[str]]]:
    """Place, reference and needed references of each entry."""
    entries = bill.body.get("dependencies")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        place = where(bill.name, entry, f"dependencies[{index}]")
        told = mapping(entry)
        yield place, text(told.get("ref")), texts(told.get("dependsOn"))


def _needed(bill: Bill, place: str, ref: str, needed: Iterable[str]) -> Iterator[SeenRelation]:
    source = bill.meant(ref)
    for target in map(bill.meant, needed) if source else ():
        if source and target:
            type_name = "uses" if target[1] else "depends_on"
            yield SeenRelation(source[0], type_name, target[0], place, _DECLARED)


def _flows(bill: Bill) -> Iterator[SeenRelation]:
    """Data that services of the bill send each other; addresses that mean nothing in it are left out."""
    for one in bill.known:
        for flow in mappings(one.part.body.get("data")) if one.part.is_service else ():
            for key in ("destination", "source"):
                for other in _services(bill, texts(flow.get(key))):
                    source, target = (one.end, other) if key == "destination" else (other, one.end)
                    if source != target:
                        yield SeenRelation(source, "sends_data_to", target, one.part.where, _DECLARED)


def _services(bill: Bill, refs: Iterable[str]) -> Iterator[End]:
    for ref in refs:
        meant = bill.meant(ref) if ref in bill.by_ref else None
        if meant is not None:
            yield meant[0]


def _assumed(bill: Bill, said: Sequence[SeenRelation]) -> Iterator[SeenRelation]:
    """Where the bill does not say what its subject needs: all that nothing else in it needs or holds.

    A bill lists what its subject is made of, so without this nothing would lead from a library to the
    software it is built into.
    """
    subject = bill.subject
    if subject is None or any(ref and ref == subject.part.ref for _, ref, _ in _told(bill)):
        return
    below = defaultdict[End, list[End]](list)
    for one in said:
        if one.type in _NEEDING:
            below[one.source].append(one.target)
        elif one.type == "part_of":
            below[one.target].append(one.source)
    ends = dict.fromkeys(one.end for one in bill.known)
    held = {end for ends_below in below.values() for end in ends_below}
    tops = [end for end in ends if end not in held and end != subject.end]
    reached = _reached([*tops, subject.end], below)
    for end in [*tops, *(end for end in ends if end not in reached)]:
        yield SeenRelation(subject.end, "depends_on", end, subject.part.where, _INFERRED)


def _reached(starts: Iterable[End], below: Mapping[End, Sequence[End]]) -> set[End]:
    reached, waiting = set[End](), list(starts)
    while waiting:
        end = waiting.pop()
        if end not in reached:
            reached.add(end)
            waiting.extend(below.get(end, ()))
    return reached
