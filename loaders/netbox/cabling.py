"""Cables: what they end at, and where a way leads that starts at an interface.

A way goes from cable to cable, through patch panels and along circuits, until it ends at another device.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from loaders.netbox.dump import Dump, Pk, Row

FRONT, REAR = "dcim.frontport", "dcim.rearport"
CIRCUIT_END = "circuits.circuittermination"
_PASSED_THROUGH = frozenset({FRONT, REAR, CIRCUIT_END})

_LONGEST = 100
_WIDEST = 16
"""Steps that a way is followed, and ends of one cable that it is followed to."""


class Port(NamedTuple):
    """Anything a cable can end at: an interface, a port of a patch panel, the end of a circuit."""

    model: str
    pk: Pk


@dataclass(slots=True)
class Way:
    """Where a way from an interface leads.

    Attributes
    ----------
    cable
        The first cable, the interface's own.
    cables, circuits
        What lies behind it on the way.
    ends
        The ports in which it ends.
    leaves
        Whether it ends in a circuit of which the other side is not known: at a provider.
    """

    cable: Pk
    cables: list[Pk] = field(default_factory=list)
    circuits: list[Pk] = field(default_factory=list)
    ends: list[Port] = field(default_factory=list)
    leaves: bool = False


_Strands = tuple[Pk, ...]
"""Which strands of the cables between patch panels a way runs in, the innermost last."""


class Cabling:
    """All cables of a dump by what they end at."""

    def __init__(self, dump: Dump) -> None:
        self._dump = dump
        self._ends: dict[tuple[Pk, str], list[Port]] = defaultdict(list)
        self._cables: dict[Port, tuple[Pk, str]] = {}
        for cable, side, port in _terminations(dump):
            self._ends[cable, side].append(port)
            self._cables[port] = (cable, side)
        self._fronts = _front_ports(dump)
        self._sides = _circuit_sides(dump)

    def ports(self, cable: Pk) -> list[Port]:
        """Everything a cable ends at."""
        return [port for side in "AB" for port in self._ends.get((cable, side), ())]

    def cable(self, port: Port) -> Pk | None:
        """The cable in a port, `None` where there is none."""
        return self._cables[port][0] if port in self._cables else None

    def opposite(self, port: Port) -> list[Port]:
        """What stands at the other end of the cable in a port."""
        if port not in self._cables:
            return []
        cable, side = self._cables[port]
        return self._ends.get((cable, "A" if side == "B" else "B"), [])[:_WIDEST]

    def way(self, start: Port) -> Way | None:
        """Follow the way that starts at a port, `None` where no cable is in it."""
        cable = self.cable(start)
        if cable is None:
            return None
        way, seen = Way(cable), {start}
        waiting: deque[tuple[Port, _Strands]] = deque([(start, ())])
        for _ in range(_LONGEST):
            if not waiting:
                break
            port, strands = waiting.popleft()
            for other in self.opposite(port):
                following = self._pass(way, other, strands)
                if following is not None and following[0] not in seen:
                    seen.add(following[0])
                    waiting.append(following)
        return way

    def _pass(self, way: Way, port: Port, strands: _Strands) -> tuple[Port, _Strands] | None:
        """Enter what a way reaches with a port, and tell from which port with a cable it goes on."""
        if port.model not in _PASSED_THROUGH:
            way.ends.append(port)
            return None
        following = self._through(port, strands)
        cable = self.cable(following[0]) if following else None
        if port.model == CIRCUIT_END:
            self._enter_circuit(way, port, goes_on=cable is not None)
        if cable is None:
            return None
        way.cables.append(cable)
        return following

    def _enter_circuit(self, way: Way, port: Port, *, goes_on: bool) -> None:
        termination = self._dump.find(*port)
        circuit = None if termination is None else termination.pk_of("circuit")
        if circuit is not None:
            way.circuits.append(circuit)
            way.leaves = way.leaves or not goes_on

    def _through(self, port: Port, strands: _Strands) -> tuple[Port, _Strands] | None:
        """The port behind this one inside a patch panel or circuit, and the strands on the way."""
        row = self._dump.find(*port)
        if row is None:
            return None
        if port.model == FRONT:
            rear = row.pk_of("rear_port")
            return None if rear is None else (Port(REAR, rear), (*strands, _strand(row)))
        if port.model == REAR:
            front = self._fronts.get((port.pk, strands[-1] if strands else 1))
            return None if front is None else (Port(FRONT, front), strands[:-1])
        circuit = row.pk_of("circuit")
        sides = self._sides.get(circuit, []) if circuit is not None else []
        other = next((side for side in sides if side != port), None)
        return None if other is None else (other, strands)


def _strand(front: Row) -> Pk:
    return front.pk_of("rear_port_position") or 1


def _front_ports(dump: Dump) -> dict[tuple[Pk, Pk], Pk]:
    """The front port of each strand of a rear port."""
    pairs = ((row.pk_of("rear_port"), row) for row in dump.all(FRONT))
    return {(rear, _strand(row)): row.pk for rear, row in pairs if rear is not None}


def _circuit_sides(dump: Dump) -> dict[Pk, list[Port]]:
    """The two sides of each circuit; more than two mean nothing."""
    found: dict[Pk, list[Port]] = defaultdict(list)
    for row in dump.all(CIRCUIT_END):
        circuit = row.pk_of("circuit")
        if circuit is not None and len(found[circuit]) < 2:
            found[circuit].append(Port(row.model, row.pk))
    return found


def _terminations(dump: Dump) -> Iterator[tuple[Pk, str, Port]]:
    """What each cable ends at: rows of their own, before NetBox 3.3 fields of the cable."""
    for row in dump.all("dcim.cabletermination"):
        cable, target = row.pk_of("cable"), dump.target(row, "termination_type", "termination_id")
        if cable is not None and target is not None:
            yield cable, "B" if row.text("cable_end") == "B" else "A", Port(*target)
    for row in dump.all("dcim.cable"):
        for side in "AB":
            name = f"termination_{side.lower()}"
            target = dump.target(row, f"{name}_type", f"{name}_id")
            if target is not None:
                yield row.pk, side, Port(*target)
