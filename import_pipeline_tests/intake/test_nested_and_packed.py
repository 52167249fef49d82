"""JSON with objects and lists, vCards, Parquet and archives: what lies in them reaches its columns, or is told."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake import Reading, preview, read_payload
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.intake.workbooks import xlsx

Read = Callable[..., tuple[list[tuple], Reading]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(content: bytes, *, name: str = "payload", **options: object) -> tuple[list[tuple], Reading]:
        path = tmp_path / name
        path.write_bytes(content)
        with duckdb.connect() as connection:
            connection.execute("SET allowed_paths = $paths", {"paths": [str(path), f"{path}.utf8"]})
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            found = read_payload(connection, path, ReadOptions.model_validate(options), Settings())
            rows = connection.execute("SELECT * EXCLUDE row_number FROM source_rows ORDER BY row_number").fetchall()
        assert preview(path, ReadOptions.model_validate(options), Settings()).sample_rows == list(map(list, rows[:10]))
        return rows, found

    return reading


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    return Importing(Settings(home=tmp_path / "home"), tmp_path)


def zipped(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__SLASH__", "/"), content)
    return sink.getvalue()


def parquet(folder: Path, select: str) -> bytes:
    path = folder / "made.parquet"
    duckdb.sql(select).write_parquet(str(path))
    content = path.read_bytes()
    path.unlink()
    return content


@pytest.mark.parametrize(
    ("records", "columns", "rows"),
    [
        ([{"n": 1, "a": {"b": {"c": "x"}}}], ("n", "a.b.c"), [("1", "x")]),
        ([{"a": None}, {"a": {"b": 2}}], ("a.b",), [(None,), ("2",)]),
        ([{"a": {}, "b": []}, {"a": {}, "b": ["x"]}], ("a", "b"), [(None, None), (None, '["x"]')]),
        ([{"m": [{"v": "p"}, {"v": "q"}]}], ("m.1.v", "m.2.v"), [("p", "q")]),
        ([{"t": ["a", 2, None, True]}], ("t",), [('["a", "2", "true"]',)]),
        ([{"t": ["a", {"b": 1}]}], ("t.1", "t.2.b"), [("a", "1")]),
        ({"page": 1, "data": {"people": [{"n": "Eva"}, {"n": "Udo"}]}}, ("n",), [("Eva",), ("Udo",)]),
    ],
)
def test_objects_are_opened_and_lists_stay_lists(
    read: Read, records: Any, columns: tuple[str, ...], rows: list[tuple]
) -> None:
    found_rows, found = read(json.dumps(records).encode())
    assert found.columns == columns
    assert found_rows == rows


def test_what_stands_beside_the_list_of_records_is_named(read: Read) -> None:
    _, found = read(b'{"total": 9, "next": "p2", "contacts": [{"n": 1}, {"n": 2}]}')
    assert "not read was what stands beside it: 'total', 'next'." in found.notes[0]


def test_several_lists_of_objects_are_named_and_not_guessed(read: Read) -> None:
    with pytest.raises(PayloadError, match="2 lists of objects: 'people', 'firms'"):
        read(b'{"people": [{"n": 1}], "firms": [{"f": 1}]}')


def test_objects_one_below_the_other_over_several_lines_are_rows(read: Read) -> None:
    assert read(b'{\n  "n": 1\n}\n{\n  "n": 2\n}\n')[0] == [("1",), ("2",)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"a": ' + b"[" * 900 + b"]" * 900 + b"}]", "more than 100 levels deep"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "more than 100 levels deep"),
        (b'[{"a": 1 "b": 2}, {"a": 3}]', "broken or cut off in its first record"),
        (b'[{"a": 1}, {"a": 2}, {"a": "x', "broken or cut off behind record 2"),
        (b'[{"a": 1}]\n[{"a": 2}]', "goes on behind its array"),
        (b'[{"a.b": 1, "a": {"b": 2}}]', "both called 'a.b'"),
    ],
    ids=range(6),
)
def test_json_that_cannot_be_read_is_refused_in_plain_words(read: Read, content: bytes, message: str) -> None:
    with pytest.raises(PayloadError, match=message):
        read(content)


def test_a_record_of_many_megabytes_takes_no_longer_by_the_character(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    path.write_text(json.dumps([{"n": 1, "parts": {f"k{i}": "x" * 30_000 for i in range(400)}}]))
    begun = time.process_time()
    with duckdb.connect() as connection:
        assert read_payload(connection, path, ReadOptions(), Settings()).total_rows == 1
    assert time.process_time() - begun < 10  # it took minutes when it was read again for each piece


def test_a_number_of_thousands_of_digits_stays_as_it_is(read: Read) -> None:
    assert read(b'[{"n": ' + b"7" * 6_000 + b', "m": NaN, "e": 1.50e3}]')[0] == [("7" * 6_000, None, "1.50e3")]


def test_lists_reach_lists_and_the_entries_of_others_stand_side_by_side(importing: Importing) -> None:
    people = [
        {
            "mail": "eva@example.org",
            "labels": ["a, b", "c"],
            "address": {"town": "Ulm"},
            "roads": ["1 Elm St", "Gate 2"],
        },
        {"mail": "udo@example.org", "labels": [], "address": None, "roads": []},
    ]
    mapping = {"mail": "email", "labels": "tags", "address.town": "city", "roads": "street"}
    importing.run(json.dumps(people).encode(), column_mapping=mapping)
    eva, udo = sorted(importing.stored(), key=lambda record: record["email"])
    assert (eva["tags"], eva["city"], eva["street"]) == (["a, b", "c"], "Ulm", "1 Elm St; Gate 2")
    assert not {"tags", "city", "street"} & set(udo)


CARDS = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:H=C3=B6=
fer;Eva;Maria;Dr.;
TEL;CELL:0171 100
TEL;WORK;PREF:030 200
EMAIL;INTERNET:eva.old@example.org
EMAIL;TYPE=INTERNET,PREF:eva@example.org
ADR;HOME:;;1 Elm St;Ulm;;89073;Germany
ADR;WORK:;;2 Oak St;Bonn;;53111;Germany
ORG:Oak\\, Sons;Sales
BDAY:19800501
NOTE:likes tea\\, and
  cake
CATEGORIES:vip,north
PHOTO;ENCODING=BASE64;JPEG:AAAA
 BBBB

this line is broken
END:VCARD
begin:vcard
version:4.0
FN:Udo Erb
TEL;VALUE=uri;PREF=1:tel:+49-30-300
item1.EMAIL:udo@example.org
BDAY;X-APPLE-OMIT-YEAR=1604:1604-07-09
END:VCARD
"""


