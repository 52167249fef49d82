"""`run`: a file becomes records, in the words of the options, with progress, tables and exit statuses."""

import json
import signal
import time
from pathlib import Path

import pytest

from import_pipeline.words import Phase
from import_pipeline_tests.cli.conftest import SAMPLES
from import_pipeline_tests.cli.terminal import Terminal, values
from import_pipeline_tests.store_kinds import Stores

TWO = "External ID,First name,Email\n1,Ada,ada@example.com\n2,Bo,bo@example.com\n"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A file of two contacts."""
    path = tmp_path / "two.csv"
    path.write_text(TWO)
    return path


def test_every_row_of_the_sample_has_one_outcome(imported: Terminal) -> None:
    found = imported.read("show", "first")
    names = ("created", "updated", "unchanged", "skipped", "deleted", "failed")
    assert [found[f"{name}_count"] for name in names] == [35, 0, 0, 2, 0, 3]
    assert found["total_rows"] == found["processed_rows"] == 40
    assert len(imported.stored()) == 35
    assert {phase["status"] for phase in found["phases"]} == {"completed"}


def test_letters_numbers_and_tags_are_stored_as_the_file_has_them(imported: Terminal) -> None:
    stored = {record["external_id"]: record for record in imported.stored()}
    assert (stored["C-0005"]["last_name"], stored["C-0005"]["city"]) == ("Yıldız", "İzmir")  # noqa: RUF001 - Turkish
    assert stored["C-0001"]["phone"].startswith("+44")
    assert stored["C-0005"]["tags"] == ["textiles", "buyers"]


def test_a_process_of_its_own_prints_the_object_to_standard_output_and_progress_to_standard_error(
    terminal: Terminal, two: Path
) -> None:
    process = terminal.start("run", two, "--record-type", "contact", "--json")
    output, progress = process.communicate(timeout=120)
    assert process.returncode == 0, progress
    assert json.loads(output)["created_count"] == 2
    told, *lines = progress.splitlines()
    assert str(terminal.home) in told
    assert [line.split()[0] + line.split()[1] for line in lines] == [f"{p.position}/7{p}" for p in Phase], progress


def test_the_screen_shows_outcomes_phases_and_defects_at_80_columns(terminal: Terminal) -> None:
    result = terminal.run("run", SAMPLES / "contacts.csv", "--record-type", "contact", "--id", "mine")
    assert result.exit_code == 0
    for word in ("created", "35", "prevalidation", "C-0034", "iris.demir(at)", "Not an email address", "mine"):
        assert word in result.stdout
    table_lines = [line for line in result.stdout.splitlines() if "errors.csv" not in line]
    assert max(map(len, table_lines)) <= 80


def test_a_mapping_is_taken_as_text_or_file_and_either_way_round(terminal: Terminal, tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("Aa,Bb\nada@example.com,Ada\n")
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"email": "Aa", "first_name": "Bb"}')
    for given in ('{"Aa": "email", "Bb": "first_name"}', str(mapping)):
        result = terminal.run("run", odd, "--record-type", "contact", "--mapping", given, "--json")
        assert json.loads(result.stdout)["column_mapping"] == {"Aa": "email", "Bb": "first_name"}
    assert values(terminal.stored(), "email", "first_name") == [("ada@example.com", "Ada")]
    assert [found["unchanged_count"] for found in terminal.imports()] == [1, 0]


def test_options_and_set_reach_the_records(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "semicolons.csv"
    file.write_bytes("External ID;First name;Status;Shoe size\n1;Zoë;VIP;38\n".encode("windows-1252"))
    result = terminal.run(
        *("run", file, "--record-type", "contact", "--encoding", "windows-1252", "--delimiter", ";"),
        *("--tags", "spring, fair", "--value-mappings", '{"status": {"VIP": "customer"}}', "--keep-unmapped"),
        *("--set", "default_source=Fair", "--organization", "acme", "--name", "Spring fair", "--json"),
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["name"] == "Spring fair"
    (record,) = terminal.stored("contact", "--organization", "acme")
    assert (record["first_name"], record["status"], record["source"]) == ("Zoë", "customer", "Fair")
    assert record["tags"] == ["spring", "fair"]
    assert json.loads(record["extra"]) == {"Shoe size": "38"}
    assert terminal.stored() == []


def test_a_dry_run_counts_and_writes_nothing(terminal: Terminal, two: Path) -> None:
    result = terminal.run("run", two, "--record-type", "contact", "--dry-run")
    assert result.exit_code == 0
    assert "would be created" in result.stdout
    assert terminal.stored() == []


def test_delete_and_overwrite_remove_records(terminal: Terminal, two: Path, tmp_path: Path) -> None:
    assert terminal.run("run", two, "--record-type", "contact").exit_code == 0
    only_second = tmp_path / "second.csv"
    only_second.write_text("External ID,First name\n2,Bo\n")
    assert terminal.run("run", only_second, "--record-type", "contact", "--action", "overwrite").exit_code == 0
    assert values(terminal.stored(), "external_id") == [("2",)]
    assert terminal.run("run", only_second, "--record-type", "contact", "--action", "delete").exit_code == 0
    assert terminal.stored() == []


def test_a_list_of_addresses_to_delete_is_told_how_to_delete_by_them(terminal: Terminal, tmp_path: Path) -> None:
    people, gone = tmp_path / "people.csv", tmp_path / "gone.csv"
    people.write_text("External ID,E-mail\n1,ann@example.com\n2,bo@example.com\n")
    gone.write_text("E-mail\nann@example.com\n")
    assert terminal.run("run", people, "--record-type", "contact").exit_code == 0
    waits = terminal.run("run", gone, "--record-type", "contact", "--action", "delete")
    assert "To delete by 'email', start it anew with --match-by email." in " ".join(waits.stderr.split())
    deleting = ("run", gone, "--record-type", "contact", "--action", "delete", "--match-by", "email")
    assert terminal.run(*deleting).exit_code == 0
    assert values(terminal.stored(), "external_id") == [("2",)]


def test_two_homes_never_touch(stores: Stores, tmp_path: Path, two: Path) -> None:
    with stores.new() as store, stores.new() as other_store:
        _never_touch(Terminal(tmp_path / "one", store), Terminal(tmp_path / "other", other_store), two)


def _never_touch(one: Terminal, other: Terminal, two: Path) -> None:
    assert one.run("run", two, "--record-type", "contact", "--id", "same").exit_code == 0
    assert other.imports() == other.stored() == []
    assert other.run("run", two, "--record-type", "contact", "--id", "same", "--tags", "x").exit_code == 0
    assert values(one.stored(), "tags") != values(other.stored(), "tags")
    assert len(one.imports()) == len(other.imports()) == 1


def test_ctrl_c_ends_with_130_and_leaves_nothing_half_written(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    rows = "".join(f"{number},Ada,ada{number}@example.com\n" for number in range(200_000))
    file.write_text("External ID,First name,Email\n" + rows)
    process = terminal.start("run", file, "--record-type", "contact", "--id", "stopped")
    assert process.stderr is not None
    while "prevalidation" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, output + errors
    assert "Traceback" not in output + errors
    assert "run the file again" in errors
    assert terminal.read("show", "stopped")["status"] in ("failed", "cancelled")
    assert terminal.stored() == []
    assert terminal.run("run", file, "--record-type", "contact").exit_code == 0
    assert terminal.read("records", "contact", "--limit", "1")["total_count"] == 200_000


def test_a_person_who_interrupts_while_the_file_is_read_ahead_has_nothing_imported(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "long.csv"
    file.write_text("External ID,Notes\n" + "".join(f"N{number},{'x' * 100}\n" for number in range(100_000)))
    process = terminal.start("run", file, "--record-type", "contact", "--id", "stopped")
    while not list((terminal.home / "workspaces").glob("*payload*")):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, output + errors
    assert "Traceback" not in output + errors
    assert terminal.read("show", "stopped")["status"] in ("failed", "cancelled")
    assert terminal.stored() == []
