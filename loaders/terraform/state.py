"""The instances that a Terraform state holds, whatever its version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cmdb.errors import Fault
from loaders.safe.place import where
from loaders.terraform.addresses import Address, Modules, Step, bracketed, parsed

_NEWEST = 4
_MANAGED, _DATA = "managed", "data"


@dataclass(frozen=True, eq=False)
class Instance:
    """One instance of a resource.

    Attributes
    ----------
    attributes
        What its provider says of it. May hold secrets.
    hidden
        The attributes that the configuration calls sensitive.
    dependencies
        What it was made after, as the state has it.
    """

    address: Address
    provider: str
    attributes: Mapping[str, Any] = field(repr=False)
    hidden: frozenset[str]
    dependencies: tuple[object, ...]
    where: str

    @property
    def type(self) -> str:
        """The type of its resource."""
        return self.address.resource.partition(".")[0]


@dataclass
class State:
    """What one state holds.

    Attributes
    ----------
    lineage
        What the state is known by from its first day on, empty where it does not say.
    left_out
        How many objects were left out, by why.
    """

    lineage: str
    instances: list[Instance] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def take(self, name: str, document: Mapping[str, Any]) -> None:
        """Take what a document holds."""
        version = document.get("version")
        if type(version) is not int or not 0 < version <= _NEWEST:
            place = where(name, document, "version")
            self.faults.append(Fault(place, f"Only states of the versions 1 to {_NEWEST} can be read."))
            return
        found = _instances if isinstance(document.get("resources"), list) else _older_instances
        for one in found(name, document):
            self._keep(one)

    def _keep(self, one: Instance | Fault | str) -> None:
        if isinstance(one, Instance):
            self.instances.append(one)
        elif isinstance(one, Fault):
            self.faults.append(one)
        else:
            self.left_out[one] += 1


def _instances(name: str, document: Mapping[str, Any]) -> Iterator[Instance | Fault | str]:
    """Every instance of a state of version 4; a word for what is left out, a fault for what is none."""
    for index, resource in enumerate(document["resources"]):
        pointer = f"resources[{index}]"
        address = _address(resource)
        if address is None:
            yield Fault(where(name, resource, pointer), "This is no resource with a mode, a type and a name.")
        elif address.is_data:
            yield _DATA
        elif not isinstance(resource.get("instances"), list):
            yield Fault(where(name, resource, pointer), f"{address.text[:200]} has no list of instances.")
        else:
            for number, one in enumerate(resource["instances"]):
                place = where(name, one, f"{pointer}.instances[{number}]")
                yield _instance(address, resource, one, place)


def _address(resource: object) -> Address | None:
    if not isinstance(resource, dict) or resource.get("mode") not in (_MANAGED, _DATA):
        return None
    kind, name, module = resource.get("type"), resource.get("name"), resource.get("module") or ""
    if not all(isinstance(one, str) for one in (kind, name, module)):
        return None
    found = parsed(f"{module}.{kind}.{name}" if module else f"{kind}.{name}")
    return found._replace(is_data=resource["mode"] == _DATA) if found and found.resource else None


def _instance(
    address: Address, resource: Mapping[str, Any], body: object, place: str
) -> Instance | Fault | str:
    key = bracketed(body.get("index_key")) if isinstance(body, dict) else None
    if not isinstance(body, dict) or key is None:
        return Fault(place, f"This is no instance of {address.text[:200]}.")
    if body.get("deposed") is not None:
        return "deposed"
    attributes = body.get("attributes") or body.get("attributes_flat")
    return Instance(
        address._replace(key=key),
        _text(resource.get("provider")),
        attributes if isinstance(attributes, dict) else {},
        _hidden(body.get("sensitive_attributes")),
        (*_list(body.get("dependencies")), *_list(body.get("depends_on"))),
        place,
    )


def _older_instances(name: str, document: Mapping[str, Any]) -> Iterator[Instance | Fault | str]:
    """The same for a state of the versions 1 to 3, which has its resources by module."""
    for index, module in enumerate(_list(document.get("modules"))):
        body = module if isinstance(module, dict) else {}
        resources, path = body.get("resources"), _list(body.get("path"))
        if not isinstance(resources, dict) or not all(isinstance(one, str) for one in path):
            yield Fault(where(name, module, f"modules[{index}]"), "This is no module with its resources.")
            continue
        modules = tuple(Step(str(one)) for one in path[1:])
        for key, resource in resources.items():
            place = where(name, resource, f"modules[{index}].resources.{key[:200]}")
            yield _older_instance(modules, key, resource, place)


def _older_instance(modules: Modules, key: str, resource: object, place: str) -> Instance | Fault | str:
    address = older_address(modules, key)
    if address is None or not isinstance(resource, dict):
        return Fault(place, "This is no resource with a type and a name.")
    if address.is_data:
        return _DATA
    primary = resource.get("primary")
    if not isinstance(primary, dict):
        return "deposed"
    attributes = primary.get("attributes")
    known = attributes if isinstance(attributes, dict) else {}
    return Instance(
        address,
        _text(resource.get("provider")),
        {"id": primary.get("id"), **known},
        frozenset(),
        tuple(_list(resource.get("depends_on"))),
        place,
    )


def older_address(modules: Modules, text: str) -> Address | None:
    """Read an address of the older versions, where the number of an instance stands behind a dot.

    Examples
    --------
    >>> older_address((), "aws_instance.web.2").text
    'aws_instance.web[2]'
    """
    rest, _, last = text.rpartition(".")
    numbered = rest.count(".") and (last == "*" or last.isdecimal())
    found = parsed(f"{rest}[{last}]" if numbered else text)
    return found and found._replace(modules=(*modules, *found.modules))


def _hidden(paths: object) -> frozenset[str]:
    """The attributes named first on each way to something sensitive."""
    firsts = (path[0] if isinstance(path, list) and path else path for path in _list(paths))
    names = (one.get("value") if isinstance(one, dict) else one for one in firsts)
    return frozenset(one for one in names if isinstance(one, str))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
