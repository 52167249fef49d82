"""Dates and numbers are read by the whole column, and not at all where two readings fit."""

import duckdb
import pytest

from import_pipeline.intake.column_types import dates_of, numbers_of


def column(values: list[str | None]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE source_text AS SELECT unnest($values) AS c1", {"values": values})
    return connection


@pytest.mark.parametrize(
    ("values", "date_format"),
    [
        (["01/02/2020", "31/01/2020", None, ""], "%d/%m/%Y"),
        (["1/2/2020", "1/31/2020"], "%m/%d/%Y"),
        (["01.02.2020", "03.04.2020"], "%d.%m.%Y"),
        (["2020-01-31", "2020-02-01"], None),
        (["03 Mar 2024", "14 Apr 2023"], "%d %b %Y"),
        (["2020/01/31"], "%Y/%m/%d"),
        (["31/01/2020 10:30", "01/02/2020 11:45"], "%d/%m/%Y %H:%M"),
        (["05/05/2020", "06/06/2020"], "%d/%m/%Y"),
        (["31/01/20", "01/02/21"], None),
        (["2020-W05", "W7"], None),
    ],
)
def test_the_format_of_dates_is_decided_by_the_whole_column(values: list[str | None], date_format: str | None) -> None:
    found = dates_of(column(values), "c1")
    assert found.date_format == date_format
    assert not found.is_ambiguous


@pytest.mark.parametrize("values", [["01/02/2020", "03/04/2020"], ["31/01/2020", "01/31/2020"]])
def test_dates_that_can_be_read_in_two_ways_are_left_to_a_person(values: list[str | None]) -> None:
    found = dates_of(column(values), "c1")
    assert found.alternatives == ("%d/%m/%Y", "%m/%d/%Y")
    assert found.date_format is None


def test_a_date_that_fits_is_read_by_its_format() -> None:
    found = dates_of(column(["31/01/2020 10:30 PM"]), "c1")
    read = duckdb.execute("SELECT strptime('31/01/2020 10:30 PM', $format)::VARCHAR", {"format": found.date_format})
    assert read.fetchall() == [("2020-01-31 22:30:00",)]


@pytest.mark.parametrize(
    ("values", "decimal"),
    [
        (["1,5", "2"], ","),
        (["1.5", "2"], "."),
        (["1.234,50"], ","),
        (["1,234.50", "1,234"], "."),
        (["12", "13"], None),
        (["0,125"], ","),
        (["€ 1.234,00"], ","),
        (["1,234,567.8"], "."),
    ],
)
def test_the_decimal_mark_is_decided_by_the_whole_column(values: list[str | None], decimal: str | None) -> None:
    found = numbers_of(column(values), "c1")
    assert found.decimal == decimal
    assert not found.is_ambiguous
    assert not found.is_mixed


def test_thousands_that_may_be_fractions_are_left_to_a_person() -> None:
    assert numbers_of(column(["1,234", "5,678"]), "c1").is_ambiguous
    assert numbers_of(column(["1,5", "2.5"]), "c1").is_mixed
