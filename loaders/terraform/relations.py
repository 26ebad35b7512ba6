"""What the instances of a Terraform state depend on.

A state names resources, not instances. So a dependency on a resource with several instances means all of
them: they form a group that needs every member, which keeps the number of relations small.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from cmdb.errors import Fault
from cmdb.observations import End, SeenItem, SeenRelation
from loaders.terraform.addresses import Address, Modules, Step
from loaders.terraform.state import Instance, State, older_address

CLASS, _GROUP = "cloud_resource", "redundancy_group"
_DECLARED = {"known": "declared"}
_EVERY = "100%"
_DEEPEST = 20
"""Modules inside one another, beyond which their keys are not told apart."""


class _Meant(NamedTuple):
    """What a dependency means: the resource as sentences call it, and its instances in the file."""

    called: str
    instances: Sequence[Instance]


class Estate:
    """The instances of one state and how they depend on each other.

    Attributes
    ----------
    groups
        Found while relations are: one for each resource of several instances that something depends on.
    skipped
        How many dependencies name no resource of this state's making, by what they name.
    """

    def __init__(self, state: State) -> None:
        self.groups: dict[str, SeenItem] = {}
        self.skipped: Counter[str] = Counter()
        self._state = state
        self._by_address = {one.address.text: one for one in state.instances}
        self._by_resource: dict[tuple[str, Modules], list[Instance]] = defaultdict(list)
        for one in state.instances:
            modules = one.address.modules
            for ahead in range(min(len(modules), _DEEPEST) + 1):
                self._by_resource[one.address.in_configuration, modules[:ahead]].append(one)

    def source_id(self, address: str) -> str:
        """An address of this state so that no other state has it."""
        return f"{self._state.lineage}:{address}" if self._state.lineage else address

    def relations(self) -> Iterator[SeenRelation | Fault]:
        """Every dependency; a fault for what is none."""
        for one in self._state.instances:
            done: set[End] = set()
            for dependency in one.dependencies:
                yield from self._depends(one, dependency, done)

    def _depends(self, one: Instance, dependency: object, done: set[End]) -> Iterator[SeenRelation | Fault]:
        address = older_address((), dependency) if isinstance(dependency, str) else None
        if address is None:
            yield Fault(one.where, "One of its dependencies is not the address of a resource.")
        elif address.is_data or not address.resource:
            self.skipped["data" if address.is_data else "module"] += 1
        else:
            meant = self._meant(one.address, address)
            yield from self._needs(one, meant, done)

    def _needs(self, one: Instance, meant: _Meant, done: set[End]) -> Iterator[SeenRelation | Fault]:
        first = meant.instances[0].address if meant.instances else None
        if first is not None and first.in_configuration == one.address.in_configuration:
            yield Fault(one.where, f"{one.address.text[:200]} is among its own dependencies.")
            return
        source = End(CLASS, self.source_id(one.address.text))
        if len(meant.instances) > 1:
            yield from self._grouped(meant)
            target = End(_GROUP, self.source_id(meant.called))
        else:
            target = End(CLASS, self.source_id(first.text if first else meant.called))
        if target not in done:
            done.add(target)
            yield SeenRelation(source, "depends_on", target, one.where, _DECLARED, meant.called)

    def _grouped(self, meant: _Meant) -> Iterator[SeenRelation]:
        """Say once what the group of several instances is."""
        if meant.called in self.groups:
            return
        source_id = self.source_id(meant.called)
        name, place = f"{meant.called} instances", meant.instances[0].where
        self.groups[meant.called] = SeenItem(
            _GROUP, source_id, name, {"needs": _EVERY}, place, (self._state.lineage, name)
        )
        for one in meant.instances:
            source = End(CLASS, self.source_id(one.address.text))
            yield SeenRelation(source, "member_of", End(_GROUP, source_id), one.where, _DECLARED)

    def _meant(self, source: Address, target: Address) -> _Meant:
        """What an address means: one from the top, or in older states from the module of its source."""
        for modules in (target.modules, (*source.modules, *target.modules)):
            exact = self._by_address.get(target._replace(modules=modules).text)
            if exact is not None:
                return _Meant(exact.address.text, [exact])
            same = _same_start(source.modules, modules)
            wanted = target._replace(modules=modules, key="")
            found = self._by_resource.get((wanted.in_configuration, source.modules[:same]))
            if found:
                rest = tuple(Step(one.name) for one in modules[same:])
                called = wanted._replace(modules=(*source.modules[:same], *rest)).text
                return _Meant(called, found)
        return _Meant(target.text, [])


def _same_start(modules: Modules, others: Modules) -> int:
    """How many modules two ways have in common, whatever their keys.

    Inside one instance of a module, names mean what stands in that instance.
    """
    pairs = zip(modules[:_DEEPEST], others, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].name == pair[1].name, pairs))
