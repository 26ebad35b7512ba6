"""The kinds of Kubernetes objects that matter here, by the API group each belongs to."""

from __future__ import annotations

from typing import NamedTuple

SERVICE = "Service"
INGRESS = "Ingress"
GATEWAY = "Gateway"
CONFIG_MAP = "ConfigMap"
AUTOSCALER = "HorizontalPodAutoscaler"


class Kind(NamedTuple):
    """A kind of object that is read.

    Attributes
    ----------
    groups
        Its API groups. Other groups have kinds of the same name that mean something else.
    class_name
        What it becomes; `None` where it is read only for what it says of others.
    template
        The way to the description of its pods, `None` where it has none.
    serves
        Whether its pods run on to answer requests, and not just until their work is done.
    """

    groups: frozenset[str]
    class_name: str | None
    template: tuple[str, ...] | None = None
    serves: bool = True


_APPS = frozenset({"apps", "extensions"})
_BATCH = frozenset({"batch"})
_CORE = frozenset({""})
_NETWORKING = frozenset({"networking.k8s.io", "extensions"})
_GATEWAYS = frozenset({"gateway.networking.k8s.io"})
_TEMPLATE = ("spec", "template")

KINDS = {
    "Deployment": Kind(_APPS, "workload", _TEMPLATE),
    "StatefulSet": Kind(_APPS, "workload", _TEMPLATE),
    "DaemonSet": Kind(_APPS, "workload", _TEMPLATE),
    "ReplicaSet": Kind(_APPS, "workload", _TEMPLATE),
    "ReplicationController": Kind(_CORE, "workload", _TEMPLATE),
    "Job": Kind(_BATCH, "workload", _TEMPLATE, serves=False),
    "CronJob": Kind(_BATCH, "workload", ("spec", "jobTemplate", *_TEMPLATE), serves=False),
    "Pod": Kind(_CORE, "workload", ()),
    SERVICE: Kind(_CORE, "technical_service"),
    INGRESS: Kind(_NETWORKING, "load_balancer"),
    GATEWAY: Kind(_GATEWAYS, "load_balancer"),
    "HTTPRoute": Kind(_GATEWAYS, "load_balancer"),
    "GRPCRoute": Kind(_GATEWAYS, "load_balancer"),
    CONFIG_MAP: Kind(_CORE, None),
    AUTOSCALER: Kind(frozenset({"autoscaling"}), None),
}
