"""What of a Kubernetes manifest does not become part of the graph, so that nothing is left out silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cmdb.errors import Fault
from cmdb.words import listed, natural
from loaders.kubernetes.calls import Calls
from loaders.kubernetes.cluster import Cluster
from loaders.kubernetes.kinds import GATEWAY
from loaders.kubernetes.objects import KubernetesObject
from loaders.kubernetes.outside import stands_for
from loaders.kubernetes.relations import own_calls
from loaders.kubernetes.routes import backends

_LOST = ("1 Service selects no workload in this file", "{} Services select no workload in this file")
_BARE = (
    "1 Service has no selector, so what is behind it is not known",
    "{} Services have no selector, so what is behind them is not known",
)
_TORN = (
    "1 Service is described with different selectors, of which none is used",
    "{} Services are described with different selectors, of which none is used",
)
_IDLE = (
    "1 workload with replicas: 0 is not counted behind its Service",
    "{} workloads with replicas: 0 are not counted behind their Services",
)
_OWN = (
    "The call of 1 workload to its own Service is left out",
    "The calls of {} workloads to their own Services are left out",
)
_NOWHERE = (
    "1 Ingress or route leads to no Service",
    "{} Ingresses or routes lead to no Service",
)
_UNREAD = (
    "1 ConfigMap is not in this file, so the addresses in it are not known",
    "{} ConfigMaps are not in this file, so the addresses in them are not known",
)


def left_out(found: Iterable[KubernetesObject | Fault]) -> Iterator[str]:
    """Warn of objects that do not become items."""
    read_ones = [one for one in found if isinstance(one, KubernetesObject)]
    others = Counter(_shown(one) for one in read_ones if not one.is_known)
    if others:
        yield _counted(others, "of kinds that are no configuration items")
    owned = Counter(one.kind for one in read_ones if one.is_known and one.name and one.is_owned)
    if owned:
        yield _counted(owned, "that a workload made and stands for")


def not_modelled(cluster: Cluster, calls: Calls) -> Iterator[str]:
    """Warn of Services without workloads, and of workloads and routes whose relations were left out."""
    services = {one.source_id: one for one in cluster.services}.values()
    torn = [one for one in services if cluster.contradicts_itself(one.source_id)]
    empty = [one for one in services if not cluster.fitting(one.source_id)]
    whole = [one for one in empty if not cluster.contradicts_itself(one.source_id)]
    bare = [one for one in whole if not one.selector and stands_for(one, cluster) is None]
    lost = [one for one in whole if one.selector]
    idle = [one for service in services for one in cluster.idle(service.source_id)]
    yield from _warned(lost, _LOST)
    yield from _warned(bare, _BARE)
    yield from _warned(torn, _TORN)
    yield from _warned(idle, _IDLE)
    yield from _warned(own_calls(cluster, calls), _OWN)
    yield from _warned((one for one in cluster.routes if _leads_nowhere(one)), _NOWHERE)
    yield from _unread(cluster)


def _warned(found: Iterable[KubernetesObject], words: tuple[str, str]) -> Iterator[str]:
    """One sentence with the names, where there are any."""
    names = _names(found)
    if names:
        yield f"{words[len(names) > 1].format(len(names))}: {listed(names)}"


def _leads_nowhere(route: KubernetesObject) -> bool:
    return route.kind != GATEWAY and next(backends(route), None) is None


def _unread(cluster: Cluster) -> Iterator[str]:
    """Warn of ConfigMaps that workloads read and the file does not have."""
    missing = {
        (workload.namespace, one.config_map)
        for workload in cluster.workloads
        for one in cluster.configuration.missing(workload)
    }
    often = Counter(name for _, name in missing)
    names = (name if often[name] == 1 else f"{namespace}/{name}" for namespace, name in missing)
    if missing:
        yield f"{_UNREAD[len(missing) > 1].format(len(missing))}: {listed(sorted(names, key=natural))}"


def _names(found: Iterable[KubernetesObject]) -> list[str]:
    """The names of objects, with as much in front as tells them apart."""
    ids = {one.source_id: one for one in found}
    often = Counter(one.name for one in ids.values())
    names = (str(one.name) if often[one.name] == 1 else name for name, one in ids.items())
    return sorted(names, key=natural)


def _shown(one: KubernetesObject) -> str:
    return one.kind if one.api_version in {"v1", "apps/v1"} else f"{one.kind} ({one.api_version})"


def _counted(kinds: Counter[str], which: str) -> str:
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    objects_were = "1 object {} was" if kinds.total() == 1 else f"{kinds.total()} objects {{}} were"
    return f"{objects_were.format(which)} left out: {counts}"
