"""A bill of materials in XML, brought into the shape that JSON gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from loaders.safe import Element
from loaders.safe.place import Placed

NAMESPACE = "http://cyclonedx.org/schema/bom/"

_TEXTS = ("group", "name", "version", "description", "scope", "cpe", "purl", "publisher")
_FIRMS = ("supplier", "manufacturer", "provider")


def is_bill(root: Element | None) -> bool:
    """Whether an XML file is a CycloneDX bill."""
    return root is not None and root.tag == "bom" and root.namespace.startswith(NAMESPACE)


def bill(root: Element) -> dict[str, Any]:
    """The bill, as far as it is read here."""
    subjects = list(map(_part, root.every("metadata", "component")))
    return {
        "bomFormat": "CycloneDX",
        "metadata": {"component": subjects[0]} if subjects else {},
        "components": list(map(_part, root.every("components", "component"))),
        "services": list(map(_part, root.every("services", "service"))),
        "dependencies": list(map(_dependency, root.every("dependencies", "dependency"))),
        "vulnerabilities": [{} for _ in root.every("vulnerabilities", "vulnerability")],
    }


def _part(element: Element) -> Placed:
    """A component or service with those inside it."""
    return _placed(
        element,
        {
            "type": element.get("type"),
            "bom-ref": element.get("bom-ref"),
            **{name: element.text_at(name) for name in _TEXTS},
            **{name: {"name": element.text_at(name, "name")} for name in _FIRMS},
            "swid": _attribute(element.first("swid"), "tagId"),
            "externalReferences": _each(element, _reference, "externalReferences", "reference"),
            "data": [*_classified(element), *_each(element, _flow, "data", "dataflow")],
            "components": _each(element, _part, "components", "component"),
            "services": _each(element, _part, "services", "service"),
        },
    )


def _dependency(element: Element) -> Placed:
    needed = [one.get("ref") for one in element.every("dependency")]
    return _placed(element, {"ref": element.get("ref"), "dependsOn": needed})


def _reference(element: Element) -> dict[str, Any]:
    return {"type": element.get("type"), "url": element.text_at("url")}


def _classified(element: Element) -> Iterator[dict[str, Any]]:
    for one in element.every("data", "classification"):
        yield {"classification": one.text}


def _flow(element: Element) -> dict[str, Any]:
    return {
        "classification": element.text_at("classification"),
        "source": [one.text for one in element.every("source", "url")],
        "destination": [one.text for one in element.every("destination", "url")],
    }


def _each(element: Element, read: Callable[[Element], Any], *path: str) -> list[Any]:
    return [read(one) for one in element.every(*path)]


def _attribute(element: Element | None, name: str) -> dict[str, Any]:
    return {name: element.get(name)} if element else {}


def _placed(element: Element, values: dict[str, Any]) -> Placed:
    found = Placed(element.line)
    found.update({name: value for name, value in values.items() if value})
    return found
