import codecs
import re

import pytest

from cmdb.errors import CmdbError, Rejected, TooLarge, Unreadable
from cmdb.observations import End
from loaders.source import Source
from loaders.tables.mapping_file import read_mapping
from loaders.tables.settings import ENCODINGS
from tests.loaders.tables import SERVERS, brought, faults, fields, mapping, table, vocabulary

FIELDS = "[items.fields]\n"


@pytest.mark.parametrize(
    ("told", "where", "says"),
    [
        ('[[item]]\nclass = "server"', "", "“item” is not known here; .* Did you mean items?"),
        ('[[items]]\nclas = "server"\nid = "Host"', r"items\[0\]", "Did you mean class?"),
        (
            '[[items]]\nclass = "sever"\nid = "Host"',
            r"items\[0\].class",
            "no class “sever”. Did you mean server?",
        ),
        (
            f'{SERVERS}{FIELDS}teir = "T"',
            r"items\[0\].fields.teir",
            "no field of this name. Did you mean tier?",
        ),
        (f'{SERVERS}{FIELDS}name = "T"', r"items\[0\].fields.name", "is no field"),
        (f'{SERVERS}{FIELDS}tier = {{split = ","}}', r"fields.tier", "give either a column or a value"),
        (f'{SERVERS}{FIELDS}tier = {{column = "T", split = ","}}', "fields.tier", "hold a list"),
        (f'{SERVERS}{FIELDS}owner = {{column = "T", unit = "GB"}}', "fields.owner", "hold numbers"),
        (f'{SERVERS}{FIELDS}memory_mb = {{column = "T", unit = "GB"}}', "fields.memory_mb", "is in MB"),
        (f'{SERVERS}[[items.relations]]\ntype = "runs_in"\ntarget = "T"', "type", "Did you mean runs_on?"),
        (f'{SERVERS}[[items.relations]]\ntype = "runs_on"', r"relations\[0\]", "either target or source"),
        ('[[items]]\nclass = "server"', r"items\[0\].id", "has to be given"),
        ("missing = []", "", "at least one table"),
        (f'dates = "%d.%m."\n{SERVERS}', r"dates\[0\]", "day, month and year"),
        (f'dates = "%x"\n{SERVERS}', r"dates\[0\]", "day, month and year"),
        (f'timezone = "Berlin"\n{SERVERS}', "timezone", "no time zone"),
        (f'timezone = "../etc"\n{SERVERS}', "timezone", "no time zone"),
        (f'encoding = "punycode"\n{SERVERS}', "encoding", "no encoding"),
        (f'delimiter = ":"\n{SERVERS}', "delimiter", "one of"),
        (f"{SERVERS}header = 0", r"items\[0\].header", "greater than or equal to 1"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_place(told: str, where: str, says: str) -> None:
    """Every message names the entry, and offers the word that was probably meant."""
    with pytest.raises(Rejected, match=says) as caught:
        mapping(told)
    (fault,) = caught.value.faults
    assert fault.pointer.startswith("mapping.toml")
    assert re.search(where, fault.pointer)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"[[items", Unreadable),
        (b"a = " + b"[" * 20_000, Unreadable),
        (b"\xff", Unreadable),
        (b"a = " + b"9" * 5_000, Unreadable),
        (b"#" * 70_000, TooLarge),
    ],
    ids=["toml", "deep", "bytes", "digits", "large"],
)
def test_what_is_no_mapping_file_is_refused(data: bytes, error: type[CmdbError]) -> None:
    """The message names the file."""
    with pytest.raises(error, match=r"mapping\.toml"):
        read_mapping(Source("mapping.toml", data), vocabulary())


def test_every_encoding_is_one_that_python_knows() -> None:
    """The list has Python's own names."""
    assert [codecs.lookup(name).name for name in sorted(ENCODINGS)] == sorted(ENCODINGS)


def test_an_unknown_column_is_refused_with_the_headers() -> None:
    """Before any row is read."""
    with pytest.raises(
        Rejected, match=r"no column “Host” in servers.csv. Did you mean Hosts\? The headers are"
    ):
        table("Hosts,Room\nweb,1\n", SERVERS)


