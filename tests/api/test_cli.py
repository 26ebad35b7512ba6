"""The command line, run in this process: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from threading import Event
from typing import Any

import click
import pytest

from api.cli import progress
from api.cli.main import run
from api.cli.progress import patience
from api.cli.root import root
from impact import critical

Command = Callable[..., int]
Captured = pytest.CaptureFixture[str]

SHOP = """
items:
  - {key: checkout, class: application_service, name: Checkout, tier: 1}
  - {key: db-a, class: database}
relations:
  - {source: checkout, type: depends_on, target: db-a}
"""

QUESTIONS = [
    ("show", "checkout"),
    ("search", "checkout", "service"),
    ("history", "checkout"),
    ("impact", "power-f2"),
    ("explain", "power-f2", "checkout"),
    ("explain", "power-f1", "payments"),
    ("explain", "srv-207", "checkout"),
    ("depends", "payments"),
    ("path", "power-f2", "checkout"),
    ("spof",),
    ("now",),
    ("simulate",),
    ("simulate", "tier:1", "tills", "--out", "power-f2"),
]


def commands(group: click.Command = root, *names: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that call it."""
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, *names, name)
    else:
        yield names, group


COMMANDS = dict(commands())


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a small native file."""
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    return path


def answer(captured: Captured) -> Any:  # noqa: ANN401
    """Return the one JSON document on standard output; nothing else may have been printed."""
    out, err = captured.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    return json.loads(out)


def problem(captured: Captured) -> Any:  # noqa: ANN401
    """Return the problem document on standard error; nothing else may have been printed."""
    out, err = captured.readouterr()
    assert out == ""
    return json.loads(err)


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(
    names: tuple[str, ...], cmdb: Command, capsys: Captured
) -> None:
    """Its help holds a line to copy, which names the command itself."""
    assert cmdb(*names, "--help") == 0
    assert f"Example: cmdb {' '.join(names)}" in capsys.readouterr().out


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_every_command_takes_json(names: tuple[str, ...]) -> None:
    """Scripts need not know which command can."""
    assert "--json" in {flag for one in COMMANDS[names].params for flag in one.opts}


def test_help_keeps_the_lines_of_its_examples(cmdb: Command, capsys: Captured) -> None:
    """The list of first commands is not run together into a paragraph."""
    assert cmdb("--help") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if line.startswith("  cmdb ")] == [
        ["cmdb", "demo"],
        ["cmdb", "import"],
        ["cmdb", "impact"],
        ["cmdb", "explain"],
    ]


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_a_question_with_json_prints_one_document(
    words: tuple[str, ...], cmdb: Command, capsys: Captured
) -> None:
    """Standard output holds one document with its format, standard error nothing."""
    assert cmdb(*words, "--json") == 0
    assert answer(capsys)["format"] == 1


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_a_question_in_words_is_plain_text_in_a_pipe(
    words: tuple[str, ...], cmdb: Command, capsys: Captured
) -> None:
    """There is something to read, without codes for a terminal, and nothing on standard error."""
    assert cmdb(*words) == 0
    out, err = capsys.readouterr()
    assert out.strip()
    assert "\x1b" not in out
    assert err == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "nobody"), 1),
        (("impact", "nobody"), 1),
        (("impact", "checkout", "nobody"), 1),
        (("explain", "checkout", "nobody"), 1),
        (("depends", "nobody"), 1),
        (("path", "checkout", "nobody"), 1),
        (("spof", "nobody"), 1),
        (("history", "nobody"), 1),
        (("show", "checkout", "--view", "@99"), 1),
        (("show", "checkout", "--view", "@0"), 1),
        (("import", "/nowhere/at/all.yaml"), 1),
        (("--vocabulary", "/nowhere/words.toml", "show", "checkout"), 1),
        (("impact", "checkout", "--frob"), 2),
        (("frob",), 2),
        (("impact",), 2),
        (("impact", "checkout", "--state", "bad"), 2),
        (("impact", "checkout", "--state", "ok"), 2),
        (("impact", "checkout", "--view", "yesterday"), 2),
        (("impact", "checkout", "--view", "@"), 2),
        (("impact", "checkout", "--view", "@2026-11-01"), 2),
        (("impact", "checkout", "--view", ""), 2),
        (("impact", "checkout", "--at", "noon"), 2),
        (("impact", "checkout", "--at", "2026-11-01T09:00:00+01:00"), 2),
        (("impact", "class:baseline"), 1),
        (("impact", "checkout", "class:baseline"), 1),
        (("impact", "clas:database"), 1),
        (("impact", "class:databse"), 2),
        (("impact", ""), 2),
        (("impact", "checkout", "tier:1 & tier:2"), 2),
        (("impact", "(" * 100_000), 2),
        (("spof", "class:baseline"), 1),
        (("spof", "tier:9"), 2),
        (("spof", "checkout", "--at", "noon"), 2),
        (("simulate", "nobody"), 1),
        (("simulate", "checkout", "--out", "nobody"), 1),
        (("simulate", "checkout", "--draws", "0"), 2),
        (("simulate", "checkout", "--draws", "many"), 2),
        (("simulate", "checkout", "--seed", "-1"), 2),
        (("search",), 2),
        (("search", "--select", "checkout or nobody"), 1),
        (("search", "--select", "status:lively"), 2),
        (("export", "--select", "class:baseline"), 1),
        (("export", "--select", "not"), 2),
        (("search", "e", "--limit", "0"), 2),
        (("search", "e", "--limit", "501"), 2),
        (("search", "e", "--cursor", "x"), 2),
        (("search", "e", "--cursor", "9" * 5000), 2),
        (("import", "/dev/null", "--format", "frob"), 2),
        (("serve", "--host", "0.0.0.0"), 2),  # noqa: S104  that is what must be refused
        (("serve", "--port", "99999"), 2),
        (("--store", "demo.db", "show", "checkout"), 2),
        (("--store", "sqlite:///", "show", "checkout"), 2),
    ],
    ids=lambda one: str(one)[:60],
)
def test_refusals(words: tuple[str, ...], code: int, cmdb: Command, capsys: Captured) -> None:
    """1 is for what is not there, 2 for wrong usage; both are told in words, and in JSON as a problem."""
    assert cmdb(*words) == code
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)

    assert cmdb(*words, "--json") == code
    assert problem(capsys).keys() == {"type", "title", "status", "detail"}


def test_without_a_command_the_help_is_shown(cmdb: Command, capsys: Captured) -> None:
    """`cmdb` alone is wrong usage; what can be done goes to standard error."""
    assert cmdb() == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "cmdb demo" in err


def test_a_store_that_is_no_database_is_unavailable(cmdb: Command, tmp_path: Path, capsys: Captured) -> None:
    """A folder, and a file of something else, both end with 3 and stay as they are."""
    other = tmp_path / "letter.txt"
    other.write_text("Dear reader, this is a letter and no database at all.\n" * 50)

    for path in (tmp_path, other):
        assert cmdb("--store", f"sqlite:///{path}", "show", "checkout", "--json") == 3
        assert problem(capsys)["status"] == 503
    assert other.read_text().startswith("Dear reader")


def test_show_tells_facts_and_relations(cmdb: Command, capsys: Captured) -> None:
    """An item is shown with its values, where they come from, and its relations in words."""
    assert cmdb("show", "checkout") == 0
    out = capsys.readouterr().out
    assert "Checkout  (checkout, application service)" in out
    assert "depends on          Checkout DB pool" in out
    assert "carries no harm" in out


def test_an_item_without_relations_is_told_so(cmdb: Command, capsys: Captured) -> None:
    """An empty list is not left to be noticed."""
    assert cmdb("show", "srv-207") == 0
    assert "srv-207 has no relations." in capsys.readouterr().out


def test_search_without_a_hit_is_done_and_says_so(cmdb: Command, capsys: Captured) -> None:
    """Nothing found is an answer, not an error."""
    assert cmdb("search", "zebra") == 0
    assert capsys.readouterr().out == "Nothing is called “zebra”.\n"


def test_search_says_how_to_go_on(cmdb: Command, capsys: Captured) -> None:
    """When there is more, the next command is printed."""
    assert cmdb("search", "e", "--limit", "2") == 0
    assert "go on with --cursor 2" in capsys.readouterr().out


def test_following_the_cursor_visits_everything_once(cmdb: Command, capsys: Captured) -> None:
    """The pages together are the whole answer, in its order."""
    cmdb("search", "srv", "--json")
    whole = answer(capsys)["items"]
    pages: list[Any] = []
    cursor: list[str] = []
    while True:
        cmdb("search", "srv", "--limit", "4", "--json", *cursor)
        page = answer(capsys)
        pages += page["items"]
        if page["next"] is None:
            break
        cursor = ["--cursor", page["next"]]
    assert pages == whole
    assert len(whole) > 8


def test_an_import_reports_in_the_agreed_form(cmdb_at_home: Command, shop: Path, capsys: Captured) -> None:
    """A dry run writes nothing, the import makes revision 1, and once more changes nothing."""
    numbers = {"added": 0, "changed": 0, "retired": 0, "unchanged": 0}

    assert cmdb_at_home("import", shop, "--dry-run", "--json") == 0
    planned = answer(capsys)
    assert planned["revision"] is None
    assert planned["items"] == {**numbers, "added": 2}
    assert planned["relations"] == {**numbers, "added": 1}

    assert cmdb_at_home("import", shop, "--json") == 0
    done = answer(capsys)
    assert done == {name: planned[name] for name in done} | {"revision": 1}

    assert cmdb_at_home("import", shop, "--json") == 0
    again = answer(capsys)
    assert again["revision"] is None
    assert again["items"] == {**numbers, "unchanged": 2}
    assert again["relations"] == {**numbers, "unchanged": 1}
    assert again.keys() >= {
        "format",
        "revision",
        "source",
        "formats",
        "items",
        "relations",
        "unresolved",
        "warnings",
        "rejected",
    }


def test_an_import_in_words(cmdb_at_home: Command, shop: Path, capsys: Captured) -> None:
    """A person reads what would happen, what happened, and that nothing is left to do."""
    for words, sentence in (
        (["--dry-run"], "This would change; nothing is written yet."),
        ([], "Imported as revision 1."),
        ([], "Nothing changes: the graph says this already."),
    ):
        assert cmdb_at_home("import", shop, *words) == 0
        assert capsys.readouterr().out.startswith(sentence)


def test_the_retirement_of_what_a_source_no_longer_lists(
    cmdb_at_home: Command, shop: Path, capsys: Captured
) -> None:
    """Above the ceiling it is refused, with the flag that allows it it is done."""
    less = shop.with_name("less.yaml")
    less.write_text("items:\n  - {key: checkout, class: application_service, name: Checkout, tier: 1}\n")
    assert cmdb_at_home("import", shop, "--source", "shop") == 0
    capsys.readouterr()

    assert cmdb_at_home("import", less, "--source", "shop") == 1
    assert "--allow-retire" in capsys.readouterr().err

    assert cmdb_at_home("import", less, "--source", "shop", "--allow-retire", "--json") == 0
    assert answer(capsys)["items"]["retired"] == 1


def test_without_a_source_nothing_is_retired(cmdb_at_home: Command, shop: Path, capsys: Captured) -> None:
    """What a file no longer lists is pointed out, with the flag that would retire it."""
    assert cmdb_at_home("import", shop) == 0
    shop.write_text("items:\n  - {key: checkout, class: application_service, name: Checkout, tier: 1}\n")
    capsys.readouterr()

    assert cmdb_at_home("import", shop) == 0
    out = capsys.readouterr().out
    assert "No longer listed, kept: db-a. --source NAME retires" in out
    assert "--source" in out


def test_every_fault_of_a_file_is_listed(cmdb_at_home: Command, tmp_path: Path, capsys: Captured) -> None:
    """With --json the problem holds them all; in words the first twenty and how many more."""
    path = tmp_path / "wrong.yaml"
    path.write_text("items:\n" + "".join(f"  - {{key: k{n}, class: frob}}\n" for n in range(30)))

    assert cmdb_at_home("import", path, "--json") == 1
    assert len(problem(capsys)["errors"]) == 30

    assert cmdb_at_home("import", path) == 1
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 22
    assert err[-1] == "  … 10 more; --json lists them all"


def test_the_actor_is_written_down_as_declared(cmdb_at_home: Command, shop: Path, capsys: Captured) -> None:
    """`--as` names who writes; the history says that this was only declared."""
    assert cmdb_at_home("--as", "Zoë", "import", shop) == 0
    capsys.readouterr()
    assert cmdb_at_home("history", "checkout", "--json") == 0
    assert {(one["author"], one["identity"]) for one in answer(capsys)["history"]} == {("Zoë", "declared")}


def test_history_tells_what_changed(cmdb_at_home: Command, shop: Path, capsys: Captured) -> None:
    """Newest first: the field with its value before and after, then how it all began."""
    cmdb_at_home("import", shop)
    shop.write_text(SHOP.replace("tier: 1", "tier: 2"))
    cmdb_at_home("import", shop)
    capsys.readouterr()

    assert cmdb_at_home("history", "checkout") == 0
    out = capsys.readouterr().out
    assert "version 2" in out
    assert out.index("tier: 1 → 2") < out.index("created")


def test_a_message_names_few_of_many_files(cmdb_at_home: Command, tmp_path: Path, capsys: Captured) -> None:
    """A folder of files makes no endless message."""
    for number in range(9):
        (tmp_path / f"{number}.yaml").write_text(f"items:\n  - {{key: s{number}, class: server}}\n")
    cmdb_at_home("import", tmp_path)
    cmdb_at_home("history", "s0", "--json")
    message = json.loads(capsys.readouterr().out.splitlines()[-1])["history"][0]["message"]
    assert message == f"Import of 9 files, {tmp_path / '0.yaml'} first"


def test_names_are_printed_as_they_are(cmdb_at_home: Command, tmp_path: Path, capsys: Captured) -> None:
    """Markup, emoji codes and long names come out whole; what would steer a terminal does not."""
    long = "x" * 30_000
    path = tmp_path / "odd.yaml"
    path.write_text(
        f"""items:
  - {{key: "ns:cloud:web", class: server, name: "[bold]a[/bold] :warning: \\e[31mred"}}
  - {{key: long, class: server, name: "{long[:4000]}", description: "{long}"}}
