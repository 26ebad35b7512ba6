"""Figures for those who watch over the server, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.service import Service
from cmdb.errors import CmdbError

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""The bounds between which requests are counted by how long they took."""


class Metrics:
    """What is counted of one application."""

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "cmdb_http_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "cmdb_http_request_seconds",
            "How long a request took until its answer had gone out.",
            ["route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Graph(service))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; its route is the template of its address, which holds no values."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def told(self) -> bytes:
        """All figures in Prometheus's text format."""
        return generate_latest(self._registry)


class _Graph(Collector):
    """What the graph is like at the moment it is asked."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            scene = self._service.workspace.scene()
        except CmdbError:  # the store has not been there since the start
            yield _gauge("cmdb_ready", "Whether questions can be answered.", 0)
            return
        picture = scene.picture
        yield _gauge("cmdb_ready", "Whether questions can be answered.", 1)
        yield _gauge(
            "cmdb_stale", "Whether the store is away and answers come from what was last seen.", scene.stale
        )
        yield _gauge("cmdb_revision", "The revision that answers are about.", picture.revision)
        yield _gauge("cmdb_items", "Items in the graph, retired ones too.", len(picture))
        yield _gauge("cmdb_relations", "Relations in the graph.", picture.relations.live)


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value)