@pytest.mark.parametrize(
    ("setting", "cell", "name", "expected"),
    [
        ("", "3", 'cpus = "C"', "3"),
        ("", "1,024", 'cpus = "C"', "1,024"),
        ('decimal = ","', "3,5", 'disk_gb = "C"', "3.5"),
        ("", "32 GB", 'memory_mb = {column = "C", unit = {GB = 1024, MB = 1}}', "32768"),
        ("", "0.5GB", 'memory_mb = {column = "C", unit = {GB = 1024, MB = 1}}', "512"),
        ("", "0.1 TB", 'disk_gb = {column = "C", unit = {TB = 1000.5}}', "100.05"),
        ('decimal = ","', "1,5 TB", 'disk_gb = {column = "C", unit = {TB = 1000}}', "1500"),
        ("", "7 GB", 'disk_gb = {column = "C", unit = "GB"}', "7"),
        ("", "gold", 'tier = {column = "C", values = {gold = 1, "" = 2}}', "1"),
        ("", "none", 'tier = {column = "C", values = {none = ""}}', None),
        ('missing = ["?", "n/a"]', "n/a", 'tier = "C"', None),
        ("", "x", "tier = {value = 3}", "3"),
        ("", "a; b;;c, d", 'labels = {column = "C", split = ";"}', ["a", "b", "c, d"]),
        (
            'dates = "%d/%m/%Y %H:%M"\ntimezone = "UTC"',
            "5/3/2026 12:00",
            'expires_at = "C"',
            "2026-03-05T12:00:00Z",
        ),
        (
            'dates = ["%d.%m.%Y"]\ntimezone = "Europe/Berlin"',
            "5.7.2026",
            'expires_at = "C"',
            "2026-07-04T22:00:00Z",
        ),
        ('dates = "%d.%m.%Y %z"', "5.3.2026 +0100", 'expires_at = "C"', "2026-03-04T23:00:00Z"),
        ('timezone = "Europe/Berlin"', "2026-03-05 12:00", 'expires_at = "C"', "2026-03-05T11:00:00Z"),
        ("", "2026-03-05T12:00:00Z", 'expires_at = "C"', "2026-03-05T12:00:00Z"),
    ],
)
def test_cells_are_read_as_the_mapping_says(
    setting: str, cell: str, name: str, expected: str | list[str] | None
) -> None:
    """Numbers, units, words and times come as texts that their fields can be read from."""
    found = fields(f"Host\tC\nweb\t{cell}\n", f"{setting}\n{SERVERS}{FIELDS}{name}")
    assert list(found.values()) == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("setting", "cell", "name", "says"),
    [
        ('decimal = ","', "1.024", 'cpus = "C"', "“1.024” is not a number with “,” as its decimal mark"),
        ("", "32 TB", 'memory_mb = {column = "C", unit = {GB = 1024}}', "not a number followed by GB"),
        ("", "1,5 GB", 'memory_mb = {column = "C", unit = {GB = 1024}}', "not a number followed by GB"),
        ("", "32", 'memory_mb = {column = "C", unit = {GB = 1024}}', "not a number followed by GB"),
        ("", "Gold", 'tier = {column = "C", values = {gold = 1}}', "what “Gold” stands for; it knows gold"),
        ("", "5/3/2026 12:00", 'expires_at = "C"', "a mapping can say how dates are written"),
        ("", "2026-03-05T12:00", 'expires_at = "C"', "has no time zone"),
        ('dates = "%d/%m/%Y"', "29/2/2026", 'expires_at = "C"', "“29/2/2026” is not written as “%d/%m/%Y”"),
        (
            'timezone = "Europe/Berlin"',
            "2026-03-29T02:30",
            'expires_at = "C"',
            "does not exist in Europe/Berlin",
        ),
        ('timezone = "UTC"', "0001-01-01", 'expires_at = "C"', None),
        ('timezone = "Europe/Berlin"', "0001-01-01", 'expires_at = "C"', "outside the years"),
        ("", "#N/A", 'description = "C"', "the error #N/A of a spreadsheet"),
        ("", "x" * 40_000, 'description = "C"', "40,000 characters; 32,767 is the most"),
    ],
    ids=range(13),
)
def test_what_is_written_otherwise_is_listed(setting: str, cell: str, name: str, says: str | None) -> None:
    """The row stays, without that value."""
    seen = table(f"Host\tC\nweb\t{cell}\n", f"{setting}\n{SERVERS}{FIELDS}{name}")
    assert [item.source_id for item in seen.items] == ["web"]
    assert [says is not None and says in reason for _, reason in faults(seen)] == ([True] if says else [])


@pytest.mark.parametrize("cell", ["1,024", "3,87,16,91,111", "1_000", "0x10", "12 "])
def test_numbers_are_not_guessed(cell: str) -> None:
    """What could be read in two ways is listed by the import."""
    seen = table(f'Host;C\nweb;"{cell}"\n', f'{SERVERS}{FIELDS}cpus = "C"')
    plan, items, _ = brought(seen)
    read = cell == "12 "
    assert items == {"web": ("server", "web", {"cpus": 12} if read else {})}
    assert len(plan.rejected) == (0 if read else 1)


