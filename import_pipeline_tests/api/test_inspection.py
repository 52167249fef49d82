"""The file of a draft, looked at before it starts."""

import io
import zipfile
from typing import Any

from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.service import inspecting
from import_pipeline.service.kept_inspections import KeptInspections
from import_pipeline.service.remembering import remember
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline_tests.api.serving import Client, Served
from import_pipeline_tests.api.test_drafts import draft, patch, put
from import_pipeline_tests.intake.workbooks import xlsx

TEXT = (
    "Report of May\nMade by Müller\n\nMail;Born;Paid;Note\n"
    + "".join(f"p{number}@example.com;0{number}/04/2026;1.{number}00;x\n" for number in range(1, 6))
    + "Mail;Born;Paid;Note\nq@example.com;;;\n"
)


def inspect(client: Client, content: bytes, **body: Any) -> dict[str, Any]:
    """What is seen of a file."""
    return client.post(f"/v1/imports/{draft(client, content)['id']}/inspection", body)


def test_a_windows_file_is_shown_line_by_line_with_what_was_passed_over(served_local: Served) -> None:
    found = inspect(served_local.client(), TEXT.encode("windows-1252"))
    reading = found["reading"]
    assert (found["format"], reading["delimiter"], reading["header_row"], reading["skip_rows"]) == ("csv", ";", 4, 0)
    shown = [(one["line"], one["kind"], one["reason"]) for one in found["lines"]]
    assert shown[:4] == [
        (1, "skipped", "above_header"), (2, "skipped", "above_header"), (4, "header", None), (5, "row", None),
    ]  # fmt: skip
    assert found["lines"][1]["cells"] == ["Made by Müller"]
    assert shown[8] == (10, "skipped", "repeated_header")
    assert [(one["row_number"], one["reason"]) for one in found["skipped_lines"]] == [(6, "repeated_header")]
    assert found["total_rows"] == 7


def test_a_header_that_was_found_wrong_is_chosen_by_its_line(served_local: Served) -> None:
    client = served_local.client()
    asked = draft(client, b"a,b\nMail,Name\nanna@example.com,Anna\n")
    path = f"/v1/imports/{asked['id']}/inspection"
    second = client.post(path, {"reading": {"header_row": 2}})
    assert [column["name"] for column in second["columns"]] == ["Mail", "Name"]
    assert [(one["line"], one["kind"]) for one in second["lines"]] == [(1, "skipped"), (2, "header"), (3, "row")]
    assert second["reading"]["header_row"] == 2
    none = client.post(path, {"reading": {"header_row": 0}})
    assert [one["kind"] for one in none["lines"]] == ["row", "row", "row"]
    assert none["reading"]["header_row"] == 0
    patch(client, asked["id"], reading={"header_row": 2})
    assert client.post(path)["columns"] == second["columns"]


def test_columns_come_with_what_they_hold_and_what_they_may_be(served_local: Served) -> None:
    content = b"E-mail,Second mail,Colour\nanna@example.com,anna@home.example,red\nbob@example.com,,red\n,,\n"
    found = inspect(served_local.client(), content)
    first, second, colour = found["columns"]
    assert first["suggestion"] == {"field": "email", "score": 1.0, "is_sure": True, "why": None}
    assert (first["filled"], first["distinct"]) == (2, 2)
    assert first["samples"] == ["anna@example.com", "bob@example.com"]
    assert "email" in [one["field"] for one in second["alternatives"]]
    assert all(one["field"] != second["suggestion"]["field"] for one in second["alternatives"])
    assert (colour["suggestion"]["field"], colour["distinct"], colour["samples"]) == (None, 1, ["red"])
    assert found["record_type_guess"][0]["resource"] == "contact"
    assert sum(one["score"] for one in found["record_type_guess"]) <= 4


def test_what_only_a_person_knows_is_asked_with_the_cell_and_the_answer_is_a_reading(served_local: Served) -> None:
    client = served_local.client()
    asked = draft(client, b"E-mail,Birthday\nanna@example.com,03/04/2001\nbob@example.com,05/06/2002\n")
    path = f"/v1/imports/{asked['id']}/inspection"
    [question] = client.post(path)["questions"]
    assert (question["kind"], question["column"]) == ("date_order", "Birthday")
    assert question["answer"] == {"path": ["date_orders", "Birthday"]}
    assert [one["value"] for one in question["choices"]] == ["day_first", "month_first"]
    assert question["cell"] in ("03/04/2001", "05/06/2002")
    assert question["choices"][0]["text"] in ("Day first: 3 April 2001", "Day first: 5 June 2002")
    assert client.post(path, {"reading": {"date_orders": {"Birthday": "day_first"}}})["questions"] == []


WORKBOOK = xlsx(
    {
        "Cover": [["Made in May"]],
        "People": [["E-mail", "Name"], ["anna@example.com", "Anna"], ["bob@example.com", "Bob"]],
        "Firms": [["Domain", "Name"], ["oak.example", "Oak"], ["elm.example", "Elm"]],
    }
)


