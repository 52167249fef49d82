"""What a person gets in the workspace from the CSV files that tools export."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from import_pipeline.errors import PayloadError
from import_pipeline.intake import Reading, preview, read_payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

Read = Callable[..., tuple[list[tuple], Reading, list[tuple]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(content: bytes | str, **options: object) -> tuple[list[tuple], Reading, list[tuple]]:
        path = tmp_path / "payload"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with duckdb.connect() as connection:
            connection.execute("SET allowed_paths = $paths", {"paths": [str(path), f"{path}.utf8"]})
            connection.execute("SET enable_external_access = false")
            found = read_payload(connection, path, ReadOptions.model_validate(options), Settings())
            rows = connection.execute("SELECT * FROM source_rows ORDER BY row_number").fetchall()
            defects = connection.execute(
                "SELECT row_number, code, level FROM defects ORDER BY row_number, code"
            ).fetchall()
            names = connection.execute("SELECT name FROM source_columns ORDER BY position").fetchall()
        assert found.total_rows == len(rows)
        assert tuple(name for (name,) in names) == found.columns
        return rows, found, defects

    return reading


def test_a_plain_file_is_read_in_its_order_with_row_numbers(read: Read) -> None:
    rows, found, defects = read("name,phone\nAda,+44 1\nBob,007\n")
    assert rows == [(1, "Ada", "+44 1"), (2, "Bob", "007")]
    assert found.columns == ("name", "phone")
    assert defects == []


def test_semicolons_and_decimal_commas_are_told_apart(read: Read) -> None:
    rows, found, _ = read("name;price\nAda;1,50\nBob;2,75\n")
    assert found.delimiter == ";"
    assert rows[0] == (1, "Ada", "1,50")


def test_commas_with_a_space_in_quoted_text_are_no_delimiter(read: Read) -> None:
    text = "Lorem ipsum, dolor sit amet, consetetur. " * 50
    content = "id,name,notes\n" + "".join(f'{number},Ada {number},"{text}{number}"\n' for number in range(200))
    rows, found, defects = read(content)
    assert (found.delimiter, found.columns, defects) == (",", ("id", "name", "notes"), [])
    assert rows[-1] == (200, "199", "Ada 199", f"{text}199")


def test_one_cell_in_apostrophes_over_two_lines_shows_what_quotes(read: Read) -> None:
    rows, found, _ = read("No;Name;Remark\n1;Ada;new\n2;Bob;'calls\nlater'\n3;Cid;old\n4;Eve;O'Hara\n")
    assert found.quote == "'"
    assert rows == [
        (1, "1", "Ada", "new"),
        (2, "2", "Bob", "calls\nlater"),
        (3, "3", "Cid", "old"),
        (4, "4", "Eve", "O'Hara"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_encoding_is_found(read: Read, encoding: str) -> None:
    text = "name,city\n" + "Jürgen Groß,Zürich\nFrançois,Besançon\nMaría Peña,Cádiz\n" * 5
    rows, _, _ = read(text.encode(encoding))
    assert rows[0] == (1, "Jürgen Groß", "Zürich")
    assert rows[2] == (3, "María Peña", "Cádiz")


def test_an_odd_byte_behind_the_first_megabyte_still_decides_the_encoding(read: Read) -> None:
    text = "name,city\n" + "Ada Lovelace,London\n" * 70_000 + "Jürgen Groß,Zürich\nFrançois,Besançon\n"
    rows, found, _ = read(text.encode("cp1252"))
    assert found.total_rows == 70_002
    assert rows[-2][1:] == ("Jürgen Groß", "Zürich")


def test_ragged_rows_keep_their_place_and_are_reported(read: Read) -> None:
    rows, _, defects = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    assert [row[0] for row in rows] == [1, 2, 3, 4]
    assert rows[1] == (2, "4", "5", None)
    assert rows[3] == (4, "10", "11", "12")
    assert defects == [(2, "missing_cells", "warning"), (3, "too_many_cells", "error")]


def test_quoted_newlines_stay_in_their_cell(read: Read) -> None:
    rows, _, _ = read('a,b\r\n1,"x\r\ny"\r\n2,z\r\n')
    assert rows == [(1, "1", "x\r\ny"), (2, "2", "z")]


def test_blank_lines_are_not_rows(read: Read) -> None:
    rows, _, _ = read("a,b\n\n1,2\n   \n\n3,4\n\n")
    assert rows == [(1, "1", "2"), (2, "3", "4")]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"\n\n \n", "blank"), (b"name,email\n", "no data rows"), (bytes(range(256)) * 40, "not text")],
)
def test_a_file_without_rows_is_refused_with_its_reason(read: Read, content: bytes, message: str) -> None:
    with pytest.raises(PayloadError, match=message):
        read(content)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PayloadError, match="not a file"):
        preview(tmp_path, ReadOptions(), Settings())


def test_a_preview_shows_the_first_rows_and_what_columns_hold(tmp_path: Path) -> None:
    path = tmp_path / "payload"
    path.write_text("name,born,children\nAda,1815-12-10,3\nBob,1999-01-01,\n")
    shown = preview(path, ReadOptions(), Settings(), sample=1)
    assert shown.sample_rows == [["Ada", "1815-12-10", "3"]]
    assert shown.column_types == ["text", "date", "integer"]
    assert shown.reading.columns == ("name", "born", "children")


SPOKEN = "made by hand\nx;y\n1;2\n3;4\n"


@pytest.mark.parametrize(
    ("options", "columns", "rows"),
    [
        ({"skip_rows": 1}, ("x", "y"), [("1", "2"), ("3", "4")]),
        ({"header_row": 2}, ("x", "y"), [("1", "2"), ("3", "4")]),
        ({"skip_rows": 1, "header_row": 0}, ("Column 1", "Column 2"), [("x", "y"), ("1", "2"), ("3", "4")]),
        ({"skip_rows": 2, "header_row": 1}, ("1", "2"), [("3", "4")]),
        ({"delimiter": ",", "header_row": 2}, ("x;y",), [("1;2",), ("3;4",)]),
    ],
)
def test_what_is_told_by_hand_wins(
    read: Read, options: dict[str, object], columns: tuple[str, ...], rows: list[tuple]
) -> None:
    found, reading, _ = read(SPOKEN, **options)
    assert reading.columns == columns
    assert [row[1:] for row in found] == rows


def test_no_quoting_keeps_quotes_as_text(read: Read) -> None:
    rows, _, _ = read('size,name\n5",a\n"6,b\n', quote="", header_row=1)
    assert rows == [(1, '5"', "a"), (2, '"6', "b")]


def test_reading_goes_on_below_a_header_that_comes_again(read: Read) -> None:
    text = "name,age\n" + "".join(f"P{i},{i}\n" for i in range(9)) + "name,age\nQ,1\nR,2\n"
    rows, found, defects = read(text)
    assert found.total_rows == 12
    assert found.lines_not_rows == {"repeated_header": 1}
    assert defects == [(10, "repeated_header", "info")]
    assert rows[-1] == (12, "R", "2")


def test_a_last_row_that_is_cut_short_fails_and_the_file_is_truncated(read: Read) -> None:
    rows, _, defects = read("id,name,town\n1,Ada,London\n2,Bo")
    assert rows[-1] == (2, "2", "Bo", None)
    assert set(defects) == {
        (2, "missing_cells", "warning"),
        (2, "truncated_row", "error"),
        (None, "truncated_file", "error"),
    }


def test_repeated_and_empty_names_are_made_unique(read: Read) -> None:
    _, found, _ = read("a,a,,a\n1,2,3,4\n5,6,7,8\n")
    assert found.columns == ("a", "a (2)", "Column 3", "a (3)")


def test_line_ends_of_all_kinds_in_one_file_end_lines(read: Read) -> None:
    rows, _, _ = read(b"a,b\r\n1,2\n3,4\r5,6\n")
    assert [row[1:] for row in rows] == [("1", "2"), ("3", "4"), ("5", "6")]


def test_the_runner_up_and_the_confidence_are_told(read: Read) -> None:
    _, found, _ = read("a;b\nx, y;1\nz, w;2\n")
    assert found.delimiter == ";"
    assert 0.5 < found.confidence <= 1
    assert found.runner_up is not None


@pytest.mark.parametrize("last", ["", "16,x\n"])  # with a row of another width, the exact reader reads the file
def test_padded_notes_below_a_table_are_counted_and_told_to_be_no_rows(read: Read, last: str) -> None:
    notes = ",,\nSource: a ministry,,\n1. Estimates from March,,\n,,\n"
    rows, found, defects = read("area,rate,count\n" + "".join(f"A{i},{i}.5,{i}\n" for i in range(15)) + last + notes)
    count = 15 + bool(last)
    assert len(rows) == count + 4
    assert [one for one in defects if one[1] != "missing_cells"] == [
        (count + 2, "note", "info"),
        (count + 3, "note", "info"),
    ]
    assert found.lines_not_rows == {"note": 2}


def test_a_last_row_with_a_name_alone_is_a_row(read: Read) -> None:
    rows, _, defects = read("name,email,phone\nAda,ada@example.com,1234567\n,,\nMaximilian Mustermann,,\n")
    assert rows[-1][1] == "Maximilian Mustermann"
    assert defects == []
