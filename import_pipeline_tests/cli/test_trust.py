"""At the terminal: rows with their differences, undo, history, replay."""

from pathlib import Path
from typing import Any

from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, running
from import_pipeline.words import Phase, Source
from import_pipeline_tests.cli.terminal import Terminal

FIRST = "external_id,first_name,status\n1,Ada,lead\n2,Bob,Sponsor?\n"
SECOND = "external_id,first_name\n1,Augusta\n3,Cyd\n"


def imported(terminal: Terminal, folder: Path, import_id: str, text: str, **spec: Any) -> None:
    """Import a text as a file under this id, in this process and without Dagster."""
    path = folder / f"{import_id}.csv"
    path.write_text(text)
    home = Home(terminal.settings)
    creating.create_from_file(
        home, path, ImportSpec(record_type="contact", **spec), Source.TERMINAL, import_id=import_id
    )
    for phase in Phase:
        running.run_phase_of(home, import_id, phase)


def test_an_import_is_previewed_made_looked_at_undone_and_replayed(terminal: Terminal, tmp_path: Path):
    imported(terminal, tmp_path, "first", FIRST, on_bad_optional="fail")
    imported(terminal, tmp_path, "dry", SECOND, dry_run=True)
    rows = terminal.read("rows", "dry")["data"]
    assert [row["outcome"] for row in rows] == ["updated", "created"]
    shown = terminal.run("rows", "dry", "--outcome", "updated").stdout
    assert "Ada → Augusta" in shown
    assert "Cyd" not in shown

    imported(terminal, tmp_path, "second", SECOND)
    assert terminal.run("rows", "second", "--csv", tmp_path / "rows.csv").exit_code == 0
    assert (tmp_path / "rows.csv").read_text().count("\n") == 4

    (ada,) = terminal.read("records", "contact", "--where", "external_id=1")["data"]
    history = terminal.run("records", "contact", "--id", ada["id"], "--history")
    assert "second.csv, row 1" in history.stdout
    events = terminal.read("records", "contact", "--id", ada["id"], "--history")["data"]
    assert [one["import_id"] for one in events] == ["first", "second"]

    assert "2 would be taken back" in terminal.run("undo", "second", "--dry-run").stdout
    undone = terminal.run("undo", "second")
    assert (undone.exit_code, "2 taken back, 0 kept" in undone.stdout) == (0, True)
    assert [record["first_name"] for record in terminal.stored()] == ["Ada"]
    again = terminal.run("undo", "second")
    assert (again.exit_code, "reverted" in again.stderr) == (2, True)

    replayed = terminal.run("replay", "first", "--value-mappings", '{"status": {"Sponsor?": "customer"}}')
    assert replayed.exit_code == 0, replayed.stderr
    assert sorted(record["first_name"] for record in terminal.stored()) == ["Ada", "Bob"]


def test_confirming_an_import_above_its_threshold_accepts_its_failed_rows(terminal: Terminal, tmp_path: Path):
    path = tmp_path / "file.csv"
    path.write_text(FIRST)
    strict = ("--set", "max_failed_rows=0", "--set", "on_bad_optional=fail")
    waiting = terminal.run("run", path, "--record-type", "contact", "--id", "first", *strict)
    assert (waiting.exit_code, "1 of 2 rows failed" in waiting.stderr) == (1, True)
    assert terminal.run("confirm", "first").exit_code == 0
    assert [record["first_name"] for record in terminal.stored()] == ["Ada"]


def test_what_cannot_be_looked_at_is_told_in_words(terminal: Terminal, tmp_path: Path):
    imported(terminal, tmp_path, "first", FIRST, on_bad_optional="fail")
    for arguments, words in [
        (("records", "contact", "--history"), "--id ID"),
        (("records", "contact", "--where", "email"), "FIELD=VALUE"),
        (("records", "contact", "--where", "shoe=1"), "shoe"),
        (("rows", "nothing"), "nothing"),
        (("undo", "nothing"), "nothing"),
        (("replay", "nothing"), "nothing"),
    ]:
        result = terminal.run(*arguments)
        assert result.exit_code in (1, 2)
        assert words in result.stderr
