"""What a hostile text costs: time and memory in proportion to its size, whatever stands in it."""

import resource
import time
from pathlib import Path

import duckdb
import pytest

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake.csv_repair import repair
from import_pipeline.intake.header_names import unique_names
from import_pipeline.intake.payload import read_payload
from import_pipeline.record_types.rules.phone_number import is_phone_number
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings

SECONDS = 20
"""Processor time: far above what these take, far below what they took when it grew with the square of the length."""
ROW = "a@x.example,Ann,Lee\n"
HEADER = "Email,First name,Last name\n"
TEXTS = {
    "quotes within a long cell": HEADER + ROW * 50 + 'a"b' * 12_000 + "\n" + ROW,
    "quotes before delimiters": HEADER + ROW * 50 + 'x"y,' * 10_000 + "\n" + ROW,
    "nothing but quotes": HEADER + ROW * 50 + '"' * 100_000 + "\n" + ROW,
    "an open quote on each line": HEADER + '"a@x.example,Ann,Lee\n' * 8_000,
    "a wrong quote on each line": HEADER + 'a@x.example,"Ann,"Lee\n' * 8_000,
    "blank lines": HEADER + ROW + "\n" * 300_000 + ROW,
    "columns of one name": ",".join(["name"] * 4_000) + "\n" + ",".join(["x"] * 4_000) + "\n",
    "a row of many cells": HEADER + ROW * 50 + "," * 300_000 + "\n" + ROW,
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_read_in_time_and_memory_that_fit_its_size(name: str, tmp_path: Path) -> None:
    path = tmp_path / "payload"
    path.write_text(TEXTS[name])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    with duckdb.connect() as connection:
        assert read_payload(connection, path, ReadOptions(), Settings()).total_rows > 0
    assert time.process_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kilobytes


def test_a_file_of_too_many_columns_is_refused_before_it_is_looked_at_closely(tmp_path: Path) -> None:
    path = tmp_path / "payload"
    path.write_text(("," * 300_000 + "\n") * 2)
    began = time.process_time()
    with duckdb.connect() as connection, pytest.raises(LimitExceededError, match="columns 300001"):
        read_payload(connection, path, ReadOptions(), Settings())
    assert time.process_time() - began < SECONDS


def test_many_equal_names_are_numbered_at_once() -> None:
    began = time.process_time()
    names = unique_names(["name"] * 50_000, 50_000)
    assert (names[0], names[1], names[-1]) == ("name", "name (2)", "name (50000)")
    assert len(set(names)) == 50_000
    assert time.process_time() - began < SECONDS


def test_a_number_in_a_name_that_is_there_already_is_passed_over() -> None:
    assert unique_names(["a", "a (2)", "a", "a", ""], 6) == ("a", "a (2)", "a (3)", "a (4)", "Column 5", "Column 6")


def test_a_header_with_a_broken_byte_names_its_column_without_it() -> None:
    assert unique_names(["First\0 name", "\0", "Last\nname"], 3) == ("First name", "Column 2", "Last\nname")


def test_a_long_text_of_signs_is_no_phone_number_and_that_is_found_at_once() -> None:
    began = time.process_time()
    assert not is_phone_number("(" * 64_000)
    assert not is_phone_number("0(" * 64_000)
    assert time.process_time() - began < SECONDS


def test_what_a_long_line_is_read_as_does_not_depend_on_how_long_it_is() -> None:
    short = repair('ab"c,"de",f', ",", '"', 3)
    long = repair("x" * 100_000 + 'ab"c,"de",f', ",", '"', 3)
    assert short is not None
    assert long is not None
    assert (long.cells[1:], long.irregular) == (short.cells[1:], short.irregular)


@pytest.mark.parametrize(
    ("asked", "lines", "columns"),
    [
        ({"header_row": 2_001}, 2_000, ("Email", "First name", "Last name")),
        ({"skip_rows": 1_700}, 1_700, ("Email", "First name", "Last name")),
        ({"skip_rows": 3, "header_row": 1}, 3, ("Email", "First name", "Last name")),
    ],
)
def test_a_header_far_below_the_first_line_is_found_where_it_is_said_to_be(
    asked: dict[str, int], lines: int, columns: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "payload"
    path.write_text("a line above the table\n" * lines + HEADER + ROW * 3)
    with duckdb.connect() as connection:
        reading = read_payload(connection, path, ReadOptions.model_validate(asked), Settings())
    assert (reading.columns, reading.total_rows) == (columns, 3)


@pytest.mark.parametrize("asked", [{"header_row": 9}, {"skip_rows": 9}, {"header_row": 5_000}, {"skip_rows": 10**9}])
def test_a_header_that_is_said_to_be_below_the_last_line_is_a_clear_error(
    asked: dict[str, int], tmp_path: Path
) -> None:
    path = tmp_path / "payload"
    path.write_text(HEADER + ROW * 3)
    with duckdb.connect() as connection, pytest.raises(PayloadError, match="the file has no rows below them"):
        read_payload(connection, path, ReadOptions.model_validate(asked), Settings())
