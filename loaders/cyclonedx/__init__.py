"""CycloneDX bills of materials, in JSON or XML: software, the components it is made of, and services.

The same package URL is the same item in every bill, so that a library leads to all the software it is in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import Observations, SeenRelation
from cmdb.words import listed
from loaders.content import Content
from loaders.cyclonedx.parts import Part, known, parts
from loaders.cyclonedx.relations import Bill, relations
from loaders.cyclonedx.xml_form import bill, is_bill
from loaders.safe.place import where
from loaders.shapes import mapping, text

FORMAT = "cyclonedx"
LOOKS_LIKE = "a CycloneDX bill of materials, with “bomFormat” or its XML namespace"
TEXT_KEYS = frozenset({"name", "group", "version", "bom-ref", "ref", "dependsOn", "purl", "cpe", "tagId"})


def recognises(content: Content) -> bool:
    """Whether the file says that it is a CycloneDX bill."""
    return is_bill(content.root) or any(map(_is_bill, content.documents))


def read(content: Content) -> Observations:
    """Say what software, components and services a bill lists, and what they need.

    Returns
    -------
    Observations
        Without items where a bill lists none, as one that only tells of vulnerabilities.
    """
    bodies: Sequence[Any] = content.documents
    if content.root is not None:
        bodies = [bill(content.root)] if is_bill(content.root) else [None]
    found = [_read(content.name, body) for body in bodies]
    return Observations(
        FORMAT,
        items=tuple(item for one in found for item in one.items),
        relations=tuple(relation for one in found for relation in one.relations),
        rejected=tuple(fault for one in found for fault in one.rejected),
        warnings=tuple(warning for one in found for warning in one.warnings),
    )


def _is_bill(document: object) -> bool:
    return mapping(document).get("bomFormat") == "CycloneDX"


def _read(name: str, body: object) -> Observations:
    if not _is_bill(body):
        fault = Fault(where(name, body), "This is no CycloneDX bill of materials.")
        return Observations(FORMAT, (), (), rejected=(fault,))
    found = list(parts(name, mapping(body)))
    every = [one for one in found if isinstance(one, Part)]
    whole = Bill(name, mapping(body), every, known(every))
    related = relations(whole)
    return Observations(
        FORMAT,
        items=tuple(one.item() for one in whole.known),
        relations=tuple(one for one in related if isinstance(one, SeenRelation)),
        rejected=tuple(one for one in [*found, *related] if isinstance(one, Fault)),
        warnings=tuple(_warnings(whole, related)),
    )


def _warnings(whole: Bill, related: Sequence[object]) -> Iterator[str]:
    """Warn of what was left out or assumed."""
    if not whole.known:
        yield f"{whole.name} lists no components and no services: there is nothing in it to import."
    elif whole.subject is None:
        yield f"{whole.name} does not say what software it is about: metadata.component is missing."
    yield from _left_out(whole)
    assumed = sum(_is_assumed(one) for one in related)
    if assumed and whole.subject:
        name = text(whole.subject.part.body.get("name")) or whole.subject.id
        parts_that = (
            "the 1 part that no other part needs"
            if assumed == 1
            else f"the {assumed} parts that no other part needs"
        )
        yield f"{whole.name} does not say what {name} needs: it is taken to need {parts_that}."


def _is_assumed(one: object) -> bool:
    return isinstance(one, SeenRelation) and one.attributes.get("known") == "inferred"


def _left_out(whole: Bill) -> Iterator[str]:
    others = Counter(one.type for one in whole.every if one.class_name is None)
    excluded = sum(one.is_excluded and one.class_name is not None for one in whole.every)
    vulnerabilities = _length(whole.body, "vulnerabilities")
    counts = [f"{number} of type {name[:60]}" for name, number in sorted(others.items())]
    counts += [f"{excluded} only to build or test"] if excluded else []
    counts += [f"{vulnerabilities} vulnerabilities"] if vulnerabilities else []
    if counts:
        yield f"Left out of {whole.name}: {listed(counts)}."


def _length(body: Mapping[str, Any], key: str) -> int:
    value = body.get(key)
    return len(value) if isinstance(value, list) else 0
