"""What an item needs, and how things hang together, drawn as trees; and how a terminal shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from api.cli.trees import CHILDREN_AT_MOST, LEVELS_AT_MOST, SHOWN_AT_MOST
from tests.api.test_command import cmdb as process

pytestmark = pytest.mark.slow

Command = Callable[..., int]
Captured = pytest.CaptureFixture[str]
Draw = Callable[..., list[str]]


@pytest.fixture
def drawn(cmdb_at_home: Command, tmp_path: Path, capsys: Captured) -> Draw:
    """Return a function that imports relations of servers and returns what a command prints of them."""

    def draw(pairs: list[tuple[str, str]], *words: str) -> list[str]:
        keys = dict.fromkeys(key for pair in pairs for key in pair)
        items = [{"key": key, "class": "server"} for key in keys]
        relations = [{"source": source, "type": "depends_on", "target": target} for source, target in pairs]
        path = tmp_path / "estate.json"
        path.write_text(json.dumps({"items": items, "relations": relations}))
        assert cmdb_at_home("import", path) == 0
        capsys.readouterr()
        assert cmdb_at_home(*words) == 0
        return capsys.readouterr().out.splitlines()

    return draw


def test_needs_are_a_tree(drawn: Draw) -> None:
    """Each item stands once, where it is nearest; who else needs it is told beside it."""
    assert drawn([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "e")], "depends", "a") == [
        "a needs four items.",
        "a",
        "├── depends on b  server",
        "│   └── depends on d  server  also for c",
        "│       └── depends on e  server",
        "└── depends on c  server",
    ]


def test_a_circle_is_marked(drawn: Draw) -> None:
    """Where something needs what it is needed by, the tree ends and says so."""
    lines = drawn([("a", "b"), ("b", "c"), ("c", "b"), ("c", "a")], "depends", "a")
    assert lines[1:] == [
        "a  ↺ a circle with c",
        "└── depends on b  server  ↺ a circle with c",
        "    └── depends on c  server",
    ]


def test_an_item_that_needs_nothing_has_no_tree(drawn: Draw) -> None:
    """The sentence is the answer."""
    assert drawn([("a", "b")], "depends", "b") == ["b needs nothing that is known."]


def test_of_many_alike_the_first_are_drawn(drawn: Draw) -> None:
    """The others are counted where they would stand, with all that stands below them."""
    pairs = [("a", f"b{n:02}") for n in range(40)]
    lines = drawn(pairs, "depends", "a")
    assert len(lines) == 2 + CHILDREN_AT_MOST + 1
    assert lines[-1] == f"└── … {40 - CHILDREN_AT_MOST} more: 28 of class server; --json lists them all"


def test_every_item_is_drawn_or_counted(drawn: Draw) -> None:
    """However many there are, and however deep it goes, the tree stays readable and nothing is left out."""
    pairs = [("a", f"b{n}") for n in range(60)]
    pairs += [(f"b{n}", f"c{n}-{m}") for n in range(60) for m in range(3)]
    pairs += [("a", "d0"), *((f"d{n}", f"d{n + 1}") for n in range(300))]
    lines = drawn(pairs, "depends", "a")
    shown = [line for line in lines[2:] if "…" not in line]
    hidden = sum(int(found[1]) for line in lines if (found := re.search(r"… ([\d,]+) more", line)))
    assert len(shown) <= SHOWN_AT_MOST
    assert len(shown) + hidden == 60 + 180 + 301
    assert max(line.count("│") + line.count("    ") for line in lines) <= LEVELS_AT_MOST


def test_chains_that_begin_alike_are_drawn_once(drawn: Draw) -> None:
    """A path is set in only where it forks, however long it is."""
    pairs = [("a", "b"), ("b", "c"), ("b", "d"), ("c", "e"), ("d", "e")]
    tree = [
        "a",
        "depends on b",
        "├── depends on c",
        "│   depends on e",
        "└── depends on d",
        "    depends on e",
    ]
    assert drawn(pairs, "path", "e", "a")[1:] == tree
    states = [re.sub(r"[⊗] out ", "", line) for line in drawn(pairs, "explain", "e", "a")]
    assert states[2:] == tree
    long = [(f"n{number}", f"n{number + 1}") for number in range(200)]
    assert max(map(len, drawn(long, "path", "n200", "n0"))) < 80


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize(
    "words",
    [("depends", "payments"), ("impact", "power-f2"), ("explain", "power-f2", "customer-app")],
    ids=str,
)
def test_nothing_is_wider_than_the_terminal(
    width: int, words: tuple[str, ...], demo_file: Path, tmp_path: Path
) -> None:
    """Lines are broken between words, tables between columns; each state is a glyph, a word and a colour."""
    shown = on_terminal(words, demo_file, tmp_path, COLUMNS=str(width))
    assert "\x1b[1;31m" in shown or words[0] == "depends"
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(cell_len, plain.splitlines())) <= max(width, 60)
    assert ("⊗ out" in plain) == (words[0] != "depends")


def test_wide_and_backward_characters(tmp_path: Path) -> None:
    """Names that take two columns a letter stay within the width; marks that turn a line around are shown."""
    file, store = tmp_path / "names.json", tmp_path / "own.db"
    names = {"a": "支払いサービス" * 8, "b": "שרת תשלומים", "c": "safe\u202etxt.exe"}
    items = [{"key": key, "class": "server", "name": name} for key, name in names.items()]
    relations = [{"source": "a", "type": "depends_on", "target": key} for key in "bc"]
    file.write_text(json.dumps({"items": items, "relations": relations}))
    assert process("import", str(file), home=tmp_path, CMDB_STORE=f"sqlite:///{store}").returncode == 0

    shown = on_terminal(("depends", "a"), store, tmp_path, COLUMNS="60")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(cell_len, plain.splitlines())) <= 60
    assert names["b"] in plain
    assert "\u202e" not in plain


@pytest.mark.parametrize("told", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_without_colour_the_words_stay(told: dict[str, str], demo_file: Path, tmp_path: Path) -> None:
    """Whoever wants no colour, or has a terminal without, reads the same."""
    shown = on_terminal(("impact", "power-f2"), demo_file, tmp_path, **told)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", shown)
    assert "⊗ out" in re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_a_terminal_without_the_lines_of_trees(demo_file: Path, tmp_path: Path) -> None:
    """It gets a tree of plain characters."""
    told = {"CMDB_STORE": f"sqlite:///{demo_file}", "PYTHONIOENCODING": "ascii"}
    assert "|   `-- is part of Firewall" in process("depends", "payments", home=tmp_path, **told).stdout


def on_terminal(words: tuple[str, ...], store: Path, home: Path, **told: str) -> str:
    """Return what a command prints where it is told that it prints to a terminal."""
    told = {"CMDB_STORE": f"sqlite:///{store}", "FORCE_COLOR": "1", "TERM": "xterm-256color", **told}
    done = process(*words, home=home, **told)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