"""
    )
    assert cmdb_at_home("import", path) == 0
    capsys.readouterr()

    for words in (("show", "ns:cloud:web"), ("search", "cloud"), ("history", "ns:cloud:web")):
        assert cmdb_at_home(*words) == 0
        out = capsys.readouterr().out
        assert "ns:cloud:web" in out
        assert "[bold]a[/bold] :warning: \N{REPLACEMENT CHARACTER}[31mred" in out

    assert cmdb_at_home("show", "long") == 0
    out = capsys.readouterr().out
    assert long in out
    assert long[:4000] in out


def test_a_name_that_is_no_text_is_refused_in_words(cmdb: Command, capsys: Captured) -> None:
    """Bytes that are no UTF-8 reach a command as half characters; they are told, not crashed on."""
    for words in (["show", "\udcff"], ["show", "\udcff", "--json"]):
        assert cmdb(*words) == 1
        assert "Nothing has the key" in capsys.readouterr().err


def test_words_of_an_impact(cmdb: Command, capsys: Captured) -> None:
    """Services come first and worst first, then what else is hit, what held, whom to call."""
    assert cmdb("impact", "power-f2") == 0
    out = capsys.readouterr().out
    order = ["Checkout and Click & collect go out.", "⊗ out", "▼ degraded", "Also hit", "Redundancy", "Call"]
    places = [out.index(one) for one in order]
    assert places == sorted(places)
    assert "Hurt anyway" in out
    assert "Resting on what is not live" in out


def test_an_impact_with_the_drawing(cmdb: Command, capsys: Captured) -> None:
    """`--graph` adds boxes and arrows and changes nothing else."""
    asked = ("impact", "power-f2", "--at", "2026-11-20T12:00:00Z", "--json")
    cmdb(*asked)
    plain = answer(capsys)
    cmdb(*asked, "--graph")
    drawn = answer(capsys)
    assert drawn.keys() - plain.keys() >= {"boxes", "arrows"}
    assert {name: drawn[name] for name in plain} == plain


def test_verify_says_no_with_an_exit_code_only_when_asked(cmdb: Command, capsys: Captured) -> None:
    """An answer is an answer; only with --exit-code does "no" become a failure."""
    assert cmdb("verify", "--exit-code") == 0
    assert "all as written" in capsys.readouterr().out
    assert cmdb("verify", "--noted", "abc") == 0
    assert cmdb("verify", "--noted", "abc", "--exit-code") == 4
    assert "it was cut off or written anew" in capsys.readouterr().out


def test_a_change_that_no_count_shows_is_not_called_nothing(
    cmdb_at_home: Command, tmp_path: Path, capsys: Captured
) -> None:
    """People and teams are left out of the counts, but what an import says it did is still true."""
    file = tmp_path / "team.yaml"
    file.write_text("items: [{key: ops, class: team, on_call: ext. 1}]")
    assert cmdb_at_home("import", file, "--dry-run") == 0
    assert "This would change; nothing is written yet." in capsys.readouterr().out
    assert cmdb_at_home("import", file) == 0
    assert "Imported as revision 1." in capsys.readouterr().out
    assert cmdb_at_home("import", file) == 0
    assert "Nothing changes: the graph says this already." in capsys.readouterr().out


def test_a_line_break_in_a_name_begins_no_line(
    cmdb_at_home: Command, tmp_path: Path, capsys: Captured
) -> None:
    """Somebody's data cannot pretend to be a line of ours."""
    file = tmp_path / "a.json"
    file.write_text(
        json.dumps({"items": [{"key": "a", "class": "server", "name": "a\nroot, revision 9: fake"}]})
    )
    cmdb_at_home("import", file)
    capsys.readouterr()
    for question in (("show", "a"), ("search", "a"), ("history", "a")):
        assert cmdb_at_home(*question) == 0
        assert not any(line.startswith("root, revision 9") for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize(
    "words",
    [
        ("show", "checkout"),
        ("search", "x"),
        ("impact", "checkout"),
        ("data",),
        ("diff", "@1", "live"),
        ("verify",),
        ("export",),
        ("edit", "checkout", "tier=1"),
        ("withdraw", "project:apollo", "checkout"),
    ],
)
def test_only_who_fills_a_store_makes_one(words: tuple[str, ...], tmp_path: Path, capsys: Captured) -> None:
    """A mistyped store is told, by its name, and does not pass for an empty one."""
    missing = tmp_path / "folder" / "typo.db"
    assert run([*words, "--store", f"sqlite:///{missing}"]) == 3
    out, err = capsys.readouterr()
    assert f"There is no store {missing}. Import a file to make it" in err
    assert out == ""
    assert not missing.parent.exists()


def test_a_dry_run_needs_no_store(shop: Path, tmp_path: Path, capsys: Captured) -> None:
    """It tells what the import would make of an empty one, and makes none."""
    missing = tmp_path / "new" / "shop.db"
    assert run(["import", str(shop), "--dry-run", "--json", "--store", f"sqlite:///{missing}"]) == 0
    assert json.loads(capsys.readouterr().out)["items"]["added"] > 0
    assert not missing.parent.exists()
    assert run(["import", str(shop), "--store", f"sqlite:///{missing}"]) == 0
    assert missing.exists()


def test_a_search_that_was_stopped_says_so(
    cmdb_at_home: Command, shop: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where too much could be a single point of failure, what was not tried is told."""
    assert cmdb_at_home("import", shop) == 0
    monkeypatch.setattr(critical, "ROWS_AT_MOST", -1)
    assert cmdb_at_home("spof", "checkout") == 0
    assert "items as far away or farther were not tried" in capsys.readouterr().out


def test_many_items_are_told_of_calmly(cmdb_at_home: Command, tmp_path: Path, capsys: Captured) -> None:
    """The first are shown, and how many more there are; the JSON document has them all."""
    rate = "failures_per_year: 2, hours_to_restore: 40"
    services = [f"  - {{key: s{n}, class: application_service, {rate}}}" for n in range(40)]
    pools = [f"  - {{key: p{n}, class: redundancy_group}}" for n in range(40)]
    relations = [f"  - {{source: s0, type: depends_on, target: p{n}}}" for n in range(40)]
    path = tmp_path / "many.yaml"
    path.write_text("\n".join(["items:", *services, *pools, "relations:", *relations]))
    assert cmdb_at_home("import", path) == 0
    capsys.readouterr()
    for words, rows in (("simulate", 40), ("spof", 80)):
        assert cmdb_at_home(words) == 0
        out = capsys.readouterr().out
        assert out.count("… 15 more; --json lists them all") == rows // 40
        assert cmdb_at_home(words, "--json") == 0
        document = json.loads(capsys.readouterr().out)
        assert len(document["items"]) + len(document.get("groups", ())) == rows


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("impct", "x"), 2, ["impact", "import", "See cmdb --help."]),
        (("impact", "--stat", "out", "x"), 2, ["--state", "See cmdb impact --help."]),
        (("impact",), 2, ["SELECTION", "See cmdb impact --help."]),
        (("export", "--format", "xml"), 2, ["'yaml', 'json'", "See cmdb export --help."]),
        (("completion", "tcsh"), 2, ["'bash', 'zsh', 'fish'", "See cmdb completion --help."]),
        (("show", "chekout"), 1, ["Close to it: checkout"]),
        (("edit", "checkout", "teir=1"), 1, ["Did you mean tier?"]),
        (("relate", "checkout", "dependson", "srv-207"), 1, ["Did you mean depends_on?"]),
        (("services", "--owner", "teamshop"), 1, ["Did you mean team-shop?"]),
        (("undo", "99"), 1, ["the newest is"]),
        (("show", "checkout", "--view", "livee"), 2, ["A view is: live, @REVISION"]),
        (("--store", "bolt://127.0.0.1:1", "show", "x"), 3, ["it cannot be reached"]),
    ],
    ids=str,
)
def test_a_refusal_says_what_to_do(
    words: tuple[str, ...], code: int, said: list[str], cmdb: Command, capsys: Captured
) -> None:
    """In one line: what was wrong, and what would be right or where it is told."""
    assert cmdb(*words) == code
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert all(part in err for part in said)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("import", "FOLDER"), 1, "holds no file that ends in"),
        (("export", "FOLDER"), 1, "is no file that could be replaced"),
        (("backup", "FOLDER"), 1, "is no file that could be replaced"),
        (("backup", "FOLDER/none/b.jsonl"), 1, "There is no folder"),
        (("restore", "FOLDER"), 1, "Is a directory"),
        (("--vocabulary", "FOLDER", "show", "checkout"), 1, "cannot be read: Is a directory."),
        (("--store", "sqlite:///FOLDER", "show", "checkout"), 3, "FOLDER"),
        (("export", "FOLDER/locked/x.yaml"), 1, "Permission denied"),
        (("backup", "FOLDER/locked/x.jsonl"), 1, "Permission denied"),
        (("import", "FOLDER/secret.yaml"), 1, "Permission denied"),
        (("import", "FOLDER/closed/any.yaml"), 1, "any.yaml cannot be read: Permission denied"),
        (("restore", "FOLDER/closed/any.jsonl"), 1, "any.jsonl cannot be read: Permission denied"),
        (("--store", "sqlite:///FOLDER/closed/own.db", "show", "x"), 3, "own.db cannot be used"),
    ],
    ids=str,
)
def test_files_that_are_none_or_may_not_be_used(
    *, words: tuple[str, ...], code: int, said: str, cmdb: Command, tmp_path: Path, capsys: Captured
) -> None:
    """A folder where a file is expected, one that is not there, and what somebody may not read or write."""
    (tmp_path / "locked").mkdir(mode=0o500)
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "secret.yaml").touch(mode=0)
    if ("denied" in said or "closed" in " ".join(words)) and os.access(tmp_path / "locked", os.W_OK):
        pytest.skip("whoever runs this may do everything")
    folder = tmp_path / "locked" if words == ("import", "FOLDER") else tmp_path
    assert cmdb(*(word.replace("FOLDER", str(folder)) for word in words)) == code
    err = capsys.readouterr().err
    assert said.replace("FOLDER", str(folder)) in err
    assert "Errno" not in err


def test_whoever_waits_is_told_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """What takes longer than a moment says so on standard error; otherwise nothing does."""
    shown = Event()
    terminal = Terminal(shown)
    with patience():
        pass
    assert capsys.readouterr().err == ""

    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "A_MOMENT", 0)
    with patience():
        assert shown.wait(60)
    assert "Reading and working it out" in terminal.getvalue()
    written = len(terminal.getvalue())
    with patience(quiet=True):
        pass
    assert len(terminal.getvalue()) == written


class Terminal(StringIO):
    """A terminal that tells when something is written to it."""

    def __init__(self, shown: Event) -> None:
        super().__init__()
        self._shown = shown

    def isatty(self) -> bool:
        """Say that it is one."""
        return True

    def write(self, text: str) -> int:
        """Keep what is written."""
        written = super().write(text)
        if "working it out" in self.getvalue():
            self._shown.set()
        return written