ESTATE = """
[[items]]
class = {column = "Kind", values = {A = "application", S = "server", X = ""}}
id = ["Site", "No"]
name = "Name"

[[items.relations]]
type = "runs_on"
target = {column = "On", by = "name", class = "server", split = "+"}

[[items.relations]]
type = {column = "How", values = {needs = "depends_on", "-" = ""}}
source = {column = "By", by = "key"}
"""


def relations(text: str, told: str = ESTATE) -> list[tuple[End, str, End]]:
    """Read a table and return its relations."""
    return [(one.source, one.type, one.target) for one in table(text, told).relations]


def test_rows_name_others_by_name_and_key() -> None:
    """Either end may be the row's own item, and a cell may name several others."""
    text = (
        "Site,No,Kind,Name,On,How,By\n"
        "b,1,A,Shop,one + two,needs,portal\n"
        "b,2,S,one,,-,x\nm,2,S,two,,,\nm,3,X,tray,,needs,portal\n"
    )
    shop = End("application", "b:1")
    assert relations(text) == [
        (shop, "runs_on", End("server", "b:2")),
        (shop, "runs_on", End("server", "m:2")),
        (End(None, "portal"), "depends_on", shop),
    ]


def test_a_name_that_several_have_means_none_of_them() -> None:
    """It is listed; a name that nobody has is left to be found in the graph, or else unresolved."""
    text = "Site,No,Kind,Name,On,How,By\nb,1,A,Shop,one+nine,,\nb,2,S,one,,,\nb,3,S,one,,,\n"
    seen = table(text, ESTATE)
    assert [(one.target, one.target_called) for one in seen.relations] == [(End("server", "nine"), "nine")]
    assert faults(seen) == [
        ("servers.csv line 2", "2 items have the name “one”; say which one by its id and class")
    ]


def test_names_that_are_not_unique_make_keys_with_the_id() -> None:
    """Two items of one name can be told apart."""
    text = "Site,No,Kind,Name,On,How,By\nb,2,S,one,,,\nb,3,S,one,,,\nb,4,S,two,,,\nb,,S,three,,,\n"
    plan, items, _ = brought(table(text, ESTATE))
    assert set(items) == {"one:b:2", "one:b:3", "two"}
    assert [one.detail for one in plan.rejected] == [
        "this row does not say which item it is: Site and No is empty"
    ]


LINKS = """
[[relations]]
source = {column = "From", class = "application"}
type = {column = "Kind", values = {calls = "depends_on"}}
target = {column = "To", class = {column = "Class"}, values = {DB = "db-1", "-" = ""}}
fields = {description = "Note"}
"""


def test_a_table_of_relations() -> None:
    """Words are translated, and rows that lack an end are listed."""
    text = (
        "From;Kind;To;Class;Note\nshop;calls;DB;database;Orders\nshop;sends;DB;database;\n"
        ";calls;DB;database;\nshop;calls;-;database;\nshop;calls;DB;;\n"
    )
    seen = table(text, LINKS)
    (one,) = seen.relations
    assert (one.source, one.type, one.target) == (
        End("application", "shop"),
        "depends_on",
        End("database", "db-1"),
    )
    assert one.attributes == {"known": "declared", "description": "Orders"}
    assert [place for place, _ in faults(seen)] == [f"servers.csv line {line}" for line in (3, 4, 5, 6)]


def test_an_end_without_a_class_is_sought_in_the_file() -> None:
    """Where two classes share an id, or nothing has it, the row is listed."""
    told = '[[items]]\nclass = {column = "K"}\nid = "I"\n'
    told += '[[items.relations]]\ntype = "depends_on"\ntarget = "T"\n'
    seen = table("I,K,T\na,server,b\nb,database,c\nc,server,\nc,database,x\n", told)
    assert [(one.source.name, one.target) for one in seen.relations] == [("a", End("database", "b"))]
    assert [reason.split(";")[0] for _, reason in faults(seen)] == [
        "2 items have the id “c”",
        "nothing in this file has the id “x”",
    ]


def test_a_text_is_a_sheet_of_its_files_name() -> None:
    """One mapping can serve several files; a file it does not speak of is refused."""
    told = SERVERS.replace("class", 'sheet = "Servers"\nclass')
    assert len(table("Host\nweb\n", told, "lists/servers.csv.gz").items) == 1
    with pytest.raises(Rejected, match=r"speaks of Servers, but server\.csv is the table server"):
        table("Host\nweb\n", told, "server.csv")


def test_headers_may_stand_below_a_title() -> None:
    """The mapping says in which line."""
    told = SERVERS + "header = 3\n"
    assert [item.where for item in table("Our servers\n\nHost,Room\nweb,1\n", told).items] == [
        "servers.csv line 4"
    ]
    with pytest.raises(Unreadable, match="nothing in line 3"):
        table("Host\nweb\n", told)
