"""What the terminal shows can be read at 80 columns and leaves nothing out that a person needs."""

import json
import re
from pathlib import Path

import pytest

from import_pipeline.errors import MisuseError
from import_pipeline.orchestration.up import up
from import_pipeline.run_config.spec import ImportSpec, ReadOptions
from import_pipeline.settings import Settings
from import_pipeline_tests.cli.conftest import SAMPLES
from import_pipeline_tests.cli.terminal import Terminal

CONTACT = ("--record-type", "contact")


def test_times_of_phases_are_the_same_while_it_runs_and_afterwards(terminal: Terminal) -> None:
    result = terminal.run("run", SAMPLES / "contacts.csv", *CONTACT, "--id", "first")
    shown = terminal.run("show", "first").stdout
    pattern = re.compile(r"^\d(?:/7)? (\w+) .*?([\d.]+ s)$", re.MULTILINE)
    times = dict(pattern.findall(result.stderr))
    assert len(times) == 7
    assert dict(pattern.findall(result.stdout)) == times
    assert dict(pattern.findall(shown)) == times


def test_a_list_shows_failed_rows_whole_names_year_and_zone(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / f"{'a-long-name-of-an-export-' * 3}.csv"
    file.write_text("External ID,Email\n1,ada@example.com\n2,nowhere\n3,nowhere\n")
    assert terminal.run("run", file, *CONTACT, "--name", "A name for people").exit_code == 0
    listed = terminal.run("list", TZ="UTC").stdout
    lines = listed.splitlines()
    width = lines[1].index(" of ")
    assert file.name in "".join(line[:width].strip() for line in lines)
    assert "A name for people" in listed
    assert re.search(r"contact +completed +3 +2 +\d{4}-\d\d-\d\d", listed)
    assert re.search(r"\d\d:\d\d [A-Z]+", listed)
    assert max(map(len, lines)) <= 80


def test_the_difference_of_long_texts_is_shown(terminal: Terminal, tmp_path: Path) -> None:
    file, letters = tmp_path / "people.csv", "abcdefghij" * 30
    for import_id, end in (("first", "before"), ("second", "after")):
        file.write_text(f"External ID,Address\n1,{letters}{end}{letters}\n")
        assert terminal.run("run", file, *CONTACT, "--id", import_id).exit_code == 0
    shown = terminal.run("rows", "second", COLUMNS="200").stdout
    assert "street: …ijabcdefghijbefore" in shown
    assert "→ …ijabcdefghijafter" in shown


def test_values_of_a_usual_length_are_shown_whole(imported: Terminal) -> None:
    assert "email: (empty) → ada.lindqvist@example.com" in imported.run("rows", "first", COLUMNS="160").stdout


def test_records_show_their_ids_and_a_history_is_found_by_a_value(imported: Terminal) -> None:
    (record,) = imported.read("records", "contact", "--where", "external_id=C-0001")["data"]
    assert record["id"] in imported.run("records", "contact").stdout
    history = imported.run("records", "contact", "--where", "external_id=C-0001", "--history")
    assert (history.exit_code, "contacts.csv, row 1" in " ".join(history.stdout.split())) == (0, True)
    several = imported.run("records", "contact", "--where", "status=customer", "--history")
    assert (several.exit_code, "More than one contact" in several.stderr) == (2, True)
    nobody = imported.run("records", "contact", "--where", "external_id=nobody", "--history")
    assert (nobody.exit_code, "external_id=nobody" in nobody.stderr) == (2, True)


def test_the_tags_of_the_quick_start_are_apart(imported: Terminal) -> None:
    (ada,) = imported.read("records", "contact", "--where", "external_id=C-0001")["data"]
    assert ada["tags"] == ["engineering", "nordics"]


def test_inspect_counts_the_rows_of_the_whole_file(imported: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text("External ID,Email\n" + "".join(f"{number},a{number}@example.com\n" for number in range(5_000)))
    assert imported.read("inspect", file)["total_rows"] == 5_000
    assert "5,000 rows" in imported.run("inspect", file).stdout


def test_convert_says_what_it_wrote(imported: Terminal, tmp_path: Path) -> None:
    result = imported.run("convert", SAMPLES / "contacts.csv", "nowhere.csv", "--out-dir", tmp_path)
    assert result.exit_code == 1
    assert f"{SAMPLES / 'contacts.csv'} → {tmp_path / 'contacts.csv'}: 40 rows" in result.stdout
    assert "nowhere.csv" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("list", "--status", "gone"), ("run", "a.csv", *CONTACT, "--action", "upsert"), ("list", "--limit", "0")],
)
def test_a_choice_is_refused_in_our_words(arguments: tuple[str, ...], imported: Terminal) -> None:
    result = imported.run(*arguments)
    assert result.exit_code == 2
    assert arguments[-2] in result.stderr
    assert not {"Value error", "Input should"} & set(re.findall(r"Value error|Input should", result.stderr))


def test_set_names_all_keys_and_those_of_an_object(imported: Terminal) -> None:
    unknown = " ".join(imported.run("run", "a.csv", *CONTACT, "--set", "nothing=1").stderr.split())
    assert all(f"'{name}'" in unknown for name in ImportSpec.model_fields)
    inner = " ".join(imported.run("run", "a.csv", *CONTACT, "--set", "date_format=%d").stderr.split())
    assert "a key of 'reading'" in inner


def test_spec_lists_every_key_with_its_choices(imported: Terminal) -> None:
    told = imported.run("spec").stdout
    for name in (*ImportSpec.model_fields, *ReadOptions.model_fields):
        assert re.search(rf"^{name}: ", told, re.MULTILINE), name
    assert "duplicate_strategy: skip, fill, merge, overwrite (merge by default)" in told
    assert json.loads(imported.run("spec", "--json").stdout)["title"] == "ImportSpec"


@pytest.mark.parametrize("size", ["lots", "80%", "1000"])
def test_a_wrong_memory_limit_names_the_setting(size: str, terminal: Terminal) -> None:
    result = terminal.run("list", IMPORT_PIPELINE_MEMORY_LIMIT=size)
    assert result.exit_code == 2
    assert "IMPORT_PIPELINE_MEMORY_LIMIT cannot be used" in result.stderr
    assert "2GB" in result.stderr


def test_the_version_is_told(imported: Terminal) -> None:
    result = imported.run("--version")
    assert result.exit_code == 0
    assert re.match(r"import-pipeline \d+\.\d+", result.stdout)
    assert "dagster 1" in result.stdout


def test_up_listens_for_others_only_behind_a_proxy(settings: Settings) -> None:
    with pytest.raises(MisuseError, match="IMPORT_PIPELINE_DAGSTER_URL"):
        up(3000, settings, host="0.0.0.0")
    behind = Settings.model_validate({"home": settings.home, "dagster_url": "https://imports.example.com"})
    with pytest.raises(MisuseError, match="IMPORT_PIPELINE_PUBLIC_URL"):
        up(3000, behind, api_port=8000, host="0.0.0.0")
    with pytest.raises(MisuseError, match="no such address"):
        up(3000, behind, host="203.0.113.7")


@pytest.mark.parametrize("command", ["run", "confirm", "records", "rows", "up", "convert", "spec"])
def test_help_fits_80_columns_and_names_what_it_takes_in_words(command: str, imported: Terminal) -> None:
    told = imported.run(command, "--help").stdout
    assert max(map(len, told.splitlines())) <= 80
    assert not re.search(r"^  -.*<(str|int|int range|float)>", told, re.MULTILINE), told
