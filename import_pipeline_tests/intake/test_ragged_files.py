"""Files with rows of too few or too many cells: DuckDB reads them all the same, and as the exact reader does."""

from dataclasses import replace
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.intake.line_offsets import _BLOCK_BYTES, LineOffsets
from import_pipeline.intake.payload import open_table, read_table
from import_pipeline.intake.table import Payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline_tests.examples import examples

HEADER = "id,name,email,street,city\n"
TOLD = ReadOptions(delimiter=",", quote='"', escape='"', encoding="utf-8", header_row=1, repair_text=False)
PLAIN = st.sampled_from(["", "Ada", "3.5", "two words", "Größe", '"Rear, left"', '"say ""hi"""', '""', '"a\nb"'])
ODD = st.sampled_from(["", "spare", " and more", '"Rear, left"', "name", "Total", "1;2;3;4;5", "a|b|c|d|e"])


def sound(number: int) -> str:
    """A row of the table."""
    return f'{number},Ada {number},ada{number}@example.com,"Street {number}, Rear",Ulm\n'


def read(content: str, *, exact: bool = False) -> tuple[bool, Any, list[Any], list[Any]]:
    """Whether DuckDB read the file; the reading, the rows and the defects. Exact: DuckDB is not asked."""
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "payload"
        path.write_bytes(content.encode())
        table = open_table(Payload(path, Path(folder) / "copy"), TOLD, Settings())
        loaded: list[bool] = []

        def load(workspace: duckdb.DuckDBPyConnection) -> bool:
            loaded.append(not exact and table.load is not None and table.load(workspace))
            return loaded[-1]

        reading = read_table(connection, replace(table, load=load), TOLD, Settings())
        rows = connection.execute("SELECT * FROM source_rows ORDER BY row_number").fetchall()
        defects = connection.execute("SELECT * FROM defects").fetchall()
    return loaded[0], reading, rows, defects


@pytest.mark.parametrize(
    ("line", "stored", "code"),
    [
        ("7,Ada\n", ("7", "Ada", None, None, None), "missing_cells"),
        ('7,"Ada, Eve"\n', ("7", "Ada, Eve", None, None, None), "missing_cells"),
        ("7,Ada,a@b.de,Way 1,Ulm,\n", ("7", "Ada", "a@b.de", "Way 1", "Ulm"), "too_many_cells"),
        ("7,Ada,a@b.de,Way 1,Ulm,x\n", ("7", "Ada", "a@b.de", "Way 1", "Ulm"), "too_many_cells"),
        ("7,Ada,a@b.de,Way 1, Rear,Ulm\n", ("7", "Ada", "a@b.de", "Way 1, Rear", "Ulm"), "unquoted_delimiter"),
        ("7;Ada;a@b.de;Way 1;Ulm\n", ("7", "Ada", "a@b.de", "Way 1", "Ulm"), "other_delimiter"),
    ],
)
def test_a_row_of_another_width_stays_in_its_place_and_duckdb_reads_the_file(line, stored, code):
    content = HEADER + "".join(map(sound, range(100))) + line + "".join(map(sound, range(100, 3_000)))
    loaded, reading, rows, defects = read(content)
    assert loaded
    assert reading.total_rows == 3_001
    assert rows[100] == (101, *stored)
    assert rows[101] == (102, "100", "Ada 100", "ada100@example.com", "Street 100, Rear", "Ulm")
    assert [(defect[0], defect[4]) for defect in defects] == [(101, code)]
    assert read(content, exact=True)[1:] == (reading, rows, defects)


def test_an_irregular_row_far_below_the_sample_is_found_behind_rows_on_several_lines():
    tall = '1,Ada,ada@example.com,"two\nlines",Ulm\n'
    content = HEADER + "".join(tall + sound(number) for number in range(3_000)) + "9,Eve\n" + sound(1) * 40 + "8,Al"
    loaded, reading, rows, defects = read(content)
    assert loaded
    assert rows[6_000] == (6_001, "9", "Eve", None, None, None)
    assert [(defect[0], defect[4]) for defect in defects] == [
        (6_001, "missing_cells"),
        (6_042, "missing_cells"),
    ]
    assert read(content, exact=True)[1:] == (reading, rows, defects)


@pytest.mark.parametrize("split", ["9,Eve", "9,Eve\n", "9,E"])
def test_irregular_rows_are_found_where_blocks_of_the_file_end_within_them(split):
    begin = HEADER
    while len(begin) < _BLOCK_BYTES - 500:
        begin += sound(len(begin))
    filler = '8,"' + "x" * (_BLOCK_BYTES - len(begin) - len(split) - 8) + '",,,\n'
    content = begin + filler + "9,Eve\n" + sound(1) * 6_000 + "9,Eve\n"
    assert content[:_BLOCK_BYTES].endswith(split)
    loaded, reading, rows, defects = read(content)
    assert loaded
    assert len(defects) == 2
    assert read(content, exact=True)[1:] == (reading, rows, defects)


