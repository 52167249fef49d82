"""`confirm`: an import that waits for a person goes on with what the person decided, and only with that."""

import json
import shlex
from pathlib import Path

from import_pipeline_tests.cli.conftest import SAMPLES
from import_pipeline_tests.cli.terminal import Terminal, values


def _contacts(path: Path, numbers: range) -> Path:
    rows = "".join(f"{number},Ada\n" for number in numbers)
    path.write_text("External ID,First name\n" + rows)
    return path


def test_a_file_without_a_sure_mapping_waits_and_the_printed_command_goes_on(terminal: Terminal) -> None:
    result = terminal.run("run", SAMPLES / "attendees.csv", "--record-type", "contact", "--id", "fair")
    assert result.exit_code == 1
    assert "similar" in result.stdout
    assert "80" in result.stdout
    assert terminal.read("show", "fair")["status"] == "needs_review"
    assert terminal.stored() == []

    command = next(line for line in result.stdout.splitlines() if line.startswith("import-pipeline confirm"))
    assert terminal.run(*shlex.split(command)[1:]).exit_code == 0
    assert values(terminal.stored(), "full_name", "email")[0] == ("Ines Caldeira", "ines.caldeira@example.com")


def test_with_json_the_suggestions_are_in_the_object(terminal: Terminal) -> None:
    result = terminal.run("run", SAMPLES / "attendees.csv", "--record-type", "contact", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert [one["field"] for one in found["details"]["suggestions"]] == ["full_name", "email", "company_name", None]
    assert "--mapping" in found["reason"]


def test_confirming_without_a_mapping_shows_the_suggestions_and_changes_nothing(terminal: Terminal) -> None:
    terminal.run("run", SAMPLES / "attendees.csv", "--record-type", "contact", "--id", "fair")
    result = terminal.run("confirm", "fair")
    assert (result.exit_code, "Mail adress" in result.stdout) == (2, True)
    assert terminal.read("show", "fair")["status"] == "needs_review"
    assert terminal.run("confirm", "fair", "--auto-map").exit_code == 0
    assert len(terminal.stored()) == 3


def test_a_wrong_mapping_is_refused_and_names_the_field(terminal: Terminal) -> None:
    terminal.run("run", SAMPLES / "attendees.csv", "--record-type", "contact", "--id", "fair")
    result = terminal.run("confirm", "fair", "--mapping", '{"Mail adress": "emial"}')
    assert result.exit_code in (1, 2)
    assert "emial" in result.stderr
    assert "'email'" in result.stderr
    assert terminal.stored() == []


def test_an_overwrite_that_would_empty_a_table_waits_until_it_is_confirmed(terminal: Terminal, tmp_path: Path) -> None:
    many, few = _contacts(tmp_path / "many.csv", range(120)), _contacts(tmp_path / "few.csv", range(3))
    assert terminal.run("run", many, "--record-type", "contact").exit_code == 0
    result = terminal.run("run", few, "--record-type", "contact", "--action", "overwrite", "--id", "cut")
    assert result.exit_code == 1
    assert "117" in result.stderr
    assert len(terminal.stored()) == 120
    assert terminal.run("confirm", "cut").exit_code == 0
    assert values(terminal.stored(), "external_id") == [("0",), ("1",), ("2",)]


def test_only_what_waits_can_be_confirmed(imported: Terminal) -> None:
    result = imported.run("confirm", "first")
    assert result.exit_code == 2
    assert "'first' is completed" in result.stderr


def test_dates_that_can_be_read_in_two_ways_wait_for_a_format(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "born.csv"
    file.write_text("Email,Birthday\nada@example.com,01/02/1980\nbob@example.com,03/04/1981\n")
    seen = terminal.read("inspect", file)["column_formats"]
    assert [(one["column"], one["readings"]) for one in seen] == [("Birthday", ["%d/%m/%Y", "%m/%d/%Y"])]

    result = terminal.run("run", file, "--record-type", "contact", "--id", "born")
    assert result.exit_code == 1
    assert "import-pipeline confirm born --date-format '%d/%m/%Y', or '%m/%d/%Y'" in " ".join(result.stderr.split())
    again = terminal.run("confirm", "born")
    assert (again.exit_code, "--date-format" in again.stderr) == (2, True)
    assert terminal.stored() == []

    assert terminal.run("confirm", "born", "--date-format", "%m/%d/%Y").exit_code == 0
    assert values(terminal.stored(), "email", "date_of_birth") == [
        ("ada@example.com", "1980-01-02"),
        ("bob@example.com", "1981-03-04"),
    ]


def test_what_was_decided_about_dates_is_shown_before_and_after(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "born.csv"
    file.write_text("Email;Birthday\nada@example.com;31.01.1980\nbob@example.com;01.02.1981\n")
    assert "Birthday is written %d.%m.%Y" in terminal.run("inspect", file).stdout
    assert terminal.run("run", file, "--record-type", "contact", "--id", "born").exit_code == 0
    (one,) = terminal.read("show", "born")["details"]["reading"]["column_formats"]
    assert (one["value"], one["format"]) == ("day_first", "%d.%m.%Y")


def test_a_file_of_several_tables_is_confirmed_only_with_the_table_that_is_meant(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "two.csv"
    path.write_text("name,city\nAller,Oslo\nBox,Bern\n\nexternal_id,email,phone\nA1,ida@example.com,\n")
    assert terminal.run("run", path, "--record-type", "company", "--id", "two").exit_code == 1
    refused = terminal.run("confirm", "two")
    assert refused.exit_code == 2
    assert "--table N" in refused.stderr.replace("\n", " ")
    assert terminal.read("show", "two")["status"] == "needs_review"

    done = terminal.run("confirm", "two", "--table", "1")
    assert done.exit_code == 0
    assert "2 lines belong to another table." in done.stdout
    assert [one["name"] for one in terminal.stored("company")] == ["Aller", "Box"]


def test_inspect_names_the_tables_of_a_file(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("name,city\nAller,Oslo\nBox,Bern\n\nexternal_id,email,phone\nA1,ida@example.com,\n")
    found = terminal.read("inspect", path)
    assert [(one["number"], one["line"], one["columns"][0]) for one in found["tables"]] == [
        (1, 1, "name"),
        (2, 5, "external_id"),
    ]
    assert "2: from line 5, 1 line, external_id, email, phone" in terminal.run("inspect", path).stdout


def test_a_column_called_id_keeps_its_name_in_the_reason(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("Colour ID of wall,Feld 2\nred,y\nblue,z\n")
    result = terminal.run("run", path, "--record-type", "contact", "--id", "mine", "--json")
    assert "Colour ID of wall" in result.stdout + result.stderr
    assert "Colour mine of wall" not in result.stdout + result.stderr
    assert "import-pipeline confirm mine --mapping" in result.stderr


def test_a_mapping_to_copy_that_says_nothing_yet_has_to_be_filled_in(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "unknown.csv"
    path.write_text("Feld 1,Feld 2\nx,y\n")
    inspected = terminal.run("inspect", path, "--record-type", "contact").stdout
    assert """--mapping '{"Feld 1": "FIELD"}'""" in inspected.replace("\n", " ")
    terminal.run("run", path, "--record-type", "contact", "--id", "mine")
    reason = terminal.read("show", "mine")["reason"]
    assert "Write a field in place of FIELD, one of 'id', 'external_id'" in reason
    assert reason.endswith("""confirm ID --mapping '{"Feld 1": "FIELD"}'""")


def test_a_refusal_without_a_field_is_shown_and_kept_where_that_is_said(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("Email,Do not call\nann@example.com,yes\n")
    waiting = terminal.run("run", file, "--record-type", "contact", "--id", "calls")
    assert waiting.exit_code != 0
    assert "'Do not call' goes to no field" in " ".join(waiting.stderr.split())
    assert "--keep-unmapped" in waiting.stdout
    assert terminal.run("confirm", "calls", "--keep-unmapped").exit_code == 0
    assert values(terminal.stored(), "extra") == [('{"Do not call":"yes"}',)]


def test_a_mapping_that_was_confirmed_is_used_again_until_it_is_forgotten(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Nm,Contact point\nAnn Lee,ann@example.com\nBob May,bob@example.com\n")
    assert terminal.run("run", file, "--record-type", "contact", "--id", "first").exit_code != 0
    mapping = json.dumps({"Nm": "full_name", "Contact point": "email"})
    assert terminal.run("confirm", "first", "--mapping", mapping).exit_code == 0
    file.write_text("Nm,Contact point\nCat Low,cat@example.com\n")
    again = terminal.run("run", file, "--record-type", "contact")
    assert again.exit_code == 0
    assert "as a person confirmed it for import first" in " ".join(again.stdout.split())

    [kept] = terminal.read("mappings", "list")["data"]
    assert kept["id"] in terminal.run("mappings", "list").stdout
    assert terminal.run("mappings", "forget", kept["id"]).exit_code == 0
    assert "No mapping is remembered" in terminal.run("mappings", "list").stdout
    file.write_text("Nm,Contact point\nDan Fox,dan@example.com\n")
    assert terminal.run("run", file, "--record-type", "contact").exit_code != 0
