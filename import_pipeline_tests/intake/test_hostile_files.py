"""Files made to hurt: each is refused by a limit that it names, or is harmless."""

import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import psutil
import pytest

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake import read_payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.service import queries
from import_pipeline.settings import Settings
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.intake.workbooks import MAIN, by_its_kind, ods, row, xlsx, xlsx_of_parts


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
    ids=by_its_kind,
)
def test_a_limit_that_is_passed_names_its_setting(
    content: bytes, limits: dict[str, Any], setting: str, tmp_path: Path
) -> None:
    with pytest.raises(LimitExceededError, match=f"IMPORT_PIPELINE_{setting}") as refused:
        read(tmp_path, content, **limits)
    assert refused.value.code == f"{setting.lower()}_exceeded"


@pytest.mark.parametrize("ending", [b"", b"1\n"])  # with a row of another width, the exact reader reads the file
def test_reading_ends_when_its_time_is_over(ending: bytes, tmp_path: Path) -> None:
    content = b"a,b,c\n" + b"some text,more text,1234567\n" * 400_000 + ending
    with pytest.raises(LimitExceededError, match="IMPORT_PIPELINE_PARSE_SECONDS") as refused:
        read(tmp_path, content, parse_seconds=0.01)
    assert refused.value.code == "parse_seconds_exceeded"


def test_a_workbook_is_given_up_when_its_time_is_over(tmp_path: Path) -> None:
    with pytest.raises(LimitExceededError, match="IMPORT_PIPELINE_PARSE_SECONDS"):
        read(tmp_path, xlsx({"S": [["a", "b"], [1, 2]]}), parse_seconds=0.01)


def test_a_file_that_passes_a_limit_is_a_defect_with_its_own_code(tmp_path: Path) -> None:
    importing = Importing(Settings(home=tmp_path / "home", max_rows=2), tmp_path)
    import_id = importing.begin("email\na@example.com\nb@example.com\nc@example.com\n")
    with pytest.raises(LimitExceededError):
        importing.go(import_id)
    assert queries.import_object(importing.home, import_id)["status"] == "failed"
    assert importing.defects(import_id) == [(None, None, "max_rows_exceeded")]
    assert importing.stored() == []


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


def test_a_plain_workbook_that_needs_too_much_memory_is_refused_by_the_same_limit(tmp_path: Path) -> None:
    names = row(1, *(f"name {place}" for place in range(26)))
    rows = "".join(row(number, *(f"{number:032d}" for _ in range(26))) for number in range(2, 40_000))
    with pytest.raises(LimitExceededError, match="PARSE_MEMORY_BYTES"):
        read(tmp_path, xlsx_of_parts({"S": names + rows}), parse_memory_bytes=150_000_000, max_inflate_ratio=10_000)


def test_a_process_that_is_killed_while_it_reads_a_workbook_is_told_with_the_file_and_what_to_do(
    tmp_path: Path,
) -> None:
    def kill() -> None:
        while not killed:
            for child in psutil.Process().children():
                if "import_pipeline.intake.spreadsheet_child" in child.cmdline():
                    child.kill()
                    killed.append(child.pid)

    killed: list[int] = []
    killer = Thread(target=kill)
    killer.start()
    with pytest.raises(
        PayloadError, match=r"'payload' was ended by signal 9\. Import it again.* export the sheet as CSV"
    ):
        read(tmp_path, xlsx({"S": [["name", "note"], *([f"n{number}", "x"] for number in range(20_000))]}))
    killer.join()


def test_the_process_that_reads_a_workbook_cannot_take_more_memory_than_it_may(tmp_path: Path) -> None:
    cells = b"".join(b'<c t="inlineStr"><is><t>%032d</t></is></c>' % i for i in range(1000))
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + (b"<row>" + cells + b"</row>") * 1500
    path = tmp_path / "book.xlsx"
    path.write_bytes(xlsx({"S": [["a"]]}, **{"xl/worksheets/sheet1.xml": sheet + b"</sheetData></worksheet>"}))
    request = {"path": str(path), "target": str(tmp_path / "out"), "sheet": None, "memory": 150_000_000, "seconds": 60}
    request |= {"plain": None}
    # of a small process between the two: Linux counts what the parent of a process held as its own
    between = (
        "import json, resource, subprocess, sys; "
        "done = subprocess.run([sys.executable, '-m', 'import_pipeline.intake.spreadsheet_child'], "
        "input=sys.stdin.read(), capture_output=True, text=True); "
        "print(json.dumps([done.returncode, done.stdout, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))"
    )
    ran = subprocess.run([sys.executable, "-c", between], input=json.dumps(request), capture_output=True, text=True)
    status, printed, most_kilobytes = json.loads(ran.stdout)
    assert status != 0 or json.loads(printed) == {"refused": "memory"}
    assert most_kilobytes * 1024 < 160_000_000


def test_cells_that_are_repeated_a_billion_times_are_refused(tmp_path: Path) -> None:
    wide = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    rows = f'<table:table-row table:number-rows-repeated="1048576">{wide}</table:table-row>'
    with pytest.raises(PayloadError):
        read(tmp_path, ods({"S": [["a", "b"]]}, rows=rows), parse_memory_bytes=300_000_000)


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


ENTITIES = [
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;&b;">]>',
]


@pytest.mark.parametrize("entity", ENTITIES)
def test_entities_in_an_ods_workbook_are_never_expanded(entity: str, tmp_path: Path) -> None:
    row = '<table:table-row><table:table-cell office:value-type="string"><text:p>&e;</text:p></table:table-cell>'
    content = ods({"S": [["name"], ["Ada"]]}, before=f'<?xml version="1.0"?>{entity}', rows=f"{row}</table:table-row>")
    try:
        rows = read(tmp_path, content)
    except PayloadError:
        return
    assert "root:" not in str(rows)
    assert "0123456789" not in str(rows)


@pytest.mark.parametrize("entity", ENTITIES)
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
