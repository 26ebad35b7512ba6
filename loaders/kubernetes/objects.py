"""Kubernetes objects: which kinds matter here, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cmdb.errors import Fault
from loaders.kubernetes.kinds import KINDS
from loaders.safe.place import where

_LIST = "List"
_ELSEWHERE = "ExternalName"
_WORKLOADS = frozenset(name for name, kind in KINDS.items() if kind.template is not None)


@dataclass(frozen=True, eq=False)
class KubernetesObject:
    """One object of a manifest."""

    api_version: str
    kind: str
    body: Mapping[str, Any] = field(repr=False)
    where: str

    @property
    def is_known(self) -> bool:
        """Whether objects like this are read."""
        return self.kind in KINDS and self.api_version.rpartition("/")[0] in KINDS[self.kind].groups

    @property
    def class_name(self) -> str | None:
        """The class of the item it becomes, `None` where it is read only for what it says of others."""
        return KINDS[self.kind].class_name

    @property
    def is_workload(self) -> bool:
        """Whether it runs containers."""
        return KINDS[self.kind].template is not None

    @property
    def is_owned(self) -> bool:
        """Whether a workload made it and stands for it."""
        owners = inside(self.body, "metadata").get("ownerReferences")
        return any(texts(owner).get("kind") in _WORKLOADS for owner in mappings(owners))

    @property
    def name(self) -> str | None:
        """Its name, `None` where it has none that is text."""
        name = inside(self.body, "metadata").get("name")
        return name if isinstance(name, str) and name else None

    @property
    def namespace(self) -> str:
        """The namespace it lives in."""
        namespace = inside(self.body, "metadata").get("namespace")
        return namespace if isinstance(namespace, str) and namespace else "default"

    @property
    def qualified(self) -> tuple[str, ...]:
        """Kind, namespace and name, which are unique in a cluster."""
        return (self.kind.lower(), self.namespace, self.name or "")

    @property
    def source_id(self) -> str:
        """The same in one text."""
        return ":".join(self.qualified)

    @property
    def labels(self) -> dict[str, str]:
        """Its own labels."""
        return texts(inside(self.body, "metadata").get("labels"))

    @cached_property
    def pod(self) -> Mapping[str, Any]:
        """The description of its pods."""
        template = KINDS[self.kind].template
        return {} if template is None else inside(self.body, *template)

    @cached_property
    def pod_labels(self) -> dict[str, str]:
        """The labels its pods get."""
        return texts(inside(self.pod, "metadata").get("labels"))

    @property
    def runs_none(self) -> bool:
        """Whether it is told to run no copies of its pods."""
        replicas = inside(self.body, "spec").get("replicas")
        return type(replicas) is int and replicas == 0

    @property
    def selector(self) -> dict[str, str]:
        """The labels of the pods that answer for it; empty where something else does."""
        spec = inside(self.body, "spec")
        return {} if spec.get("type") == _ELSEWHERE else texts(spec.get("selector"))

    @property
    def external_name(self) -> str | None:
        """The host that stands behind a Service instead of pods."""
        spec = inside(self.body, "spec")
        name = spec.get("externalName") if spec.get("type") == _ELSEWHERE else None
        return name.lower().rstrip(".") or None if isinstance(name, str) else None


def is_object(document: object) -> bool:
    """Whether a document names its API version and kind, as every Kubernetes object does."""
    return isinstance(document, dict) and all(
        isinstance(document.get(key), str) and document[key] for key in ("apiVersion", "kind")
    )


def objects(name: str, documents: Sequence[Any]) -> Iterator[KubernetesObject | Fault]:
    """Every object of a file, lists unwrapped; a fault for what is no object."""
    for document in documents:
        yield from _unwrapped(name, document, "")


def inside(body: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The mapping at the end of the path, empty where there is none."""
    for key in path:
        found = body.get(key)
        if not isinstance(found, dict):
            return {}
        body = found
    return body


def mappings(value: object) -> list[dict[str, Any]]:
    """The mappings of a list, empty where it is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: object) -> dict[str, str]:
    """The entries of a mapping as text, without empty ones and anything nested."""
    if not isinstance(value, dict):
        return {}
    return {key: str(one) for key, one in value.items() if isinstance(one, str | int | float)}


def _unwrapped(name: str, document: Any, pointer: str) -> Iterator[KubernetesObject | Fault]:  # noqa: ANN401
    place = where(name, document, pointer)
    if not is_object(document):
        yield Fault(place, "This is no Kubernetes object: it has no apiVersion or no kind.")
    elif document["kind"].endswith(_LIST) and isinstance(document.get("items"), list):
        for index, entry in enumerate(document["items"]):
            inner = f"{pointer}.items[{index}]" if pointer else f"items[{index}]"
            yield from _unwrapped(name, _with_kind(entry, document), inner)
    else:
        yield KubernetesObject(document["apiVersion"], document["kind"], document, place)


def _with_kind(entry: object, around: dict[str, Any]) -> object:
    """Say the kind of an entry where only its list does: a DeploymentList of the API holds Deployments."""
    kind = around["kind"].removesuffix(_LIST)
    if not isinstance(entry, dict) or "kind" in entry or not kind:
        return entry
    return {"apiVersion": around["apiVersion"], "kind": kind, **entry}
