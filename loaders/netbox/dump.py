"""The rows of a NetBox dump, by model and primary key."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from cmdb.errors import Fault
from cmdb.observations import End
from loaders.safe.place import where

Pk = int | str
"""What a row is known by in its model: a number, or the text of a UUID."""

READ = frozenset(
    {
        "circuits.circuit",
        "circuits.circuittermination",
        "circuits.circuittype",
        "circuits.provider",
        "circuits.providernetwork",
        "dcim.cable",
        "dcim.cabletermination",
        "dcim.consoleport",
        "dcim.consoleserverport",
        "dcim.device",
        "dcim.devicebay",
        "dcim.devicerole",
        "dcim.devicetype",
        "dcim.frontport",
        "dcim.interface",
        "dcim.location",
        "dcim.macaddress",
        "dcim.manufacturer",
        "dcim.platform",
        "dcim.powerfeed",
        "dcim.poweroutlet",
        "dcim.powerpanel",
        "dcim.powerport",
        "dcim.rack",
        "dcim.rearport",
        "dcim.region",
        "dcim.site",
        "dcim.virtualchassis",
        "extras.tag",
        "extras.taggeditem",
        "ipam.ipaddress",
        "ipam.service",
        "tenancy.contact",
        "tenancy.contactassignment",
        "tenancy.contactrole",
        "tenancy.tenant",
        "virtualization.cluster",
        "virtualization.clustertype",
        "virtualization.virtualmachine",
        "virtualization.vminterface",
    }
)
"""The models that something is read from."""

_CONTENT_TYPES = "contenttypes.contenttype"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the dump, an object of NetBox."""

    model: str
    pk: Pk
    fields: Mapping[str, Any] = field(repr=False)
    where: str

    @property
    def qualified(self) -> tuple[str, str]:
        """The kind of thing it is, and its primary key, which names do not replace in NetBox."""
        return self.model.partition(".")[2], str(self.pk)

    @property
    def source_id(self) -> str:
        """The same in one text."""
        return ":".join(self.qualified)

    def text(self, name: str) -> str | None:
        """The text of a field, `None` where there is none."""
        value = self.fields.get(name)
        text = value.strip() if isinstance(value, str) else str(value) if _is_number(value) else ""
        return text or None

    def number(self, name: str) -> float | None:
        """The number of a field, which NetBox writes as text where it has decimals."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        try:
            return float(value)
        except (ValueError, OverflowError):
            return None

    def pk_of(self, *names: str) -> Pk | None:
        """The primary key that the first of these fields holds; its name changed between versions."""
        values = (self.fields.get(name) for name in names)
        return next((value for value in values if _is_pk(value)), None)


class Dump:
    """All rows of a file.

    Attributes
    ----------
    name
        What messages call the file.
    rejected
        Rows that cannot be read.
    left_out
        How many rows there are of each model that nothing is read from.
    """

    def __init__(self, name: str, documents: Sequence[Any]) -> None:
        self.name = name
        self.rejected: list[Fault] = []
        self.left_out: Counter[str] = Counter()
        self._rows: dict[str, dict[Pk, Row]] = defaultdict(dict)
        self._types: dict[int, str] = {}
        for document in documents:
            self._take_document(document)

    def all(self, model: str) -> Iterable[Row]:
        """Every row of a model."""
        return self._rows[model].values() if model in self._rows else ()

    def find(self, model: str, pk: Pk | None) -> Row | None:
        """The row of a model with this primary key, `None` where there is none."""
        return None if pk is None or model not in self._rows else self._rows[model].get(pk)

    def title(self, model: str, pk: Pk | None, field: str = "name") -> str | None:
        """The name of the row that another refers to."""
        found = self.find(model, pk)
        return None if found is None else found.text(field)

    def type_named(self, value: object) -> str | None:
        """The model that a content type means: written as app and model, or as a number of this NetBox."""
        if isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value):
            return ".".join(value)
        if isinstance(value, str):
            return value
        return self._types.get(value) if type(value) is int else None

    def target(self, row: Row, type_name: str, id_name: str) -> tuple[str, Pk] | None:
        """What a row refers to by content type and number, as NetBox does where it may be of any model."""
        model, pk = self.type_named(row.fields.get(type_name)), row.pk_of(id_name)
        return None if model is None or pk is None else (model, pk)

    def _take_document(self, document: object) -> None:
        if not isinstance(document, list):
            self.rejected.append(
                Fault(where(self.name), "This is not a list of rows with “model” and “fields”.")
            )
            return
        for entry, place in self._entries(document):
            self._take(entry, place)

    def _entries(self, document: list[Any]) -> Iterator[tuple[dict[str, Any], str]]:
        for index, entry in enumerate(document):
            place = where(self.name, entry, f"[{index}]")
            if isinstance(entry, dict) and isinstance(entry.get("model"), str):
                yield entry, place
            else:
                self.rejected.append(Fault(place, "This is no row of a dump: it has no “model”."))

    def _take(self, entry: dict[str, Any], place: str) -> None:
        model, pk, fields = entry["model"].lower(), entry.get("pk"), entry.get("fields")
        if model == _CONTENT_TYPES:
            self._take_type(pk, fields)
        elif model not in READ:
            self.left_out[model] += 1
        elif not isinstance(fields, dict):
            self.rejected.append(Fault(place, f"This {model} has no “fields”."))
        elif not _is_pk(pk):
            self.rejected.append(Fault(place, f"This {model} has no “pk”. Dump without --natural-primary."))
        elif pk in self._rows[model]:
            self.rejected.append(
                Fault(place, f"There is a {model} with the pk {pk} above: this one is left out.")
            )
        else:
            self._rows[model][pk] = Row(model, pk, fields, place)

    def _take_type(self, pk: object, fields: object) -> None:
        if type(pk) is int and isinstance(fields, dict):
            self._types[pk] = f"{fields.get('app_label')}.{fields.get('model')}"


def end(class_name: str, model: str, pk: Pk | None) -> End | None:
    """The end of a relation that a reference to a row makes, whether or not the row is there."""
    return None if pk is None else End(class_name, f"{model.partition('.')[2]}:{pk}")


def _is_number(value: object) -> TypeGuard[int | float]:
    return type(value) is float or (type(value) is int and abs(value) < 2**63)


def _is_pk(value: object) -> TypeGuard[Pk]:
    if isinstance(value, str):
        return 0 < len(value) <= 100
    return type(value) is int and 0 <= value < 2**63
