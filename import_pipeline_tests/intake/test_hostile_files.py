"""Files made to hurt: each is refused by a limit that it names, or is harmless."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake import read_payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline_tests.intake.workbooks import MAIN, xlsx


def read(folder: Path, content: bytes, **limits: Any) -> list[tuple]:
    path = folder / "payload"
    path.write_bytes(content)
    with duckdb.connect() as connection:
        connection.execute("SET allowed_paths = $paths", {"paths": [str(path), f"{path}.utf8"]})
        connection.execute("SET enable_external_access = false")
        read_payload(connection, path, ReadOptions(), Settings(**limits))
        return connection.execute("SELECT * FROM source_text ORDER BY rowid").fetchall()


@pytest.mark.parametrize(
    ("content", "limits", "setting"),
    [
        (b"a,b\n1,2\n" * 100, {"max_file_bytes": 500}, "MAX_FILE_BYTES"),
        (b"a,b\n" + b"1,2\n" * 100, {"max_rows": 99}, "MAX_ROWS"),
        (b"a,b\n" + b"1,2\n" * 100 + b"1\n", {"max_rows": 99}, "MAX_ROWS"),
        (b",".join(b"c%d" % i for i in range(50)) + b"\n" + b"1," * 49 + b"1\n", {"max_columns": 49}, "MAX_COLUMNS"),
        (b"a,b\n1," + b"x" * 3_000_000 + b"\n", {"max_cell_bytes": 2_000_000}, "MAX_CELL_BYTES"),
        (b"a,b\n1," + b"x" * 3_000 + b"\n", {"max_cell_bytes": 2_000}, "MAX_CELL_BYTES"),
        (b"a," + b"b" * 2000 + b"\n1,2\n", {"max_header_length": 1000}, "MAX_HEADER_LENGTH"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 10_000), {"max_inflated_bytes": 20_000}, "MAX_INFLATED_BYTES"),
        (json.dumps([{f"k{i}": 1} for i in range(100)]).encode(), {"max_columns": 99}, "MAX_COLUMNS"),
    ],
)
def test_a_limit_that_is_passed_names_its_setting(
    content: bytes, limits: dict[str, Any], setting: str, tmp_path: Path
) -> None:
    with pytest.raises(LimitExceededError, match=f"IMPORT_PIPELINE_{setting}"):
        read(tmp_path, content, **limits)


def test_a_gzip_bomb_is_refused_while_it_inflates(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(300_000_000), 9)
    with pytest.raises(LimitExceededError, match="MAX_INFLATE_RATIO"):
        read(tmp_path, bomb)


def test_a_zip_that_lies_about_its_size_is_refused_by_what_comes_out(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"a,b\n" + b"1,2\n" * 100_000)
    content = sink.getvalue()
    size = (4 + 4 * 100_000).to_bytes(4, "little")
    with pytest.raises(PayloadError):
        read(tmp_path, content.replace(size, (10).to_bytes(4, "little")), max_inflated_bytes=1000)


def test_a_workbook_of_one_repeated_row_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    row = b"<row><c><v>1</v></c></row>"
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + row * 8_000_000 + b"</sheetData></worksheet>"
    with pytest.raises(LimitExceededError, match="MAX_INFLATE_RATIO"):
        read(tmp_path, xlsx({"S": [["a"], [1]]}, **{"xl/worksheets/sheet1.xml": sheet}))


def test_a_workbook_that_needs_too_much_memory_costs_only_its_own_process(tmp_path: Path) -> None:
    cells = b"".join(b'<c t="inlineStr"><is><t>%032d</t></is></c>' % i for i in range(1000))
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + (b"<row>" + cells + b"</row>") * 1500
    with pytest.raises(LimitExceededError, match="PARSE_MEMORY_BYTES"):
        read(
            tmp_path,
            xlsx({"S": [["a"]]}, **{"xl/worksheets/sheet1.xml": sheet + b"</sheetData></worksheet>"}),
            parse_memory_bytes=150_000_000,
            max_inflate_ratio=10_000,
        )


def test_a_merged_range_over_the_whole_sheet_is_harmless(tmp_path: Path) -> None:
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>1</v></c><c><v>2</v></c></row>'
        "<row><c><v>3</v></c><c><v>4</v></c></row></sheetData>"
        '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    )
    assert read(tmp_path, xlsx({"S": [["a"]]}, **{"xl/worksheets/sheet1.xml": sheet.encode()})) == [
        ("1", "2"),
        ("3", "4"),
    ]


@pytest.mark.parametrize(
    "entity",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;&b;">]>',
    ],
)
def test_entities_in_a_workbook_are_never_expanded(entity: str, tmp_path: Path) -> None:
    sheet = (
        f'<?xml version="1.0"?>{entity}<worksheet xmlns="{MAIN}"><sheetData><row><c t="inlineStr"><is>'
        "<t>name</t></is></c>"
        '</row><row><c t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'
    )
    try:
        rows = read(tmp_path, xlsx({"S": [["a"]]}, **{"xl/worksheets/sheet1.xml": sheet.encode()}))
    except PayloadError:
        return
    assert "root:" not in str(rows)
    assert "0123456789" not in str(rows)


def test_json_nested_a_million_deep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PayloadError):
        read(tmp_path, b'[{"a": ' + b"[" * 1_000_000)


def test_names_inside_a_zip_lead_nowhere(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("../../escaped.csv", "a,b\n1,2\n")
    assert read(tmp_path, sink.getvalue()) == [("1", "2")]
    assert not list(tmp_path.parent.rglob("escaped.csv"))


def test_formulas_and_signs_stay_as_they_are(tmp_path: Path) -> None:
    cells = ["=1+1", "+44 20", "-5", "@x", "\uff1d1", "=cmd|' /C calc'!A0"]
    assert read(tmp_path, ("name\n" + "\n".join(cells) + "\n").encode()) == [(cell,) for cell in cells]


def test_nul_bytes_stay_in_their_cell(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n1\x002,x\n3,y\n") == [("1\x002", "x"), ("3", "y")]


def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = ",".join(f"n{i}" for i in range(10_000))
    rows = read(tmp_path, f"{names}\n{','.join(map(str, range(10_000)))}\n{',' * 9_999}\n1\n".encode())
    assert rows[0][9_999] == "9999"
    assert len(rows) == 3


def test_a_cell_of_many_megabytes_is_kept_whole(tmp_path: Path) -> None:
    text = "line of text, with a comma\n" * 200_000
    rows = read(tmp_path, f'id,text\n1,"{text}"\n2,b\n'.encode())
    assert rows == [("1", text), ("2", "b")]


def test_a_quote_that_is_never_closed_costs_its_row_only(tmp_path: Path) -> None:
    lines = [f"{i},name {i},x" for i in range(5_000)]
    lines[10] = '10,"name 10,x'
    rows = read(tmp_path, ("id,name,note\n" + "\n".join(lines) + "\n").encode())
    assert len(rows) == 5_000
    assert rows[11] == ("11", "name 11", "x")


def test_a_file_full_of_faults_is_read_in_seconds(tmp_path: Path) -> None:
    rows = read(tmp_path, ("id,name,note\n" + '1,"a" b,c\n2,x\n3,"y,z\n' * 5_000).encode())
    assert len(rows) == 15_000
