"""What a change says, as everything that asks about changes reads it; and the rules it goes by."""

from __future__ import annotations

import pytest

from cmdb.changes import Affected, Change, change_of
from cmdb.changes.form import FORM, fields_of
from cmdb.changes.rules import actions, life
from cmdb.changes.unregistered import Unregistered
from cmdb.harm import State
from cmdb.model import Item, Relation, RelationId
from cmdb.values import Value
from cmdb.vocabulary_files import load_vocabulary

VOCABULARY = load_vocabulary()


def touching(key: str, **values: Value) -> tuple[Relation, Item]:
    """Return how a change touches an item."""
    return Relation(RelationId("c", "affects", key), values), Item(key, key, "database", key.upper())


def change(*affects: tuple[Relation, Item], **fields: Value) -> Change:
    """Return a change."""
    return change_of(Item("c", "CHG-1", "change", "Patch", fields), affects)


def names(one: Change) -> list[list[str]]:
    """Return what acts together, step by step."""
    return [[item.name for item in step] for step in one.steps]


def test_steps_follow_each_other_and_what_has_one_step_acts_together() -> None:
    """However they are numbered; what is told of no step is in the first."""
    patched = change(
        touching("c", action="patch", step=7),
        touching("b", action="patch"),
        touching("a", action="patch", step=1),
        unregistered=["7 restart - - Fax"],
    )
    assert names(patched) == [["A", "B"], ["C", "Fax"]]
    assert [one.key for one in patched.affects] == ["a", "b", "c", None]


def test_what_is_shared_is_altered_in_one_act() -> None:
    """New credentials are new for every member, whatever steps are given; a patch takes its turns."""
    assert names(
        change(
            touching("a", action="rotate_credentials", step=2),
            touching("b", action="rotate_credentials", step=3),
            touching("c", action="patch", step=1),
        )
    ) == [["C"], ["A", "B"]]


@pytest.mark.parametrize(
    ("action", "effect", "state"),
    [
        ("configure", None, State.OK),
        ("add", None, State.OK),
        ("patch", None, State.OUT),
        ("restart", None, State.OUT),
        ("replace", None, State.OUT),
        ("retire", None, State.OUT),
        ("change_schema", None, State.OK),
        ("restart", "degraded", State.DEGRADED),
        ("configure", "out", State.OUT),
        (None, None, State.OUT),
        ("enchant", None, State.OUT),
    ],
)
def test_the_state_while_it_is_done(action: str | None, effect: str | None, state: State) -> None:
    """The action's own, unless an effect is told; what nobody knows is not taken to be harmless."""
    assert Affected("u", "db", "db", action, effect=effect).state is state


def test_what_is_retired_is_gone_afterwards() -> None:
    """And nothing else is."""
    assert [name for name, one in actions().items() if one.ends] == ["retire"]


def test_what_nobody_said_is_nothing() -> None:
    """A change that was imported with its name alone is a new, normal one without a window."""
    bare = change()
    assert (bare.type, bare.stage, bare.window, bare.affects, bare.zone) == ("normal", "new", None, (), "UTC")
    assert bare.plans.backout.tested is False


def test_a_window_is_told_in_its_zone() -> None:
    """In summer and in winter as the clocks show it."""
    window = change(
        planned_start="2026-10-24T23:30:00Z", planned_end="2026-10-25T02:30:00Z", zone="Europe/Berlin"
    ).window
    assert window is not None
    assert window.minutes == 180
    assert (f"{window.local_start:%H:%M}", f"{window.local_end:%H:%M}") == ("01:30", "03:30")


def test_every_action_is_one_of_the_vocabulary() -> None:
    """And each that the vocabulary knows has its rule; every move leads to a stage that there is."""
    assert VOCABULARY.fields["action"].one_of == (*actions(),)
    stages = life().stages
    assert life().first in stages
    assert {to for one in stages.values() for to in one.moves.values()} <= stages.keys()
    assert all(one.frozen and not one.moves for one in stages.values() if one.ended)


def test_every_part_that_is_written_is_a_field_of_a_change() -> None:
    """Each of another one."""
    fields = [*fields_of(FORM)]
    assert len(fields) == len({*fields})
    assert {*fields} - {"name"} <= VOCABULARY.item_fields("change").keys()


@pytest.mark.parametrize("text", ["2 restart out 30 Old fax gateway", "1 - - - x\ny", "3 patch - 0 - 5 - 7"])
def test_what_is_not_registered_is_one_text(text: str) -> None:
    """Which says the same when it is read."""
    assert str(Unregistered.read(text)) == text


@pytest.mark.parametrize("text", ["", "fax", "0 patch - - fax", "1 patch - -5 fax", "1 patch - - "])
def test_another_text_is_refused(text: str) -> None:
    """With how it has to be written."""
    with pytest.raises(ValueError, match="is not STEP ACTION EFFECT MINUTES NAME"):
        Unregistered.read(text)