def test_cards_of_address_books_are_contacts(importing: Importing) -> None:
    import_id = importing.begin(CARDS.replace("BDAY;X-APPLE-OMIT-YEAR=1604:1604-07-09\n", ""))
    imported = importing.go(import_id)
    assert imported["created_count"] == 2
    eva, udo = sorted(importing.stored(), key=lambda record: record["email"])
    assert (eva["first_name"], eva["last_name"], eva["email"], eva["email_2"]) == (
        ("Eva Maria", "Höfer", "eva@example.org", "eva.old@example.org")
    )
    assert (eva["phone"], eva["phone_2"], eva["company_name"], eva["tags"]) == (
        ("030 200", "0171 100", "Oak, Sons", ["vip", "north"])
    )
    assert (eva["street"], eva["city"], eva["postal_code"], str(eva["date_of_birth"])[:10]) == (
        ("1 Elm St", "Ulm", "89073", "1980-05-01")
    )
    assert eva["notes"] == "likes tea, and cake"
    assert (udo["full_name"], udo["email"]) == ("Udo Erb", "udo@example.org")
    assert (1, None, "broken_line") in importing.defects(import_id)
    assert "other_addresses" in imported["reason"]


def test_a_birthday_without_a_year_gets_none_and_pictures_are_told(read: Read) -> None:
    rows, found = read(CARDS.encode())
    assert rows[1][found.columns.index("date_of_birth")] == "--07-09"
    assert "PHOTO (1)" in found.notes[0]


def test_a_card_that_is_cut_off_is_told(importing: Importing) -> None:
    import_id = importing.begin(CARDS[: CARDS.rindex("END:VCARD")])
    importing.go(import_id)
    assert (None, None, "truncated_file") in importing.defects(import_id)
    assert (2, None, "truncated_row") in importing.defects(import_id)


TABLE = b"name,city\nEva,Ulm\n"


