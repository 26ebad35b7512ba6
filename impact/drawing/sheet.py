"""The sheet a drawing is made on: boxes, and the rows of harm between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from cmdb.harm import State
from impact import reach
from impact.answer import Answer
from impact.drawing.ranks import Ranks, rank
from impact.picture import Picture, Row
from impact.wording import STATE_WORDS

BOXES_AT_MOST = 40
COLUMN_AT_MOST = 14
COLUMNS_AT_MOST = 6
"""What fits a screen of 1280 by 800 so that its words can be read."""

Kind = Literal["item", "service", "group", "fold", "members"]


@dataclass(frozen=True)
class Box:
    """One box: the items in it, what it says, and the state it shows.

    Attributes
    ----------
    places
        The items it stands for, the one that gives it its name first.
    fixed
        Whether it must stay a box of its own.
    """

    kind: Kind
    places: tuple[int, ...]
    label: str
    second: str
    state: State
    fixed: bool = False

    @property
    def loose(self) -> bool:
        """Whether it stands for items that need not be seen one by one."""
        return self.kind in {"item", "fold"} and not self.fixed


@dataclass
class Sheet:
    """The drawing while it is folded: boxes by id, and the rows of harm between them, both ways."""

    answer: Answer
    boxes: dict[str, Box] = field(default_factory=dict)
    _out: dict[str, dict[str, list[Row]]] = field(default_factory=lambda: defaultdict(dict))
    _into: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _ranks: Ranks | None = None

    @property
    def ranks(self) -> Ranks:
        """Which columns the boxes stand in as they are now."""
        if self._ranks is None:
            boxes = sorted(self.boxes, key=lambda name: (not self.is_cause(name), name))
            found = rank(boxes, self.out)
            # The members that are still up stand beside those that are lost.
            beside = {
                name: min(found.before[end] for end in self.out(name)) - 1
                for name, box in self.boxes.items()
                if box.kind == "members"
            }
            self._ranks = replace(found, before={**found.before, **beside})
        return self._ranks

    def is_cause(self, name: str) -> bool:
        """Whether a box is a cause."""
        return self.boxes[name].places[0] in self.answer.causes

    def into(self, box: str) -> list[str]:
        """The boxes whose harm reaches a box."""
        return sorted(self._into[box])

    def out(self, box: str) -> list[str]:
        """The boxes that a box's harm reaches."""
        return sorted(self._out[box])

    def arrows(self) -> list[tuple[str, str]]:
        """The pairs of boxes that harm passes between, in order."""
        return [(start, end) for start in sorted(self._out) for end in self.out(start)]

    def rows(self, start: str, end: str) -> list[Row]:
        """The rows of harm behind an arrow."""
        return self._out[start][end]

    def add(self, start: str, end: str, rows: Iterable[Row]) -> None:
        """Let harm pass between two boxes; within one box nothing is drawn."""
        if start != end:
            self._out[start].setdefault(end, []).extend(rows)
            self._into[end].add(start)
            self._ranks = None

    def crowded(self) -> bool:
        """Whether there are more boxes, in all or in one column, than fit a screen."""
        columns = Counter(self.ranks.before.values())
        return len(self.boxes) > BOXES_AT_MOST or max(columns.values(), default=0) > COLUMN_AT_MOST

    def too_wide(self) -> bool:
        """Whether there are more columns than fit a screen."""
        return self.ranks.columns > COLUMNS_AT_MOST

    def merge(self, ids: Iterable[str], box: Box) -> None:
        """Replace some boxes by one, which takes over their arrows; arrows among them go."""
        gone = set(ids)
        new = min(gone)
        ends = [(one, end, rows) for one in gone for end, rows in self._out.pop(one, {}).items()]
        starts = [
            (start, one, self._out[start].pop(one))
            for one in gone
            for start in self._into.pop(one, set()) - gone
        ]
        for start, end, _ in ends:
            self._into[end].discard(start)
        for one in gone:
            del self.boxes[one]
        self.boxes[new] = box
        self._ranks = None
        for start, end, rows in (*ends, *starts):
            self.add(new if start in gone else start, new if end in gone else end, rows)


def draw(answer: Answer) -> Sheet:
    """Draw an answer, nothing folded yet."""
    sheet = Sheet(answer)
    picture = answer.picture
    drawn = dict.fromkeys([*picture.in_order(answer.causes), *answer.affected, *answer.absorbed])
    for place in drawn:
        sheet.boxes[box_id(picture, place)] = _own_box(answer, place)
    for place in drawn:
        for row in picture.rows_from(place):
            if row.end in drawn and row.end != place and passed(answer, row):
                sheet.add(box_id(picture, place), box_id(picture, row.end), [row])
    for place in drawn:
        if picture.is_group(place):
            _draw_other_members(sheet, place, drawn)
    return sheet


def _draw_other_members(sheet: Sheet, number: int, drawn: Iterable[int]) -> None:
    answer, picture = sheet.answer, sheet.answer.picture
    others = picture.in_order(picture.group(number).members - set(drawn))
    if not others:
        return
    up = all(answer.harm.state[one] < State.OUT for one in others)
    label = f"{len(others)} other member{'s' if len(others) > 1 else ''}"
    state = State(max(answer.harm.state[one] for one in others))
    box = Box("members", tuple(others), label, "still up" if up else "hurt before", state, fixed=True)
    name = f"members-{box_id(picture, number)}"
    sheet.boxes[name] = box
    rows = [row for row in picture.rows_to(number) if row.counted and row.start in set(others)]
    sheet.add(name, box_id(picture, number), rows)


def _own_box(answer: Answer, place: int) -> Box:
    picture = answer.picture
    state = State(answer.harm.state[place])
    service, group = picture.is_service(place), picture.is_group(place)
    kind: Kind = "group" if group else "service" if service else "item"
    fixed = place in answer.causes or group or (service and picture.weight(place) <= 2)
    return Box(kind, (place,), picture.names[place], _second_line(answer, place), state, fixed=fixed)


def _second_line(answer: Answer, place: int) -> str:
    state = STATE_WORDS[State(answer.harm.state[place])]
    if place in answer.causes:
        return f"you set it to {STATE_WORDS[answer.causes[place]]}"
    if answer.picture.is_group(place):
        standing = answer.standing(place)
        return f"{standing.up} of {standing.members} left, needs {standing.needs}"
    if answer.picture.is_service(place):
        tier = answer.picture.tier(place)
        return f"{state}, tier {tier}" if tier else f"{state}, unclassified"
    return answer.picture.vocabulary.short(answer.picture.class_name(place))


def passed(answer: Answer, row: Row) -> State:
    """What harm passes along a row; a counted row passes the member's state on to the count."""
    return State(reach.passed(row, answer.harm.state[row.start]))


def position(sheet: Sheet, name: str) -> tuple[int, int, str]:
    """Where a box comes in order: by column, then by the key of its first item."""
    box = sheet.boxes[name]
    return sheet.ranks.before[name], int(sheet.answer.picture.rank[box.places[0]]), name


def box_id(picture: Picture, place: int) -> str:
    """The id of an item's own box."""
    return f"b{picture.rank[place]:06}"
