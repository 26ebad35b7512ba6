import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli.root import root
from cmdb.errors import CmdbError, Rejected, TooLarge, Unreadable
from loaders.content import understood
from loaders.source import Source
from tests.loaders.tables import SERVERS, brought, table


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_recognised_by_its_look(delimiter: str) -> None:
    """Without an ending in its name, a text with headers and equally long rows is a table."""
    text = f"key{delimiter}class\nweb{delimiter}server\n"
    seen = table(text, name="upload")
    assert (seen.format, [item.source_id for item in seen.items]) == ("table", ["web"])


@pytest.mark.parametrize(
    "text", ["note: one, two\nmore: three, four\n", "- a, b\n- c, d\n", "# a, b\nitems: []\n", "a word\n"]
)
def test_yaml_with_separators_in_it_stays_yaml(text: str) -> None:
    """A text that starts as YAML does is never taken for a table."""
    assert not understood(Source("upload", text.encode()), frozenset()).tables


def test_items_need_no_mapping_where_headers_are_the_vocabularys_words() -> None:
    """Keys are global, texts become what their fields hold, and empty cells say nothing."""
    text = "Key;Class;NAME;Tier;IP addresses\nweb;server;Web 1;2;10.0.0.1,10.0.0.2\ndb;database;;;\n"
    plan, items, _ = brought(table(text))
    assert plan.rejected == ()
    assert items == {
        "web": ("server", "Web 1", {"ip_addresses": ["10.0.0.1", "10.0.0.2"], "tier": 2}),
        "db": ("database", "db", {}),
    }


def test_relations_need_no_mapping_either() -> None:
    """The ends are keys; what is not there is unresolved, and how it is known is said."""
    keys = table("key,class\nweb,server\ndb,database\n")
    links = table("source,type,target,description\nweb,depends_on,db,Reads orders\nweb,depends_on,gone,\n")
    plan, _, relations = brought(keys, links)
    assert relations == {("web", "depends_on", "db"): {"known": "declared", "description": "Reads orders"}}
    assert [one.target for one in plan.unresolved] == ["gone"]


def test_each_bad_row_is_listed_and_the_rest_is_taken() -> None:
    """Unlike the native file, a table is not refused for one wrong row."""
    text = "key,class,tier\nweb,server,1\n,server,1\nx y,server,1\nq,server\nold,sever,1\nbig,server,9\n"
    plan, items, _ = brought(table(text))
    assert {key: fields for key, (_, _, fields) in items.items()} == {"web": {"tier": 1}, "big": {}}
    assert [(one.pointer, one.detail) for one in plan.rejected] == [
        ("servers.csv line 3", "this row does not say which item it is: key is empty"),
        ("servers.csv line 4", "“x y” cannot be a key: it holds a blank."),
        ("servers.csv line 5", "This row has 2 cells where the headers have 3."),
        ("servers.csv line 6", "there is no class “sever”. Did you mean server?"),
        ("servers.csv line 7", "tier: “9” is not one of: 1, 2, 3, 4"),
    ]


def test_an_unknown_column_is_refused() -> None:
    """A misspelt field is not passed over row by row."""
    with pytest.raises(Rejected, match=r"“teir” of servers.csv .* Did you mean tier\?"):
        table("key,class,teir\nweb,server,1\n")


def test_a_table_that_nobody_explains_is_refused_with_its_headers() -> None:
    """The message lists the headers, says how they were told apart, and how to write a mapping."""
    with pytest.raises(Rejected) as caught:
        table("Host;Location\nweb;Berlin\n")
    assert "It was read with semicolons between its columns." in str(caught.value)
    assert "The headers are: Host and Location." in str(caught.value)
    assert "--mapping FILE.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("key,class\n", Unreadable, "no rows"),
        ("key,class,Key \nweb,server,x\n", Rejected, "“key” .* and “Key”"),
        ("key,class,key\nweb,server,x\n", Rejected, "one header"),
        ("key,class\nweb,server\0\n", Unreadable, "NUL"),
        ('key,class,description\nweb,server,"never closed\nq,server,\n', Unreadable, "line 2: a quote"),
        ("key,class\n" + "web\n" * 2_000, Unreadable, "do not fit"),
        ("key,class\n" + "a,b\n" * 1_000_001, TooLarge, "1,000,000 cells"),
        ("\n" * 3_000_000, Unreadable, "is empty"),
        (",,\n,,\n", Unreadable, "is empty"),
        ("<html><body>Log in</body></html>", Unreadable, "web page"),
    ],
    ids=["headers", "case", "twice", "nul", "quote", "ragged", "cells", "lines", "commas", "page"],
)
def test_what_is_no_table_is_refused(text: str, error: type[CmdbError], says: str) -> None:
    """The message says what is wrong and where."""
    with pytest.raises(error, match=says):
        table(text)


def test_which_separator_was_found_is_said_where_the_name_lets_one_expect_another() -> None:
    """Commas in .csv and tabs in .tsv need no words."""
    rows = ("key{0}class", "web{0}server")
    said = {
        (name, mark): table("\n".join(rows).format(mark), name=name).warnings
        for name in ("a.csv", "a.tsv")
        for mark in (",", "\t")
    }
    assert said == {
        ("a.csv", ","): (),
        ("a.tsv", "\t"): (),
        ("a.csv", "\t"): ("a.csv was read with tabs between its columns.",),
        ("a.tsv", ","): ("a.tsv was read with commas between its columns.",),
    }


def test_another_encoding_is_told_by_the_mapping() -> None:
    """Without it the file is refused, and the message says what to do."""
    data = "Host,Raum\nköln-1,Küche\n".encode("cp1252")
    with pytest.raises(Unreadable, match='encoding = "cp1252"'):
        table(data, SERVERS)
    (item,) = table(data, f'encoding = "windows-1252"\n{SERVERS}').items
    assert item.source_id == "köln-1"
    with pytest.raises(Unreadable, match="not text in the encoding"):
        table(b"Host\n\x81\n", f'encoding = "cp1252"\n{SERVERS}')


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_marks_tell_the_encoding(encoding: str) -> None:
    """UTF-8 with and without a mark and UTF-16 with one need no word; a mark counts more than the mapping."""
    data = "Host\nköln-1\n".encode(encoding)
    told = SERVERS if encoding == "utf-8" else f'encoding = "cp1252"\n{SERVERS}'
    assert [item.source_id for item in table(data, told).items] == ["köln-1"]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    """Nothing is computed, and nothing is put in front of it."""
    (item,) = table(
        'Host,D\n-prod-db,"=HYPERLINK(""x"")"\n', f'{SERVERS}fields = {{description = "D"}}'
    ).items
    assert (item.source_id, item.attributes) == ("-prod-db", {"description": '=HYPERLINK("x")'})


def test_secrets_in_cells_are_left_out() -> None:
    """A password in a description is not kept."""
    (item,) = table("Host,D\nweb,password=hunter2xx\n", f'{SERVERS}fields = {{description = "D"}}').items
    assert item.attributes == {"description": "password=[redacted]"}


def test_the_command_takes_a_mapping(tmp_path: Path) -> None:
    """A mapping is a file of its own."""
    (tmp_path / "a.csv").write_text("Host\nweb\n")
    (tmp_path / "mapping.toml").write_text(SERVERS)
    arguments = ["import", str(tmp_path / "a.csv"), "--mapping", str(tmp_path / "mapping.toml"), "--json"]
    done = CliRunner().invoke(root, ["--store", "sqlite://", *arguments])
    assert (done.exit_code, json.loads(done.stdout)["items"]["added"]) == (0, 1)
