"""Bad input at the terminal: a message that names thing and remedy, exit 1 or 2, nothing stored, no traceback."""

import json
from pathlib import Path

import pytest

from import_pipeline_tests.cli.terminal import Terminal

GOOD = "External ID,First name,Email\n1,Ada,ada@example.com\n"
CONTACT = ("--record-type", "contact")

CASES: dict[str, tuple[str | bytes | None, tuple[str, ...], int | None, tuple[str, ...]]] = {
    "no_file": (None, CONTACT, 1, ("people.csv", "Check the path")),
    "an_empty_file": ("", CONTACT, 1, ("is empty", "Export it again")),
    "a_header_only": ("External ID,Email\n", CONTACT, 1, ("header",)),
    "bytes_that_are_no_table": (bytes(range(256)) * 20, CONTACT, None, ()),
    "an_unknown_record_type": (GOOD, ("--record-type", "contract"), 2, ("'contract'", "contact")),
    "no_record_type": (GOOD, (), 2, ("--record-type",)),
    "an_unknown_field": (GOOD, (*CONTACT, "--mapping", '{"Email": "emial"}'), None, ("'emial'", "'email'")),
    "an_unknown_column": (GOOD, (*CONTACT, "--mapping", '{"Mail": "email"}'), None, ("'Mail'", "'Email'")),
    "two_columns_on_one_field": (
        GOOD,
        (*CONTACT, "--mapping", '{"Email": "email", "First name": "email"}'),
        2,
        ("'Email', 'First name'", "'email'"),
    ),
    "no_identifier_mapped": (
        GOOD,
        (*CONTACT, "--mapping", '{"First name": "first_name"}'),
        None,
        ("'external_id', 'email', 'phone'",),
    ),
    "a_delete_without_ids": (
        GOOD,
        (*CONTACT, "--action", "delete", "--mapping", '{"Email": "email"}'),
        None,
        ("delete needs the id", "'external_id'"),
    ),
    "an_unknown_action": (GOOD, (*CONTACT, "--action", "upsert"), 2, ("upsert", "merge")),
    "a_mapping_that_is_no_json": (GOOD, (*CONTACT, "--mapping", '{"Email": '), 2, ("--mapping is not JSON", "E-mail")),
    "a_mapping_with_a_key_twice": (
        GOOD,
        (*CONTACT, "--mapping", '{"Email": "email", "Email": "phone"}'),
        2,
        ("twice",),
    ),
    "a_mapping_file_that_is_not_there": (GOOD, (*CONTACT, "--mapping", "no.json"), 2, ("'no.json'", "file")),
    "an_unknown_key": (GOOD, (*CONTACT, "--set", "tag=x"), 2, ("'tag'", "Did you mean 'tags'")),
    "a_key_given_twice": (GOOD, (*CONTACT, "--tags", "a", "--set", "tags=b"), 2, ("tags", "--set")),
    "an_organization_that_is_no_name": (GOOD, (*CONTACT, "--organization", "../x"), 2, ("organization", "../x")),
    "an_id_that_is_no_name": (GOOD, (*CONTACT, "--id", "../x"), 2, ("../x", "import id")),
    "an_unknown_encoding": (GOOD, (*CONTACT, "--encoding", "klingon"), None, ("klingon",)),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_refused_in_words_and_stores_nothing(case: str, terminal: Terminal, tmp_path: Path) -> None:
    content, options, status, words = CASES[case]
    file = tmp_path / "people.csv"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = terminal.run("run", file, *options)
    assert result.exit_code == status if status else result.exit_code in (1, 2), result.output
    assert "Traceback" not in result.output
    assert "unexpected" not in result.output
    for word in words:
        assert word in " ".join(result.stderr.split()), result.stderr
    assert {found["status"] for found in terminal.imports()} <= {"failed"}
    assert terminal.stored() == []


@pytest.mark.parametrize("content", [None, "", "External ID,Email\n"], ids=["no file", "empty", "header only"])
def test_with_json_a_refused_file_is_a_failed_import_object(
    content: str | None, terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    if content is not None:
        file.write_text(content)
    result = terminal.run("run", file, *CONTACT, "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["object"], found["status"]) == (1, "import", "failed")
    assert "people.csv" in found["reason"] or "header" in found["reason"]


def test_a_bad_row_costs_that_row_only(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(GOOD + "2,Bo,nowhere\n3,Cy,cy@example.com\n")
    assert terminal.run("run", file, *CONTACT).exit_code == 0
    assert [record["external_id"] for record in terminal.stored()] == ["1", "3"]


def test_cells_cannot_act_on_the_terminal(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("External ID,Email\n1,\x1b[2J\x1b]0;owned\x07\u202emoc\n")
    result = terminal.run("run", file, *CONTACT)
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert "\\x1b[2J" in result.stdout


def test_an_id_that_is_taken_is_refused(imported: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(GOOD)
    result = imported.run("run", file, *CONTACT, "--id", "first")
    assert (result.exit_code, "'first'" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["show", "defects", "confirm"])
def test_an_unknown_import_is_named_with_the_remedy(command: str, imported: Terminal) -> None:
    result = imported.run(command, "nobody")
    assert result.exit_code == 2
    assert "'nobody'" in result.stderr
    assert "import-pipeline list" in result.stderr


def test_a_setting_with_an_unusable_value_is_named(terminal: Terminal) -> None:
    result = terminal.run("list", IMPORT_PIPELINE_THREADS="many", IMPORT_PIPELINE_REGISTRY_URL="secret")
    assert result.exit_code == 2
    assert "IMPORT_PIPELINE_THREADS" in result.stderr
    assert "secret" not in result.stderr


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = Terminal(tmp_path / "file" / "home").run("list")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "IMPORT_PIPELINE_HOME" in result.stderr


@pytest.mark.file_store(reason="what breaks is a file that is no database")
def test_an_unexpected_error_is_a_sentence_and_its_details_lie_in_a_file(terminal: Terminal) -> None:
    store = terminal.home / "records" / "default.duckdb"
    store.parent.mkdir(parents=True)
    store.write_bytes(b"not a database" * 1_000)
    result = terminal.run("records", "contact")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    kept = list((terminal.home / "logs").glob("error-*.txt"))
    assert not kept or ("Traceback" in kept[0].read_text() and str(kept[0]) in result.stderr.replace("\n", ""))
