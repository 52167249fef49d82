"""Workbooks, JSON, Parquet and packed files: what they are decides their content, and every cell keeps its text."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import duckdb
import pytest

from import_pipeline.errors import PayloadError
from import_pipeline.intake import Reading
from import_pipeline_tests.intake.reading import read_file
from import_pipeline_tests.intake.workbooks import MAIN, PACKAGE, RELATIONS, by_its_kind, ods, xls, xlsx

Read = Callable[..., tuple[list[tuple], Reading, list[tuple]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(content: bytes, **options: object) -> tuple[list[tuple], Reading, list[tuple]]:
        rows, found, defects = read_file(tmp_path / "payload.csv", content, **options)
        return rows, found, [(number, column, code) for number, column, code, _ in defects]

    return reading


def zipped(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


TABLE = [
    ["name", "zip", "born", "paid", "rate"],
    ["Ada", 1234, "1815-12-10", True, 0.1],
    ["Bob", 12345, None, False, 4.41e11],
]


@pytest.mark.parametrize("make", [xlsx, ods, xls])
def test_a_workbook_gives_its_cells_as_a_person_sees_them(read: Read, make: Callable[..., bytes]) -> None:
    rows, found, defects = read(make({"People": TABLE}))
    assert found.format == "spreadsheet"
    assert rows == [
        ("Ada", "1234", "1815-12-10", "TRUE", "0.1"),
        ("Bob", "12345", None, "FALSE", "441000000000"),
    ]
    assert defects == [(None, "zip", "maybe_lost_zeros")]


def test_dates_and_times_of_a_workbook_are_written_as_iso(read: Read) -> None:
    styles = (
        f'<styleSheet xmlns="{MAIN}"><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'
        '<xf numFmtId="21"/></cellXfs></styleSheet>'
    )
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c t="inlineStr"><is><t>born</t></is></c>'
        '<c t="inlineStr"><is><t>seen</t></is></c><c t="inlineStr"><is><t>at</t></is></c></row>'
        '<row><c s="1"><v>44197</v></c><c s="2"><v>44197.5</v></c><c s="3"><v>0.25</v></c></row>'
        '<row><c s="1"><v>44198</v></c><c s="2"><v>44198.75</v></c><c s="3"><v>0.5</v></c></row>'
        "</sheetData></worksheet>"
    )
    relations = f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{RELATIONS}/worksheet" '
    relations += (
        f'Target="worksheets/sheet1.xml"/><Relationship Id="r9" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    )
    parts = {
        "xl/worksheets/sheet1.xml": sheet.encode(),
        "xl/styles.xml": styles.encode(),
        "xl/_rels/workbook.xml.rels": (relations + "</Relationships>").encode(),
    }
    rows, _, _ = read(xlsx({"S": []}, **parts))
    assert rows == [
        ("2021-01-01", "2021-01-01 12:00:00", "06:00:00"),
        ("2021-01-02", "2021-01-02 18:00:00", "12:00:00"),
    ]


@pytest.mark.parametrize("make", [xls, ods])
def test_dates_and_times_of_other_workbooks_are_written_as_iso(read: Read, make: Callable[..., bytes]) -> None:
    table = [
        ["born", "seen", "at", "note"],
        [date(2021, 1, 1), datetime(2021, 1, 1, 12), time(6), "Zoë"],
        [date(2021, 1, 2), datetime(2021, 1, 2, 18, 30), time(12, 5, 9), None],
    ]
    rows, found, _ = read(make({"S": table}))
    assert found.format == "spreadsheet"
    assert rows == [
        ("2021-01-01", "2021-01-01 12:00:00", "06:00:00", "Zoë"),
        ("2021-01-02", "2021-01-02 18:30:00", "12:05:09", None),
    ]


def test_an_xls_sheet_is_chosen_by_its_name(read: Read) -> None:
    workbook = xls({"One": [["a", "b"], [1, 2]], "Two": [["c", "d"], [3, 4.5]]})
    assert read(workbook)[0] == [("1", "2")]
    assert read(workbook, sheet="Two")[0] == [("3", "4.5")]
    with pytest.raises(PayloadError, match="has no sheet 'Three'"):
        read(workbook, sheet="Three")


@pytest.mark.parametrize("cut", [600, 2_000, 4_000])
def test_an_xls_that_is_cut_off_is_refused(read: Read, cut: int) -> None:
    workbook = xls({"S": [["name", "nr"], *([f"Ada {i}", i] for i in range(50))]})
    with pytest.raises(PayloadError, match="no readable workbook"):
        read(workbook[:cut])


def test_a_title_above_the_table_of_a_sheet_is_passed_over(read: Read) -> None:
    rows, found, _ = read(
        xlsx({"S": [["People of 2020", None, None], [None, None, None], ["id", "n", "d"], [1, 2, 3], [4, 5, 6]]})
    )
    assert found.columns == ("id", "n", "d")
    assert rows == [("1", "2", "3"), ("4", "5", "6")]


def test_a_sheet_is_chosen_by_its_name_and_the_others_are_listed(read: Read) -> None:
    workbook = xlsx({"One": [["a", "b"], [1, 2]], "Two": [["c", "d"], [3, 4]]})
    assert read(workbook)[0] == [("1", "2")]
    rows, found, _ = read(workbook, sheet="Two")
    assert rows == [("3", "4")]
    assert [(sheet["name"], sheet["rows"], sheet["columns"], sheet["chosen"]) for sheet in found.sheets] == [
        ("One", 2, 2, False),
        ("Two", 2, 2, True),
    ]
    with pytest.raises(PayloadError, match="has no sheet 'Three'"):
        read(workbook, sheet="Three")


def test_an_array_of_objects_keeps_numbers_as_written_and_lists_as_lists_of_texts(read: Read) -> None:
    rows, found, _ = read(b'[{"id": 1.50, "n": null}, {"id": 12345678901234567890, "tags": ["a", 2.0], "ok": true}]')
    assert found.columns == ("id", "n", "tags", "ok")
    assert rows == [("1.50", None, None, None), ("12345678901234567890", None, '["a", "2.0"]', "true")]


def test_an_array_under_one_key_is_the_table(read: Read) -> None:
    rows, _, _ = read(b'{"total": 2, "contacts": [{"id": "1"}, {"id": "2"}]}')
    assert rows == [("1",), ("2",)]


def test_a_broken_line_of_json_lines_costs_that_line_only(read: Read) -> None:
    rows, _, defects = read(b'{"id": 1, "name": "Ada"}\n\n{"id": 2, "na\n{"id": 3, "name": "Cleo"}')
    assert rows == [("1", "Ada"), (None, None), ("3", "Cleo")]
    assert defects == [(2, None, "broken_json")]


def test_a_cut_off_array_is_refused(read: Read) -> None:
    with pytest.raises(PayloadError, match="broken or cut off"):
        read(b'[{"id": 1}, {"id": 2')


def test_json_in_another_unicode_encoding_is_read(read: Read) -> None:
    assert read(json.dumps([{"n": "Jürgen"}], ensure_ascii=False).encode("utf-16"))[0] == [("Jürgen",)]


def test_brackets_in_the_names_of_a_csv_are_no_json(read: Read) -> None:
    assert read(b"[Name],[Age]\nAda,36\n")[0] == [("Ada", "36")]


def test_parquet_values_become_text(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "made.parquet"
    duckdb.sql(
        "SELECT 1 AS id, 1.50::DECIMAL(9, 2) AS price, DATE '2020-01-31' AS day, [1, 2] AS tags, NULL::VARCHAR AS note"
    ).write_parquet(str(path))
    rows, found, _ = read(path.read_bytes())
    assert found.format == "parquet"
    assert rows == [("1", "1.50", "2020-01-31", '["1","2"]', None)]


CSV = "name,town\nJürgen,Köln\n"


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(CSV.encode()),
        gzip.compress(CSV.encode("cp1252")),
        zipped(people=CSV.encode("utf-16")),
        zipped(people=CSV.encode(), **{"__MACOSX/._people": b"junk"}),
        gzip.compress(json.dumps([{"name": "Jürgen", "town": "Köln"}]).encode()),
        gzip.compress(xlsx({"S": [["name", "town"], ["Jürgen", "Köln"]]})),
    ],
    ids=by_its_kind,
)
def test_packed_files_are_unpacked(read: Read, content: bytes) -> None:
    rows, found, _ = read(content)
    assert found.columns == ("name", "town")
    assert rows == [("Jürgen", "Köln")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "web page"),
        (b"<?xml version='1.0'?><rows><row/></rows>", "XML"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "no readable workbook"),
        (b"PK\x03\x04 not an archive", "damaged"),
        (b"\x1f\x8b\x08 not gzip", "truncated"),
        (gzip.compress(b"a,b\n1,2\n" * 999)[:-30], "truncated"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "more than once"),
        (zipped(a=b"1", b=b"2"), "2 files"),
        (zipped(), "has no file"),
        (b"PAR1 not parquet", "Parquet file is damaged"),
    ],
    ids=by_its_kind,
)
def test_what_is_no_table_is_refused_by_what_it_is(read: Read, content: bytes, message: str) -> None:
    with pytest.raises(PayloadError, match=message):
        read(content)
