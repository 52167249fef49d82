"""What a spreadsheet would run as a formula is kept on the way in, harmless on the way out, and taken back."""

import csv
import io
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.phases.formulas import as_it_was, harmless, harmless_text, text_as_it_was
from import_pipeline.service import queries
from import_pipeline.service.downloads import UPLOAD_CSV, make_download
from import_pipeline_tests.examples import examples
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.intake.workbooks import xlsx
from import_pipeline_tests.record_types.sql_values import values_of

DANGEROUS = ["=1+1", "+44 20 7946 0018", "-5", "@x", "\uff1d1", "'=1", "''@x", "\t=1"]
STARTS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"


def begins_formula(text: str | None) -> bool:
    return bool(text) and text is not None and text[0] in STARTS


@examples(25)
@given(st.lists(st.text(alphabet="'=+-@\t\r\na1 \uff1d\uff0b\uff0d\uff20"), min_size=1, max_size=20))
def test_what_was_made_harmless_runs_nowhere_and_comes_back_as_it_was(texts: list[str]) -> None:
    harmless_texts = values_of(harmless("t"), texts)
    assert not any(begins_formula(text) for text in harmless_texts)
    assert values_of(as_it_was("t"), harmless_texts) == texts
    assert [harmless_text(text) for text in texts] == harmless_texts
    assert [text_as_it_was(text) for text in harmless_texts] == texts


def test_stored_records_that_are_given_out_come_back_as_they_were(importing: Importing, tmp_path: Path) -> None:
    rows = "".join(f'r{i},"{cell}",+49 30 12345{i}\n' for i, cell in enumerate(DANGEROUS) if cell[0] != "\t")
    importing.run(f"external_id,notes,phone\n{rows}")
    before = importing.stored()
    given_out = tmp_path / "records.csv"
    queries.write_records_csv(importing.home, "contact", "default", given_out)
    text = given_out.read_text()
    assert not any(begins_formula(cell) for row in csv.reader(io.StringIO(text)) for cell in row)

    mapping = {name: name for name in ("external_id", "notes", "phone")}
    again = importing.run(text, column_mapping=mapping)
    assert again["unchanged_count"] == len(before)
    assert importing.stored() == before


def test_the_names_of_columns_are_harmless_in_an_errors_file_and_come_back(importing: Importing) -> None:
    mapping = {"=Mail": "email", "+Note": "notes"}
    first = importing.run("=Mail,+Note\nanna@,=1\n", column_mapping=mapping)
    text = importing.errors_file(first["id"])
    assert text.startswith('"\'=Mail","\'+Note"') or text.startswith("'=Mail,'+Note")
    mended = importing.run(text.replace("anna@", "anna@example.com"), column_mapping=mapping)
    assert mended["status"] == "completed"
    assert importing.stored() == [{"email": "anna@example.com", "notes": "=1"}]


def test_defects_that_are_written_as_csv_run_nowhere(importing: Importing, tmp_path: Path) -> None:
    found = importing.run("=Mail\n=1+1\n", column_mapping={"=Mail": "email"})
    queries.write_defects_csv(importing.home, found["id"], tmp_path / "defects.csv")
    cells = [cell for row in csv.reader(io.StringIO((tmp_path / "defects.csv").read_text())) for cell in row]
    assert "'=Mail" in cells
    assert not any(begins_formula(cell) for cell in cells)


def test_a_workbook_that_is_given_out_as_csv_runs_nowhere_and_comes_back(importing: Importing, tmp_path: Path) -> None:
    table = [["email", "notes"], ["anna@example.com", "=1+1"], ["bob@example.com", "'-x"], ["c@example.com", "plain"]]
    first = importing.run(xlsx({"S": table}))
    made = tmp_path / "upload.csv"
    make_download(importing.home, first["id"], UPLOAD_CSV, made)
    assert not any(begins_formula(cell) for row in csv.reader(io.StringIO(made.read_text())) for cell in row)
    before = importing.stored()
    again = importing.run(made.read_bytes())
    assert again["unchanged_count"] == 3
    assert importing.stored() == before


def test_a_payload_without_formulas_is_given_out_with_its_columns_only(importing: Importing, tmp_path: Path) -> None:
    first = importing.run(json.dumps([{"email": "anna@example.com", "notes": "x"}]))
    make_download(importing.home, first["id"], UPLOAD_CSV, tmp_path / "upload.csv")
    assert (tmp_path / "upload.csv").read_text() == "email,notes\nanna@example.com,x\n"
