"""JSON lines: DuckDB reads those of flat objects, and as the exact reader does."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.errors import ImportPipelineError
from import_pipeline.intake import json_fast
from import_pipeline.intake.formats import json_rows
from import_pipeline.intake.payload import open_table, read_table
from import_pipeline.intake.table import Payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline_tests.examples import examples

TOLD = ReadOptions(repair_text=False)
STYLES = [(",", ":"), (", ", ": "), (",", " :"), (" , ", " : "), (",", ":  ")]
NUMBERS = ["0", "-0", "7", "-12", "1.0", "12.50", "-0.0", "1e5", "1E+2", "1e400", "9" * 25, "-" + "9" * 25, "0.1e-7"]
NUMBERS += ["123456789.123456789123456789", "18446744073709551616"]
LITERALS = ["true", "false", "null", *NUMBERS]
TEXTS = ["", "Ada", "0", "-0", "12.50", "1e5", "NaN", "inf", "-Infinity", "[1]", "{}", "{", "Größe", "😀", " x "]
TEXTS += ["null", 'say "a":1', '"b":"', "back\\slash", "two\nlines", "\x00", "\x7f\u2028", "a,}", ":", '":', "-x.e"]
ODD_LINES = ["", " ", "\r", "{", "{}", "null", "5", '"x"', "[1,2]", "x\x01", "\ufeff{}"]
ODD_LINES += ['{"a":1,}', '{"a":1 , }', '{"a":NaN,"b":1,"c d":2}', '{"a":inf}', '{"a":01}', '{"a":"x\ty"}']
ODD_LINES += ['{"a":1,"a":2,"b":3,"c d":4}', '{"A":1}', '{"a":1}{"b":2}', '{"\\u0061":1,"b":2,"c d":3}']
ODD_LINES += ['{"a":{"x":1.50},"b":[],"c d":[1,2.50]}', '{"a":1,"b":2,"c d":3,"e":4}', '{"a":"\\ud83d"}']
ODD_LINES += ['{"a":1,"b":2,"c d":3}\x01', '{"a":1,"b":2,"c d":3}\x0b', '\x0c{"a":1,"b":2,"c d":3}', '{"a":1}\r{"a":2}']
ODD_LINES += [' {"c d":1,"b":2,"a":3} ', '{"a":-0,"b":0,"c d":-0}', '{"a":Infinity,"b":1,"c d":1}']
ODD_LINES += ['{"a.b":1}', '{"":1}', '{"b":null}', '{"a":"x","b":"' + "y" * 70_000 + '","c d":""}']


@pytest.fixture(autouse=True, scope="module")
def small_files_with_smaller_samples_count_too() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "LEAST_BYTES", 0)
        patch.setattr(json_fast, "SAMPLE_LINES", 2)
        yield


def read(content: str, *, exact: bool = False) -> tuple[bool, Any]:
    """Whether DuckDB read the file; the reading, the columns, the rows and the defects. Exact: DuckDB is not asked."""
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "payload"
        path.write_bytes(content.encode())
        loaded: list[bool] = []
        try:
            table = open_table(Payload(path, Path(folder) / "copy"), TOLD, Settings())

            def load(workspace: duckdb.DuckDBPyConnection) -> bool:
                loaded.append(not exact and table.load is not None and table.load(workspace))
                return loaded[-1]

            reading = read_table(connection, replace(table, load=load), TOLD, Settings())
        except ImportPipelineError as error:
            return any(loaded), error.message
        rows = connection.execute("SELECT * FROM source_rows ORDER BY row_number").fetchall()
        defects = connection.execute("SELECT * FROM defects").fetchall()
    return any(loaded), (reading, rows, defects)


def contact(number: int) -> str:
    """A line of a usual file."""
    values = {"id": number, "name": f"Ada {number}", "email": f"ada{number}@example.com", "amount": number + 0.5}
    return json.dumps(values | {"active": number % 2 == 0, "note": None if number % 3 else ""})


def test_numbers_and_empty_cells_of_flat_lines_are_read_by_duckdb_as_they_are_written():
    lines = [contact(number) for number in range(2_000)]
    lines[1_500] = '{"id":0007,"name":"x"}'.replace("0007", "-0")
    lines[1_600] = '{"name": "B", "amount": 12.50, "id": 9, "phone": "+49", "note": "12.50", "email": ""}'
    loaded, (reading, rows, defects) = read("\n".join(lines))
    assert loaded
    assert reading.columns == ("id", "name", "email", "amount", "active", "note", "phone")
    assert rows[1] == (2, "1", "Ada 1", "ada1@example.com", "1.5", "false", None, None)
    assert rows[1_500] == (1_501, "-0", "x", None, None, None, None, None)
    assert rows[1_600] == (1_601, "9", "B", None, "12.50", None, "12.50", "+49")
    assert not defects
    assert read("\n".join(lines), exact=True)[1] == (reading, rows, defects)


def read_flat(path: Path, connection: duckdb.DuckDBPyConnection, longest: int = 1_000_000) -> tuple[str, ...] | None:
    """Have DuckDB read a file."""
    with path.open("rb") as file:
        sample = json_fast.sample_of(file.read(10_000), None)
    assert sample is not None
    return json_fast.FlatLines(connection, path, sample, longest).read(100)


@pytest.mark.parametrize(("width", "count"), [(900, 40_000), (94, 620_000)])
def test_lines_that_several_threads_read_stay_in_their_order_and_are_written_once(tmp_path, width: int, count: int):
    path, workspace = tmp_path / "payload", tmp_path / "workspace.duckdb"
    with path.open("w") as file:
        file.writelines(f'{{"id":"{number}","text":"{number:0>{width}}"}}\n' for number in range(count))
    with duckdb.connect(str(workspace)) as connection:
        connection.execute("PRAGMA force_compression = 'uncompressed'")
        assert read_flat(path, connection) == ("id", "text")
        kept = connection.execute(
            f"SELECT count(*), count(*) FILTER (c1 = rowid::VARCHAR AND c2 = lpad(c1, {width}, '0')) FROM source_text"
        ).fetchone()
    assert kept == (count, count)
    assert workspace.stat().st_size < path.stat().st_size * 1.3


def test_a_line_longer_than_is_allowed_is_left_to_the_exact_reader(tmp_path):
    path = tmp_path / "payload"
    path.write_text('{"a":"1"}\n{"a":"12345"}\n')
    with duckdb.connect() as connection:
        assert read_flat(path, connection, 13) == ("a",)
        connection.execute("DROP TABLE source_text")
        assert read_flat(path, connection, 12) is None


@pytest.mark.parametrize("copy", ["payload", "copy"])
def test_a_byte_order_mark_is_no_reason_to_read_slowly(tmp_path, copy: str):
    path = tmp_path / "payload"
    path.write_text("\n".join(map(contact, range(50))), encoding="utf-8-sig")
    before = path.read_bytes()
    with duckdb.connect() as connection:
        table = open_table(Payload(path, tmp_path / copy), TOLD, Settings())
        assert table.load is not None
        assert table.load(connection)
        first = connection.execute("SELECT c1, c2 FROM source_text LIMIT 1").fetchone()
    assert first == ("0", "Ada 0")
    assert copy == path.name or path.read_bytes() == before


def test_a_broken_line_far_below_is_named_with_its_number_by_the_exact_reader():
    lines = [contact(number) for number in range(2_000)]
    lines[1_900] = '{"id": 1, "name": "x",}'
    loaded, (reading, _, defects) = read("\n".join(lines))
    assert not loaded
    assert reading.total_rows == 2_000
    assert [(defect[0], defect[4], defect[5]) for defect in defects] == [
        (1_901, "broken_json", "Line 1901 is not JSON.")
    ]


def test_blank_lines_at_the_top_count_as_lines_of_the_file():
    _, (reading, _, defects) = read('\n \n\n{"a": 1}\n{"a": broken\n{"a": 2}\n')
    assert reading.total_rows == 3
    assert [(defect[0], defect[5]) for defect in defects] == [(2, "Line 5 is not JSON.")]


@pytest.mark.parametrize("odd", ODD_LINES)
def test_a_line_that_duckdb_would_take_in_another_way_comes_out_as_by_the_exact_reader(odd: str):
    lines = [f'{{"a":{number},"b":"x","c d":{number}.50}}' for number in range(50)]
    for end in ("\n", "\r\n"):
        content = end.join([*lines, odd, *lines]) + end
        assert read(content)[1] == read(content, exact=True)[1]


values = st.sampled_from(LITERALS) | st.sampled_from(TEXTS).flatmap(
    lambda text: st.sampled_from([json.dumps(text), json.dumps(text, ensure_ascii=False)])
)
records = st.dictionaries(st.sampled_from(["a", "b", "c d", "é"]), values, min_size=1)
whole = st.fixed_dictionaries({"a": values, "b": values, "c d": values})


def line_of(record: dict[str, str], style: tuple[str, str]) -> str:
    """A record as a line, its values as they are written."""
    comma, colon = style
    return "{" + comma.join(f'"{key}"{colon}{value}' for key, value in record.items()) + "}"


@examples(60)
@given(
    st.lists(whole, min_size=1, max_size=12) | st.lists(records, min_size=1, max_size=12),
    st.sampled_from(STYLES),
    st.dictionaries(st.integers(0, 11), st.sampled_from(ODD_LINES), max_size=1),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_duckdb_reads_is_what_the_exact_reader_reads(some, style, odd, end, is_ended):
    lines = [line_of(record, style) for record in some]
    for place, line in odd.items():
        lines.insert(place % len(lines) + 1, line)
    content = end.join(lines) + (end if is_ended else "")
    assert read(content)[1] == read(content, exact=True)[1]
