"""Autoscalers: how many copies of a workload they always keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from loaders.kubernetes.objects import KubernetesObject, inside


def fewest_copies(autoscalers: Iterable[KubernetesObject]) -> Mapping[str, int]:
    """The least number of copies by the id of the workload, where all that is said of it agrees."""
    said: dict[str, set[int]] = defaultdict(set)
    for one in autoscalers:
        target = inside(one.body, "spec", "scaleTargetRef")
        kind, name = target.get("kind"), target.get("name")
        fewest = inside(one.body, "spec").get("minReplicas", 1)
        if isinstance(kind, str) and isinstance(name, str) and type(fewest) is int and fewest >= 0:
            said[f"{kind.lower()}:{one.namespace}:{name}"].add(fewest)
    return {workload: numbers.pop() for workload, numbers in said.items() if len(numbers) == 1}
