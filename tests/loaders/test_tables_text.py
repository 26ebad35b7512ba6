import csv
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import CmdbError
from loaders.safe.delimited import read_delimited
from loaders.safe.table import Layout
from loaders.source import Source


def rows(text: str, delimiter: str | None = None) -> list[tuple[int, Sequence[object]]]:
    """Take a text apart."""
    found = read_delimited(Source("a.csv", b""), text, Layout(delimiter))
    return [(row.line, row.cells) for row in found.rows()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a,b\n"x\ny",z\nq,r\n', [(1, ["a", "b"]), (2, ["x\ny", "z"]), (4, ["q", "r"])]),
        ("a,b\r\nc,d\re,f\ng,h", [(1, ["a", "b"]), (2, ["c", "d"]), (3, ["e", "f"]), (4, ["g", "h"])]),
        ('a,b\n"say ""hi""", "b, c"\n', [(1, ["a", "b"]), (2, ['say "hi"', "b, c"])]),
        ('a,b\n5" disk,x\n', [(1, ["a", "b"]), (2, ['5" disk', "x"])]),
        ("a , b\n\n , \n c\u00a0,d", [(1, ["a", "b"]), (4, ["c", "d"])]),
        ("sep=;\na;b\n1;2\n", [(2, ["a", "b"]), (3, ["1", "2"])]),
    ],
)
def test_rows_are_taken_apart(text: str, expected: list[tuple[int, list[str]]]) -> None:
    """Quoted line ends, mixed line ends, doubled quotes and Excel's own first line are understood."""
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("name;note\na;x, y, z\nb;p, q\n", ";"),
        ('name,note\na,"1;2;3"\nb,"4;5"\n', ","),
        ("name\tprice\na\t1,5\nb\t2,5\n", "\t"),
        ("a|b|c\n1|2,3|4\n", "|"),
        ("size;price\n1,5;2,5\n3,5;4,5\n", ";"),
        ("one\ntwo\n", ","),
    ],
)
def test_the_separator_is_found_out(text: str, delimiter: str) -> None:
    """By the rows that have as many cells as the headers, not by how often it stands anywhere."""
    assert read_delimited(Source("a.csv", b""), text, Layout()).delimiter == delimiter


@given(
    table=st.lists(st.lists(st.text('ab ",;\n', max_size=6), min_size=2, max_size=4), min_size=1, max_size=5),
    everywhere=st.booleans(),
)
def test_what_python_writes_is_read_back(table: list[list[str]], *, everywhere: bool) -> None:
    """Whatever stands in the cells, except for blanks around it."""
    lines: list[str] = []

    class _Lines:
        def write(self, line: str) -> None:
            lines.append(line)

    csv.writer(_Lines(), quoting=csv.QUOTE_ALL if everywhere else csv.QUOTE_MINIMAL).writerows(table)
    expected = [[cell.strip() for cell in row] for row in table]
    assert [cells for _, cells in rows("".join(lines), ",")] == [row for row in expected if any(row)]


@given(st.text('ab",\n\r ', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fail in any other way."""
    try:
        found = rows(text)
    except CmdbError:
        return
    assert all(any(cells) for _, cells in found)


def test_a_very_long_cell_and_very_many_columns_are_read() -> None:
    """Neither is a reason to refuse what stands beside it."""
    wide = ",".join(f"c{number}" for number in range(10_000))
    assert len(rows(f"{wide}\n")[0][1]) == 10_000
    assert len(str(rows(f'a,b\n"{"x" * 200_000}",y\n', ",")[1][1][0])) == 200_000


def test_a_quote_over_most_of_the_file_is_refused() -> None:
    """A forgotten quote that another one closes far below does not swallow the rows between."""
    text = 'a,b\n"x,1\n' + "y,2\n" * 20_000 + '"z,3\n'
    with pytest.raises(CmdbError, match=r"line 2: the quote that is opened here is closed only 20,001 lines"):
        rows(text, ",")