@pytest.mark.parametrize(("end", "bare"), [(b"\r\n", False), (b"\r", True), (b"\n", False)])
def test_line_ends_of_two_characters_are_whole_where_a_block_ends_between_them(tmp_path: Path, end: bytes, bare: bool):
    path = tmp_path / "file"
    path.write_bytes(b"x" * (_BLOCK_BYTES - 1) + end + b"second" + b"\n")
    with path.open("rb") as handle, mmap(handle.fileno(), 0, access=ACCESS_READ) as content:
        lines = LineOffsets(content)
        assert lines.has_bare_returns is bare
        if not bare:
            first, behind = lines.begins(numpy.array([1, 2])).tolist()
            assert content[first:behind] == b"second\n"


def test_what_an_irregular_row_may_stand_for_is_left_to_the_exact_reader():
    further = HEADER + "".join(map(sound, range(50))) + "street,zip\nWay 1,89073\nWay 2,89074\n"
    loaded, reading, _, _ = read(further)
    assert not loaded
    assert reading.lines_not_rows == {"further_table": 3}
    stray = HEADER + "".join(map(sound, range(50))) + '51,"Ada" x,a@b.de,Way,Ulm\n' + sound(52)
    assert not read(stray)[0]


@pytest.mark.parametrize(
    "header",
    ["id,name,email,street,city", "2019,name,2020,street,city", "id,,email,,city", "id,id,email,email,city"],
)
def test_the_header_once_more_far_below_an_irregular_row_is_no_row(header: str):
    begin = f"{header}\n" + "".join(map(sound, range(300))) + "9,Eve\n"
    content = (
        begin + "".join(map(sound, range(300, 900))) + f"{header.upper()}\n" + "".join(map(sound, range(900, 990)))
    )
    _, reading, rows, defects = read(content)
    assert reading.lines_not_rows == {"repeated_header": 1}
    assert [(defect[0], defect[4]) for defect in defects] == [(301, "missing_cells"), (902, "repeated_header")]
    assert read(content, exact=True)[1:] == (reading, rows, defects)


def test_many_irregular_rows_are_told_as_the_exact_reader_tells_them():
    odd = ["7,Ada\n", '7,"Ada, Eve",x\n', "7,Ada,a@b.de,Way,Ulm,\n", "7,A,a@b.de,Way,Ulm,x,y\n", "7,A,B, Rear,W,Ulm\n"]
    odd += ["7;Ada;a@b.de;Way 1;Ulm\n", "Ada,Eve\n", "Ulm,Way,Eve\n", "7\n", ",,\n"]
    lines = [sound(number) + (odd[number // 5 % len(odd)] if number % 5 == 0 else "") for number in range(12_000)]
    content = HEADER + "".join(lines)
    loaded, reading, rows, defects = read(content)
    assert loaded
    assert len(defects) > 2_000
    assert read(content, exact=True)[1:] == (reading, rows, defects)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("irregular", [",,,,", "7,Doe, John,,", '"7","a,b",,,', "7;,Doe, Jane;,,", '7,Doe, John,x,""'])
def test_a_spare_empty_cell_is_told_whatever_stands_before_it(irregular: str, end: str) -> None:
    """It may be the last cell of a row that is shifted, because a cell before it holds the delimiter."""
    last = "" if irregular.endswith(",") else "x"
    lines = ["id,first,second,third", *(f'{number},,"{number}, x",{last}' for number in range(50))]
    content = end.join([*lines, irregular, ""])
    found = read(content)
    assert [defect[0] for defect in found[3]] == [51]
    assert found[1:] == read(content, exact=True)[1:]


def test_a_file_with_line_ends_of_two_characters_is_read_by_duckdb() -> None:
    sound = "".join(f"{number},Ada,a@b.de\r\n" for number in range(50))
    assert read(f"id,first,email\r\n{sound}")[0]
    assert not read(f"id,first,email\r\n{sound}\r\n51,Bob,b@c.de\r\n")[0]


@examples(30)
@given(
    st.lists(st.tuples(PLAIN, PLAIN, PLAIN), min_size=12, max_size=90),
    st.dictionaries(st.integers(0, 89), st.lists(ODD, min_size=1, max_size=7), max_size=4),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "end", "blank"]),
)
def test_rows_read_by_duckdb_and_irregular_lines_read_by_themselves_are_what_the_exact_reader_reads(
    cells, irregular, end, below
):
    lines = [f"{number},{','.join(row)}" for number, row in enumerate(cells)]
    for place, row in irregular.items():
        lines.insert(place % len(lines), ",".join(row))
    tail = {"": "", "end": end, "blank": end * 2}[below]
    content = end.join(["id,first,second,third", *lines]) + tail
    loaded, *found = read(content)
    del loaded
    assert found == list(read(content, exact=True)[1:])
