"""`import-pipeline changes`: on the screen, as JSON and as a Parquet file, and on from a cursor."""

import json
from pathlib import Path

import duckdb

from import_pipeline_tests.cli.terminal import Terminal
from import_pipeline_tests.importing import Importing


def test_changes_are_shown_with_the_cursor_to_go_on_from(importing: Importing, terminal: Terminal, tmp_path: Path):
    made = importing.run("external_id,first_name\n1,Ann\n2,Bob\n")["id"]
    first = terminal.run("changes", "contact", "--limit", "1").stdout
    assert made in first
    assert "There are more" in first
    cursor = first.split("--after ")[1].split()[0]
    found = json.loads(terminal.run("changes", "contact", "--after", cursor, "--json").stdout)
    assert [(one["operation"], one["after"]["first_name"]) for one in found["data"]] == [("created", "Bob")]
    path = tmp_path / "changes.parquet"
    written = json.loads(terminal.run("changes", "contact", "--parquet", str(path), "--json").stdout)
    assert (written["rows"], written["has_more"], written["next_cursor"]) == (2, False, found["next_cursor"])
    assert duckdb.sql(f"SELECT after.first_name FROM '{path}'").fetchall() == [("Ann",), ("Bob",)]
    taken = json.loads(terminal.run("snapshot", "contact", "--json").stdout)
    assert taken["data"][0]["changes_cursor"] == written["next_cursor"]
    last = terminal.run("changes", "contact", "--after", written["next_cursor"])
    assert "No import" in last.stdout
    refused = terminal.run("changes", "contact", "--after", "nonsense")
    assert refused.exit_code == 2
    assert "no cursor" in refused.stderr
