"""Services that stand for something else: a host outside the cluster, or a Service under another name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cmdb.observations import End, SeenItem
from loaders.kubernetes.addresses import address
from loaders.kubernetes.cluster import Cluster
from loaders.kubernetes.kinds import SERVICE
from loaders.kubernetes.objects import KubernetesObject

_HOST = re.compile(r"[^\s/:]{1,253}")


def outside(service: KubernetesObject, cluster: Cluster) -> Iterator[SeenItem]:
    """The host outside the cluster that a Service stands for, if it does."""
    end = stands_for(service, cluster)
    if end is not None and end.class_name == "external_service":
        host = end.name.partition(":")[2]
        yield SeenItem("external_service", end.name, host, {}, service.where, ("external", host))


def stands_for(service: KubernetesObject, cluster: Cluster) -> End | None:
    """What a Service of the type ExternalName leads to, `None` where it leads nowhere."""
    host = service.external_name
    if host is None or not _HOST.fullmatch(host) or cluster.contradicts_itself(service.source_id):
        return None
    within = address(host)
    if within is not None and within.is_full:
        return End("technical_service", f"{SERVICE.lower()}:{within.namespace}:{within.service}")
    return End("external_service", f"external:{host}")
