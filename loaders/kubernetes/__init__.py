"""Kubernetes manifests: workloads, Services, and who calls whom.

A Service depends on the workloads its selector finds, an Ingress on the Services of its rules. What a
workload calls stands nowhere but in the environment of its containers and in the ConfigMaps they read, as
addresses of Services.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cmdb.errors import Fault
from cmdb.observations import Observations, SeenRelation
from loaders.content import Content
from loaders.kubernetes.calls import Calls
from loaders.kubernetes.cluster import Cluster
from loaders.kubernetes.items import items
from loaders.kubernetes.limit import check_number
from loaders.kubernetes.objects import KubernetesObject, inside, is_object, objects
from loaders.kubernetes.relations import relations
from loaders.kubernetes.warnings import left_out, not_modelled

FORMAT = "kubernetes"
LOOKS_LIKE = "Kubernetes objects with “apiVersion” and “kind”"
TEXT_KEYS: frozenset[str] = frozenset()

_OTHERS = ("backstage.io/",)


def recognises(content: Content) -> bool:
    """Whether a document is a Kubernetes object, and not of a tool that only borrows the shape."""
    return any(is_object(one) and not one["apiVersion"].startswith(_OTHERS) for one in content.documents)


def read(content: Content) -> Observations:
    """Say what the documents of a manifest hold."""
    return read_together([content])


def read_together(contents: Sequence[Content]) -> Observations:
    """Say what the documents of several manifests of one cluster hold.

    A selector finds the workloads of any of them.

    Returns
    -------
    Observations
        An address that clearly means a Service which no file has is a relation all the same,
        so that it is listed as unresolved.

    Raises
    ------
    TooLarge
        If the objects mean more relations than any cluster has.
    """
    found = [one for content in contents for one in objects(content.name, content.documents)]
    name = contents[0].name if len(contents) == 1 else f"{len(contents)} files, {contents[0].name} first,"
    known = [one for one in found if isinstance(one, KubernetesObject) and one.is_known]
    named = [one for one in known if one.name and not one.is_owned]
    cluster = Cluster(name, named)
    calls = Calls(cluster)
    return Observations(
        FORMAT,
        items=tuple(items(cluster)),
        relations=tuple(_bounded(name, relations(cluster, calls))),
        rejected=tuple(_rejected(found)),
        warnings=(*left_out(found), *not_modelled(cluster, calls)),
    )


def _bounded(name: str, found: Iterable[SeenRelation]) -> Iterator[SeenRelation]:
    for number, one in enumerate(found, start=1):
        check_number(number, name)
        yield one


def _rejected(found: Iterable[KubernetesObject | Fault]) -> Iterator[Fault]:
    for one in found:
        if isinstance(one, Fault):
            yield one
        elif one.is_known and not one.name:
            generated = inside(one.body, "metadata").get("generateName") is not None
            reason = (
                "generateName alone does not say which it is" if generated else "metadata.name is missing"
            )
            yield Fault(one.where, f"This {one.kind} has no name: {reason}.")
