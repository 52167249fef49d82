"""`list`, `show`, `defects`, `records` and `inspect`: what is there, on the screen, as JSON and as CSV."""

import csv
from pathlib import Path

import pytest

from import_pipeline_tests.cli.conftest import SAMPLES
from import_pipeline_tests.cli.terminal import Terminal
from import_pipeline_tests.importing import Importing


def test_the_list_names_each_import_with_its_outcome(imported: Terminal) -> None:
    result = imported.run("list")
    assert result.exit_code == 0
    for word in ("first", "contact", "completed", "40", "contacts.csv"):
        assert word in result.stdout
    found = imported.read("list", "--status", "failed")
    assert (found["data"], found["total_count"], found["has_more"]) == ([], 0, False)


def test_show_tells_times_by_the_local_clock(imported: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import datetime

    created = imported.read("show", "first")["created_at"]
    assert datetime.fromtimestamp(created).strftime("%Y-%m-%d %H:%M:%S") in imported.run("show", "first").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("show", "first"),
        ("defects", "first"),
        ("records", "contact"),
        ("inspect", SAMPLES / "companies.csv"),
    ],
)
def test_everything_but_commands_to_copy_fits_80_columns(arguments: tuple[str, ...], imported: Terminal) -> None:
    lines = imported.run(*arguments).stdout.splitlines()
    longest = max((line for line in lines if "import-pipeline run" not in line and "errors.csv" not in line), key=len)
    assert len(longest) <= 80, longest


def test_defects_come_page_by_page_and_as_csv(imported: Terminal, tmp_path: Path) -> None:
    everything = imported.read("defects", "first")["data"]
    assert [one["row_number"] for one in everything] == [11, 19, 26, 32, 38, 39, 40]
    page = imported.read("defects", "first", "--limit", "2", "--after", "4")
    assert (page["data"], page["has_more"]) == (everything[4:6], True)
    file = tmp_path / "defects.csv"
    assert imported.run("defects", "first", "--csv", file).exit_code == 0
    with file.open(encoding="utf-8", newline="") as handle:
        assert [int(row["row_number"]) for row in csv.DictReader(handle)] == [11, 19, 26, 32, 38, 39, 40]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_records_are_written_as_csv_with_every_field(imported: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    assert "35 records" in imported.run("records", "contact", "--csv", file).stdout
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["external_id"] for row in rows] == [record["external_id"] for record in imported.stored()]
    assert rows[0]["phone"].lstrip("'") == imported.stored()[0]["phone"]


@pytest.mark.parametrize("place", ["missing/out.csv", "."])
def test_a_csv_file_that_cannot_be_written_is_refused(place: str, imported: Terminal, tmp_path: Path) -> None:
    result = imported.run("records", "contact", "--csv", tmp_path / place)
    assert result.exit_code == 2
    assert "folder" in result.stderr


def test_an_organization_without_records_has_none(imported: Terminal) -> None:
    assert "no records" in imported.run("records", "company", "--organization", "acme").stdout
    assert imported.run("records", "contract").exit_code == 2


def test_inspect_tells_dialect_types_samples_and_a_mapping_that_run_takes(imported: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "export.txt"
    file.write_bytes("Company name;Employees;Domain\nKäse GmbH;12;kaese.example.com\n".encode("windows-1252"))
    found = imported.read("inspect", file)
    assert (found["delimiter"], found["columns"]) == (";", ["Company name", "Employees", "Domain"])
    assert found["sample_rows"] == [["Käse GmbH", "12", "kaese.example.com"]]
    assert found["record_type"] == "company"
    assert found["suggested_mapping"] == {"Company name": "name", "Employees": "employees", "Domain": "domain"}
    assert found["column_types"]["Employees"] == "integer"
    assert imported.read("list")["total_count"] == 1


def test_a_phase_that_stopped_for_a_person_says_so_and_counts_no_rows(terminal: Terminal, importing: Importing) -> None:
    import_id = importing.run("email,birthday\nann@example.com,1/2/1980\n")["id"]
    shown = terminal.run("show", import_id).stdout
    assert "needs_review" in shown
    (line,) = (line for line in shown.splitlines() if line.startswith("1 prevalidation"))
    assert line.split() == ["1", "prevalidation", "needs_review"]


def test_why_an_import_failed_is_shown_once(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"a": ')
    told = terminal.run("run", tmp_path / "broken.json", "--record-type", "contact", "--id", "broken")
    shown = terminal.run("show", "broken")
    for text in (told.stdout + told.stderr, shown.stdout + shown.stderr):
        assert text.count("The JSON is broken") == 1