def test_the_sheets_of_a_workbook_are_told_and_one_is_asked_for(served_local: Served) -> None:
    client = served_local.client()
    asked = draft(client, WORKBOOK, file_name="all.xlsx")
    path = f"/v1/imports/{asked['id']}/inspection"
    found = client.post(path)
    assert [(one["name"], one["is_used"]) for one in found["sheets"]] == [
        ("Cover", False), ("People", True), ("Firms", False),
    ]  # fmt: skip
    [question] = found["questions"]
    assert (question["kind"], question["answer"]) == ("sheet", {"path": ["sheet"]})
    assert [one["value"] for one in question["choices"]] == ["People", "Firms"]
    firms = client.post(path, {"reading": {"sheet": "Firms"}, "resource": "company"})
    assert (firms["reading"]["sheet"], firms["questions"]) == ("Firms", [])
    assert [one["suggestion"]["field"] for one in firms["columns"]] == ["domain", "name"]
    assert firms["lines"][0]["cells"] == ["Domain", "Name"]


def test_an_archive_of_several_files_asks_which_one(served_local: Served) -> None:
    client = served_local.client()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("people.csv", "E-mail\nanna@example.com\n")
        archive.writestr("firms.csv", "Domain\noak.example\n")
    asked = draft(client, written.getvalue())
    path = f"/v1/imports/{asked['id']}/inspection"
    found = client.post(path)
    assert (found["members"], found["columns"]) == (["people.csv", "firms.csv"], [])
    assert [one["value"] for one in found["questions"][0]["choices"]] == ["people.csv", "firms.csv"]
    people = client.post(path, {"reading": {"member": "people.csv"}})
    assert [one["name"] for one in people["columns"]] == ["E-mail"]
    assert (people["members"], people["reading"]["member"]) == (["people.csv", "firms.csv"], "people.csv")


def test_rows_of_json_are_shown_below_their_names(served_local: Served) -> None:
    found = inspect(served_local.client(), b'[{"email": "anna@example.com", "age": 5}, {"email": "bob@example.com"}]')
    assert [(one["line"], one["kind"], one["cells"]) for one in found["lines"]] == [
        (None, "header", ["email", "age"]), (None, "row", ["anna@example.com", "5"]),
        (None, "row", ["bob@example.com", ""]),
    ]  # fmt: skip


def test_a_file_that_cannot_be_read_as_is_said_is_refused_and_the_draft_stays(served_local: Served) -> None:
    client = served_local.client()
    asked = draft(client)
    answer = client.call("POST", f"/v1/imports/{asked['id']}/inspection", {"reading": {"header_row": 70}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unreadable_file")
    assert client.post(f"/v1/imports/{asked['id']}/inspection")["total_rows"] == 2
    missing = draft(client, None)
    answer = client.call("POST", f"/v1/imports/{missing['id']}/inspection", {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "upload_missing")


def test_what_was_seen_a_moment_ago_is_seen_again_unless_the_file_or_what_is_asked_changed(
    served_local: Served,
) -> None:
    client, home = served_local.client(), served_local.home
    import_id = draft(client, b"a;b\n1;2\n")["id"]
    kept, looked = KeptInspections(), []

    def look(record: ImportRecord, options: ReadOptions | None, record_type: str | None) -> dict[str, Any]:
        looked.append(record.object_version)
        return inspecting.inspect(home, record.id, options, record_type)

    def columns(**said: Any) -> list[str]:
        record = imports.get(home.registry, import_id)
        found = kept.inspect(record, ReadOptions(**said) if said else None, None, look)
        return [one["name"] for one in found["columns"]]

    assert columns(delimiter=";") == ["a", "b"]
    patch(client, import_id, reading={"delimiter": ";"}, name="Leads of May")
    assert columns() == ["a", "b"]
    assert len(looked) == 1
    assert columns(delimiter=",") == ["a;b"]
    put(client.get(f"/v1/imports/{import_id}"), b"c;d\n1;2\n")
    assert columns() == ["c", "d"]
    assert len(looked) == len({*looked}) + 1 == 3


def test_the_mapping_of_last_time_is_offered_for_the_same_header_row(served_local: Served) -> None:
    client = served_local.client()
    content = b"Full nm,Mail addr\nAnna,anna@example.com\n"
    assert inspect(client, content)["remembered_mapping"] is None
    mapping = {"Full nm": "full_name", "Mail addr": "email"}
    spec = ImportSpec(record_type="contact", organization=client.organization, column_mapping=mapping)
    remember(served_local.home, spec, list(mapping), "imp_1")
    assert inspect(client, content)["remembered_mapping"] == {"full_name": "Full nm", "email": "Mail addr"}
    assert inspect(served_local.client(), content)["remembered_mapping"] is None
