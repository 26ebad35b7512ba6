"""The parts of a bill of materials: the software it is about, its components and its services."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import End, SeenItem
from loaders.safe.place import where
from loaders.shapes import mapping, said, text

_TYPES = Path(__file__).with_name("types.toml")
_WITH_SOURCE_CODE = frozenset({"application", "software_component", "interface"})
_FIRMS = ("supplier", "manufacturer", "provider")
_NESTED = ("components", "services")


@dataclass(frozen=True)
class Types:
    """What parts become, as the table beside this module says."""

    components: Mapping[str, str]
    service: str
    unknown: str
    versionless: tuple[str, ...]


@cache
def types() -> Types:
    """Read the table."""
    told = tomllib.loads(_TYPES.read_text(encoding="utf-8"))
    return Types(told["components"], told["service"], told["unknown"], tuple(told["versionless"]))


@dataclass(frozen=True, eq=False)
class Part:
    """A component or service.

    Attributes
    ----------
    inside
        The part it is nested in.
    """

    body: Mapping[str, Any] = field(repr=False)
    is_service: bool
    where: str
    inside: Part | None = None

    @property
    def ref(self) -> str | None:
        """What other places of the same bill call it."""
        return text(self.body.get("bom-ref"))

    @property
    def type(self) -> str:
        """The type the bill gives it, in small letters."""
        return "service" if self.is_service else (text(self.body.get("type")) or "").lower()

    @cached_property
    def class_name(self) -> str | None:
        """The class it becomes, `None` if it is left out."""
        if self.is_service:
            return types().service
        return types().components.get(self.type) if self.type else types().unknown

    @property
    def is_excluded(self) -> bool:
        """Whether it is only needed to build or test."""
        return text(self.body.get("scope")) == "excluded"

    @property
    def is_optional(self) -> bool:
        """Whether what needs it also works without it."""
        return text(self.body.get("scope")) == "optional"

    @property
    def names(self) -> tuple[str, ...]:
        """Its group, name and version, as far as it has them."""
        return tuple(filter(None, (text(self.body.get(one)) for one in ("group", "name", "version"))))

    @cached_property
    def id(self) -> str | None:
        """What identifies it in every bill: package URL, CPE or SWID, else its names; `None` if nothing."""
        purl = text(self.body.get("purl"))
        if self.class_name in types().versionless:
            return without_version(purl) if purl else self._spelt_out(with_version=False)
        swid = text(mapping(self.body.get("swid")).get("tagId"))
        return purl or text(self.body.get("cpe")) or swid or self._spelt_out(with_version=True)

    def _spelt_out(self, *, with_version: bool) -> str | None:
        group, name, version = (text(self.body.get(one)) for one in ("group", "name", "version"))
        if name is None:
            return None
        return f"{group}/" * bool(group) + name + f"@{version}" * bool(version and with_version)


@dataclass(frozen=True)
class Known:
    """A part that becomes an item, and the item it becomes."""

    part: Part
    class_name: str
    id: str

    @property
    def end(self) -> End:
        """How relations name it."""
        return End(self.class_name, self.id)

    def item(self) -> SeenItem:
        """What the bill says of it."""
        body = self.part.body
        attributes = said(
            description=text(body.get("description")),
            version=text(body.get("version")),
            manufacturer=next(filter(None, self._makers()), None),
            repository=self._repository,
            data_class=", ".join(self._data_classes()) if self.part.is_service else None,
        )
        name, qualified = text(body.get("name")), self.part.names or (self.id,)
        return SeenItem(self.class_name, self.id, name, attributes, self.part.where, qualified)

    def _makers(self) -> Iterator[str | None]:
        for firm in _FIRMS:
            yield text(mapping(self.part.body.get(firm)).get("name"))
        yield text(self.part.body.get("publisher"))

    @property
    def _repository(self) -> str | None:
        if self.class_name not in _WITH_SOURCE_CODE:
            return None
        references = map(mapping, _list(self.part.body.get("externalReferences")))
        return next((text(one.get("url")) for one in references if one.get("type") == "vcs"), None)

    def _data_classes(self) -> Iterable[str]:
        told = (text(mapping(one).get("classification")) for one in _list(self.part.body.get("data")))
        return dict.fromkeys(filter(None, told))


def parts(name: str, bill: Mapping[str, Any]) -> Iterator[Part | Fault]:
    """Every part of a bill, what it is about first."""
    subject = mapping(bill.get("metadata")).get("component")
    if subject is not None:
        yield from _with_nested(name, subject, "metadata.component", is_service=False)
    yield from _nested(name, bill, "", None)


def known(every: Iterable[Part]) -> list[Known]:
    """The parts that become items; services of one name are told apart by what the bill calls them."""
    kept = [one for one in every if one.class_name and one.id and not one.is_excluded]
    refs = defaultdict[str | None, set[str | None]](set)
    for one in kept:
        refs[one.id].add(one.ref)
    return [Known(one, str(one.class_name), _told_apart(one, refs[one.id])) for one in kept]


def without_version(purl: str) -> str:
    """A package URL of any version.

    Examples
    --------
    >>> without_version("pkg:npm/%40acme/shop@1.2.0?arch=x86"), without_version("pkg:npm/shop")
    ('pkg:npm/%40acme/shop?arch=x86', 'pkg:npm/shop')
    """
    path, mark, rest = purl.partition("?" if "?" in purl else "#")
    head, at, version = path.rpartition("@")
    return f"{head if at and '/' not in version else path}{mark}{rest}"


def _told_apart(part: Part, refs: set[str | None]) -> str:
    shared = part.is_service and len(refs) > 1 and part.ref
    return f"{part.id}#{part.ref}" if shared else str(part.id)


def _with_nested(
    name: str, body: object, pointer: str, *, is_service: bool, inside: Part | None = None
) -> Iterator[Part | Fault]:
    place = where(name, body, pointer)
    if not isinstance(body, dict):
        yield Fault(place, "This is not a mapping.")
        return
    part = Part(body, is_service, place, inside)
    if part.id is None:
        yield Fault(place, "This has no name.")
        inner = inside
    else:
        yield part
        inner = part if part.class_name and not part.is_excluded else inside
    yield from _nested(name, body, f"{pointer}.", inner)


def _nested(name: str, body: Mapping[str, Any], pointer: str, inside: Part | None) -> Iterator[Part | Fault]:
    for key in _NESTED:
        for index, one in enumerate(_list(body.get(key))):
            place = f"{pointer}{key}[{index}]"
            yield from _with_nested(name, one, place, is_service=key == "services", inside=inside)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