@pytest.mark.parametrize(
    "litter",
    [
        {".DS_Store": b"x"},
        {"__MACOSX__SLASH__._people.csv": b"x", ".DS_Store": b"x"},
        {"list__SLASH__Thumbs.db": b"x", "list__SLASH__desktop.ini": b"x"},
        {"list__SLASH__": b""},
    ],
)
def test_what_a_system_adds_to_an_archive_does_not_count(read: Read, litter: dict[str, bytes]) -> None:
    rows, found = read(zipped(**{"list__SLASH__people.csv": TABLE}, **litter))
    assert rows == [("Eva", "Ulm")]
    assert found.member == "list/people.csv"


def test_the_files_of_an_archive_are_named_and_one_can_be_chosen(read: Read) -> None:
    archive = zipped(**{"people.csv": TABLE, "firms.xlsx": xlsx({"S": [["firm", "town"], ["Oak", "Bonn"]]})})
    with pytest.raises(PayloadError, match=r"2 files: 'people.csv', 'firms.xlsx'. Say which one is meant"):
        read(archive)
    assert read(archive, member="firms.xlsx")[0] == [("Oak", "Bonn")]
    with pytest.raises(PayloadError, match=r"has no file 'x'\. It has 'people\.csv'"):
        read(archive, member="x")


def test_a_tar_archive_is_called_one(read: Read) -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        info = tarfile.TarInfo("people.csv")
        info.size = len(TABLE)
        archive.addfile(info, io.BytesIO(TABLE))
    for content in (sink.getvalue(), gzip.compress(sink.getvalue())):
        with pytest.raises(PayloadError, match=r"a tar archive \(\.tar\)"):
            read(content)


@pytest.mark.parametrize("name", ["leads [2].parquet", "leads*.parquet", "{a,b}?.parquet", "it's.parquet"])
def test_the_name_of_a_parquet_file_is_no_pattern(read: Read, tmp_path: Path, name: str) -> None:
    for other in ("leads 2.parquet", "leads.parquet", "a1.parquet"):
        (tmp_path / other).write_bytes(parquet(tmp_path, "SELECT 'other' AS name"))
    assert read(parquet(tmp_path, "SELECT 'mine' AS name"), name=name)[0] == [("mine",)]


def test_structs_and_lists_of_parquet_are_opened_as_those_of_json(read: Read, tmp_path: Path) -> None:
    place = "{'town': 'Ulm', 'geo': {'x': 1}}"
    select = f"SELECT {place} AS place, ['a', 'b'] AS tags, [{{'n': 1}}, {{'n': 2}}] AS m, []::INT[] AS e"
    rows, found = read(parquet(tmp_path, select))
    assert found.columns == ("place.town", "place.geo.x", "tags", "m.1.n", "m.2.n", "e")
    assert rows == [("Ulm", "1", '["a","b"]', "1", "2", None)]


@pytest.mark.parametrize(
    ("select", "limits", "setting"),
    [
        ("SELECT repeat('y', 1000000) AS s FROM range(500)", {}, "MAX_INFLATE_RATIO"),
        ("SELECT i FROM range(500) t(i)", {"max_rows": 499}, "MAX_ROWS"),
        ("SELECT repeat('y', 3000) AS s, i FROM range(3) t(i)", {"max_cell_bytes": 2_999}, "MAX_CELL_BYTES"),
    ],
)
def test_parquet_is_counted_before_it_is_read(
    tmp_path: Path, select: str, limits: dict[str, Any], setting: str
) -> None:
    path = tmp_path / "payload"
    path.write_bytes(parquet(tmp_path, select))
    with duckdb.connect() as connection, pytest.raises(LimitExceededError, match=setting):
        read_payload(connection, path, ReadOptions(), Settings(**limits))


def test_no_process_runs_a_module_that_lies_in_the_current_folder(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in ("csv", "json", "multiprocessing", "pickle"):
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})")
    (folder / "book.xlsx").write_bytes(xlsx({"S": [["name", "city"], ["Eva", "Ulm"]]}))
    command = "import sys; sys.argv[0] = 'import-pipeline'; from import_pipeline.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", command, "convert", "book.xlsx", "--out-dir", str(tmp_path / "out")],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "book.xlsx").read_text() == "name,city\nEva,Ulm\n"
    assert not (tmp_path / "ran").exists()
