import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest

from cmdb.errors import CmdbError, Rejected, TooLarge, Unreadable
from loaders.detect import read
from loaders.source import Source
from tests.loaders.tables import SERVERS, faults, mapping, table, vocabulary, workbook

FIELDS = f'{SERVERS}fields = {{description = "D", cpus = "C", expires_at = "T", restore_within = "R"}}\n'
HEADERS: list[object] = ["Host", "D", "C", "T", "R"]


def repacked(data: bytes, **changed: bytes | None) -> bytes:
    """Change parts of a workbook; their names end in the given words."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            stem = part.rpartition("/")[2].partition(".")[0]
            content = changed.get(stem, old.read(part))
            if content is not None:
                new.writestr(part, content)
    return file.getvalue()


def test_cells_become_texts_as_excel_shows_them() -> None:
    """Whole numbers have no fraction, durations and truth are written out, and text stays."""
    rows: list[list[object]] = [
        HEADERS,
        ["web", 1.5, 8.0, None, timedelta(hours=4)],
        [1001.0, True, 8, None, None],
        [datetime(2026, 3, 5), date(2026, 3, 5), "08", None, None],  # noqa: DTZ001
        ["late", time(12, 30), None, None, None],
        ["text", "'=1", None, None, None],
    ]
    seen = table(workbook({"A": rows}), FIELDS, "a.xlsx")
    assert [(item.source_id, item.attributes) for item in seen.items] == [
        ("web", {"description": "1.5", "cpus": "8", "restore_within": "PT14400S"}),
        ("1001", {"description": "true", "cpus": "8"}),
        ("2026-03-05", {"description": "2026-03-05", "cpus": "08"}),
        ("late", {"description": "12:30:00"}),
        ("text", {"description": "'=1"}),
    ]
    assert seen.rejected == ()


def test_a_decimal_comma_does_not_touch_numbers() -> None:
    """A number of a workbook has no mark that could be mistaken; a text has."""
    told = f'decimal = ","\n{SERVERS}fields = {{disk_gb = "D"}}'
    seen = table(workbook({"A": [["Host", "D"], ["a", 1.5], ["b", "1,5"], ["c", "1.024"]]}), told, "a.xlsx")
    assert [item.attributes for item in seen.items] == [{"disk_gb": "1.5"}, {"disk_gb": "1.5"}, {}]
    assert [place for place, _ in faults(seen)] == ["a.xlsx sheet A row 4"]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("", None),
        ('timezone = "UTC"\n', "2026-07-05T12:00:00Z"),
        ('timezone = "Europe/Berlin"\n', "2026-07-05T10:00:00Z"),
    ],
)
def test_times_need_a_zone(zone: str, expected: str | None) -> None:
    """Excel knows none, so the mapping has to say it."""
    moment = datetime(2026, 7, 5, 12)  # noqa: DTZ001
    seen = table(workbook({"A": [HEADERS, ["web", "", None, moment, None]]}), zone + FIELDS, "a.xlsx")
    assert seen.items[0].attributes.get("expires_at") == expected
    assert ["has no time zone" in reason for _, reason in faults(seen)] == [True] * (expected is None)


def test_formulas_that_were_never_computed_are_listed() -> None:
    """An empty cell is nothing; a formula without a result is something that is missing."""
    rows: list[list[object]] = [
        HEADERS,
        ["web", "=A1", None, None, None],
        [None, None, "=1+1", None, None],
        ["db", None, None, None, None],
    ]
    seen = table(workbook({"A": rows}), FIELDS, "a.xlsx")
    assert [(item.source_id, item.attributes) for item in seen.items] == [("web", {}), ("db", {})]
    assert [(place, reason.partition(";")[0]) for place, reason in faults(seen)] == [
        ("a.xlsx sheet A row 2", "description: column “D”: the formula has no stored result"),
        ("a.xlsx sheet A row 3", "this row does not say which item it is: Host is empty"),
    ]


def test_errors_of_formulas_are_listed() -> None:
    """A failed lookup is no value."""
    seen = table(workbook({"A": [HEADERS, ["web", "#N/A", None, None, None]]}), FIELDS, "a.xlsx")
    assert faults(seen) == [
        ("a.xlsx sheet A row 2", "description: column “D”: it holds the error #N/A of a spreadsheet")
    ]


def test_sheets_with_the_vocabularys_words_are_read_together() -> None:
    """Items and relations may stand in one workbook; notes beside them are named."""
    sheets = {
        "Items": [["key", "class"], ["web", "server"], ["db", "database"]],
        "Links": [["source", "type", "target"], ["web", "depends_on", "db"]],
        "Notes": [["Made by Ada"]],
        "Empty": [],
    }
    seen = table(workbook(sheets), None, "a.xlsx")
    assert ([item.source_id for item in seen.items], len(seen.relations)) == (["web", "db"], 1)
    assert seen.warnings == (
        "a.xlsx sheet Notes was left out: its headers are not the vocabulary's own words.",
    )


def test_the_mapping_says_which_sheet() -> None:
    """With several it has to; one that is not there is named."""
    data = workbook({"Old": [["Host"], ["x"]], "Newest": [["Host"], ["web"]]})
    with pytest.raises(Rejected, match=r"several sheets: Old and Newest\. .* sheet = \"Old\""):
        table(data, SERVERS, "a.xlsx")
    with pytest.raises(Rejected, match=r"speaks of Newst, .* Did you mean Newest\?"):
        table(data, SERVERS + 'sheet = "Newst"', "a.xlsx")
    told = SERVERS + 'sheet = "newest"\n' + SERVERS + 'sheet = "Spare"\n'
    seen = table(data, told, "a.xlsx")
    assert [item.source_id for item in seen.items] == ["web"]
    assert seen.warnings == ("The mapping speaks of Spare, which a.xlsx does not have.",)


def test_an_empty_workbook_is_refused() -> None:
    """There is nothing in it to import."""
    with pytest.raises(Unreadable, match="is empty"):
        table(workbook({"A": []}), SERVERS, "a.xlsx")


def sheet(rows: bytes) -> bytes:
    """Write the XML of a sheet."""
    name = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return b'<worksheet xmlns="' + name + b'"><sheetData>' + rows + b"</sheetData></worksheet>"


FAR = b'<row r="9999999"><c r="A9999999" t="str"><v>a</v></c></row>'
WIDE = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(1, 1_000))


@pytest.mark.parametrize(
    "part",
    [
        sheet(b" " * (65 * 2**20)),
        sheet(b'<row><c t="str"><v>a</v></c></row>' * 200_000),
        sheet(b"<mergeCell/>" * 60_000),
        sheet(FAR),
        sheet(WIDE),
    ],
    ids=["bomb", "cells", "extras", "far", "wide"],
)
def test_a_workbook_that_would_take_too_long_is_refused(part: bytes) -> None:
    """By what it says of itself, before it is opened where that is possible."""
    data = repacked(workbook({"A": [["Host"], ["web"]]}), sheet1=part)
    with pytest.raises(TooLarge, match=r"a\.xlsx holds more than .* CSV"):
        table(data, SERVERS, "a.xlsx")


def test_too_many_parts_are_refused() -> None:
    """An archive of 100,000 entries is no workbook."""
    file = io.BytesIO(workbook({"A": [["Host"], ["web"]]}))
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(3_000):
            archive.writestr(f"x/{number}", b"")
    with pytest.raises(TooLarge, match="2,000 parts"):
        table(file.getvalue(), SERVERS, "a.xlsx")


ENTITIES = b'<!DOCTYPE a [<!ENTITY b "cccc">]><a>&b;</a>'


@pytest.mark.parametrize(
    "changed",
    [
        {"sheet1": b"<a>"},
        {"sheet1": ENTITIES},
        {"workbook": b""},
        {"workbook": None},
        {"styles": ENTITIES},
        {"sheet1": sheet(b'<row r="x"><c r="A1"/></row>')},
        {"sheet1": sheet(b'<row r="1"><c r="A1" t="s"><v>99</v></c></row>')},
    ],
    ids=["xml", "entities", "nothing", "gone", "styles", "row", "index"],
)
def test_a_damaged_workbook_is_refused(changed: dict[str, bytes | None]) -> None:
    """Whatever is wrong with it, the message names the file and what to do."""
    data = repacked(workbook({"A": [["Host"], ["web"]]}), **changed)
    with pytest.raises(Unreadable, match=r"a\.xlsx cannot be read as a workbook"):
        table(data, SERVERS, "a.xlsx")


def test_a_workbook_that_is_cut_off_is_refused() -> None:
    """At every sixteenth."""
    data = workbook({"A": [["Host"], ["web"]]})
    for part in range(1, 16):
        with pytest.raises(CmdbError):
            table(data[: len(data) * part // 16], SERVERS, "a.xlsx")


def test_an_old_workbook_is_refused_with_a_cure() -> None:
    """So is one with a password, which is packed the same way."""
    with pytest.raises(Unreadable, match=r"Save it as \.xlsx"):
        read(Source("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500), vocabulary())


def test_a_document_is_no_workbook() -> None:
    """A text document has the same wrapping."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(Unreadable, match="cannot be read as a workbook"):
        read(Source("a.docx", file.getvalue()), vocabulary(), mapping=mapping(SERVERS))
