"""`import-pipeline store copy` and `store check`: what they say, and how they end."""

from pathlib import Path

import pytest

from import_pipeline_tests.cli.terminal import Terminal
from import_pipeline_tests.servers import PostgresServer
from import_pipeline_tests.stored import by_hand


@pytest.mark.file_store(reason="copies from files to PostgreSQL; other pairs are in trust/test_store_copying.py")
def test_stores_are_copied_told_in_a_table_and_found_where_the_setting_names_them(
    terminal: Terminal, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    file, long = tmp_path / "people.csv", "an-organization-with-a-name-as-long-as-names-of-organizations-ar"[:63]
    file.write_text("External ID,Email\n1,ada@example.com\n2,bob@example.com\n")
    for organization in ("default", long):
        assert terminal.run("run", file, "--record-type", "contact", "--organization", organization).exit_code == 0
    with postgres_server.temporary_database("records") as url:
        copied = terminal.run("store", "copy", "--to", "env:RECORDS_OF_APPS", "--all", RECORDS_OF_APPS=url)
        assert (copied.exit_code, "Traceback" in copied.output) == (0, False), copied.output
        assert max(map(len, copied.stdout.splitlines())) <= 80
        assert [line.split()[-5:] for line in copied.stdout.splitlines() if line.startswith("default")] == [
            ["copied", "2", "0", "2", "1"]
        ]
        assert url.split("@")[0].rpartition(":")[2] not in copied.output, "the password is not shown"
        again = terminal.read("store", "copy", "--to", url, "--all")["data"]
        assert {one["organization"]: one["status"] for one in again} == dict.fromkeys(
            ("default", long), "already_there"
        )
        there = Terminal(terminal.home, {"IMPORT_PIPELINE_STORE_URL": url})
        assert len(there.stored()) == 2
        assert there.run("store", "check").exit_code == 0
        by_hand(there.settings, "UPDATE contacts SET email = 'eve@example.com' WHERE external_id = '1'")
        refused = terminal.run("store", "copy", "--to", url)
        assert (refused.exit_code, "other records of the organization 'default'" in refused.stderr) == (2, True)
        some = terminal.run("store", "copy", "--to", url, "--all")
        assert (some.exit_code, "was there" in some.stdout, "refused" in some.stdout) == (1, True, True)


def test_a_record_that_is_not_what_its_import_left_is_named_and_the_check_ends_with_1(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("External ID,Email,First name\n" + "".join(f"{n},p{n}@example.com,Ann\n" for n in range(30)))
    assert terminal.run("run", file, "--record-type", "contact", "--id", "first").exit_code == 0
    right = terminal.run("store", "check")
    assert (right.exit_code, right.stdout.splitlines()[-1].split()) == (0, ["default", "contacts", "30", "0"])
    changed = [one["id"] for one in terminal.stored() if one["external_id"] in ("3", "4")]
    by_hand(terminal.settings, "UPDATE contacts SET first_name = NULL WHERE external_id IN ('3', '4')")
    wrong = terminal.run("store", "check", "--organization", "default")
    assert (wrong.exit_code, [one for one in changed if one not in wrong.stdout]) == (1, [])
    assert wrong.stdout.count("is not what its last import left") == 2
    by_hand(terminal.settings, "UPDATE contacts SET first_name = NULL")
    assert "10 more of contacts differ" in terminal.run("store", "check").stdout
    by_hand(terminal.settings, "DELETE FROM applied_imports")
    assert "the import first has rows or before-images and no mark" in terminal.run("store", "check").stdout


def test_a_store_that_is_not_there_is_said_so(terminal: Terminal) -> None:
    assert "No organization has a record store yet" in terminal.run("store", "check").stdout
    missing = terminal.run("store", "check", "--organization", "nobody")
    assert (missing.exit_code, "nobody" in missing.stderr) == (2, True)
    both = terminal.run("store", "copy", "--to", "file", "--all", "--organization", "acme")
    assert (both.exit_code, "--organization" in both.stderr) == (2, True)
    nowhere = terminal.run("store", "copy", "--to", "mysql://user:secret@host/records")
    assert (nowhere.exit_code, "--to" in nowhere.stderr, "secret" in nowhere.output) == (2, True, False)
    unset = terminal.run("store", "copy", "--to", "env:NOT_SET_AT_ALL")
    assert (unset.exit_code, "'NOT_SET_AT_ALL', which is not set" in unset.stderr) == (2, True)


@pytest.mark.parametrize("command", ["copy", "check"])
def test_help_fits_80_columns(terminal: Terminal, command: str) -> None:
    told = terminal.run("store", command, "--help")
    assert told.exit_code == 0
    assert max(map(len, told.stdout.splitlines())) <= 80
