"""Errors as a workbook: what a person sees in it, and what comes of it once it is mended."""

import io
import zipfile
from pathlib import Path
from typing import Any

import httpx
import python_calamine

from import_pipeline.service import queries
from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.api.test_drafts import draft, patch, put
from import_pipeline_tests.api.test_previews import confirmed, counts, previewed

FILE = (
    b"External ID,E-mail,Phone,Note\n"
    b"007,nonsense@,+49 30 23125001,=1+1\n"
    b"2,bob@example.com,,fine\n"
    b"003,also bad,+49 30 23125003,'=kept\n"
    b"4,worse@,,_x0041_ & <b>\n"
)
MAPPING = {"external_id": "External ID", "email": "E-mail", "phone": "Phone", "notes": "Note"}


def errors_of(client: Client, import_id: str) -> bytes:
    """The workbook of the errors of an import."""
    answer = httpx.get(client.get(f"/v1/imports/{import_id}")["_errors_xlsx_url"])
    assert answer.is_success, answer.text
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert "errors.xlsx" in answer.headers["Content-Disposition"]
    return answer.content


def rows_of(workbook: bytes) -> list[list[Any]]:
    """The rows of its sheet."""
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()


def begun(client: Client) -> str:
    """An import that waits with a preview, in which three rows failed."""
    import_id = draft(client, FILE)["id"]
    patch(client, import_id, column_mapping=MAPPING)
    assert counts(previewed(client, import_id)) == {"created": 1, "failed": 3}
    return import_id


def test_the_reasons_stand_beside_the_rows_and_bad_cells_are_coloured(served: Served) -> None:
    client = served.client()
    workbook = errors_of(client, begun(client))
    header, *rows = rows_of(workbook)
    assert header == [
        "import_row_number", "import_error_messages", "External ID", "E-mail", "Phone", "Note", "import_error_codes",
    ]  # fmt: skip
    assert [row[0] for row in rows] == [1, 3, 4]
    assert rows[0][2:6] == ["007", "nonsense@", "+49 30 23125001", "=1+1"]
    assert rows[0][1].startswith("E-mail: ")
    assert rows[0][6] == "invalid_email"
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        sheet, styles = (archive.read(f"xl/{part}").decode() for part in ("worksheets/sheet1.xml", "styles.xml"))
        comments = archive.read("xl/comments1.xml").decode()
    assert "<f>" not in sheet
    assert "F6C7C3" in styles
    bad, good = (sheet.split(f'r="{cell}" s="')[1].split('"')[0] for cell in ("D2", "C2"))
    assert bad != good
    assert comments.count("<comment ") == 3


def test_a_mended_workbook_is_imported_as_the_rows_that_failed(served_local: Served) -> None:
    client = served_local.client()
    import_id = begun(client)
    workbook = errors_of(client, import_id)
    confirmed(client, import_id)
    typed = {"nonsense@": "anna@example.com", "also bad": "eve@example.com", "worse@": "fred@example.com"}
    mended = _with(workbook, typed)
    asked = client.post(
        "/v1/imports", {"resource": "contact", "start": False, "upload_mode": "async", "retry_of": import_id}
    )
    put(asked, mended)
    found = client.post(f"/v1/imports/{asked['id']}/inspection")
    assert [one["name"] for one in found["columns"]] == ["External ID", "E-mail", "Phone", "Note"]
    assert found["lines"][0]["cells"] == ["External ID", "E-mail", "Phone", "Note"]
    assert found["lines"][1]["cells"] == ["007", "anna@example.com", "+49 30 23125001", "=1+1"]
    patch(client, asked["id"], column_mapping=MAPPING)
    seen = previewed(client, asked["id"])
    assert (counts(seen), seen["retry_of"]) == ({"created": 3}, import_id)
    confirmed(client, asked["id"])
    stored = queries.records(served_local.home, "contact", client.organization)
    assert sorted((one["external_id"], one["email"], one["phone"], one["notes"]) for one in stored) == [
        ("003", "eve@example.com", "+49 30 23125003", "'=kept"),
        ("007", "anna@example.com", "+49 30 23125001", "=1+1"),
        ("2", "bob@example.com", None, "fine"),
        ("4", "fred@example.com", None, "_x0041_ & <b>"),
    ]


def _with(workbook: bytes, changes: dict[str, str]) -> bytes:
    """The workbook with other texts in cells, as a person types them."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                for before, after in changes.items():
                    content = content.replace(f"<t>{before}</t>".encode(), f"<t>{after}</t>".encode())
            target.writestr(name, content)
    return written.getvalue()


def test_a_cell_that_no_workbook_takes_is_refused_with_the_way_out(served_local: Served) -> None:
    client = served_local.client()
    long = "x" * 40_000
    import_id = draft(client, f"E-mail,Note\nnonsense@,{long}\n".encode())["id"]
    patch(client, import_id, column_mapping={"email": "E-mail"})
    previewed(client, import_id)
    answer = httpx.get(client.get(f"/v1/imports/{import_id}")["_errors_xlsx_url"])
    assert (answer.status_code, "Download the errors as CSV" in answer.text) == (422, True)


def test_many_rows_take_little_memory(served_local: Served, tmp_path: Path) -> None:
    from import_pipeline.service.downloads import ERRORS_XLSX, make_download

    client = served_local.client()
    rows = "".join(f"p{number}@,{number}\n" for number in range(20_000))
    import_id = draft(client, f"E-mail,Note\n{rows}".encode())["id"]
    patch(client, import_id, column_mapping={"email": "E-mail"})
    previewed(client, import_id)
    made = tmp_path / "errors.xlsx"
    make_download(served_local.home, import_id, ERRORS_XLSX, made)
    assert len(rows_of(made.read_bytes())) == 20_001
