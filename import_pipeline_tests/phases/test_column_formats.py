"""Dates and numbers are read by the whole column, and not at all where two readings fit and nobody says which."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from import_pipeline.service import confirming, replaying
from import_pipeline_tests.importing import Importing, counts

FIELDS = [
    {"key": "on", "type": "date"},
    {"key": "at", "type": "datetime"},
    {"key": "paid", "type": "number"},
    {"key": "seats", "type": ["number", {"preset": "integer"}]},
    {"key": "active", "type": "checkbox"},
    {"key": "due", "type": ["date", {"displayFormat": "DD/MM/YYYY"}]},
]


def declared(importing: Importing, field: str, cells: list[str], **spec: Any) -> dict[str, Any]:
    """Import one column into a field of its own type."""
    text = f"nr,{field}\n" + "".join(f'{number},"{cell}"\n' for number, cell in enumerate(cells))
    schema = ({"key": "nr"}, *FIELDS)
    mapping = {"nr": "nr", field: field}
    return importing.run(text, "custom_table", schema_fields=schema, column_mapping=mapping, **spec)


def values(importing: Importing, field: str) -> list[Any]:
    return [record.get(field) for record in importing.stored("custom_table")]


def written(found: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    return [(one["column"], one["value"], one["format"]) for one in found["details"]["reading"]["column_formats"]]


@pytest.mark.parametrize(
    ("cells", "days", "told"),
    [
        (["01/02/2020", "31/01/2020", ""], [date(2020, 2, 1), date(2020, 1, 31), None], "%d/%m/%Y"),
        (["1/2/2020", "1/31/2020"], [date(2020, 1, 2), date(2020, 1, 31)], "%m/%d/%Y"),
        (["01.02.2020", "03.04.2020"], [date(2020, 2, 1), date(2020, 4, 3)], "%d.%m.%Y"),
        (["1.2.2020", "12.31.2020"], [date(2020, 1, 2), date(2020, 12, 31)], "%m.%d.%Y"),
        (["31-01-2020", "2020-05-06", "7 Mar 2020"],
         [date(2020, 1, 31), date(2020, 5, 6), date(2020, 3, 7)], "%d-%m-%Y"),
        (["05/04/2020 10:30", "31/12/2020"], [date(2020, 4, 5), date(2020, 12, 31)], "%d/%m/%Y"),
        (["1/2/2020", "31.1.2020"], [date(2020, 2, 1), date(2020, 1, 31)], "%d.%m.%Y"),
        (["2020-01-31", "2020/02/01", "2020-2-3"], [date(2020, 1, 31), date(2020, 2, 1), date(2020, 2, 3)], None),
        (["March 7, 2020", "7 March 2020"], [date(2020, 3, 7), date(2020, 3, 7)], None),
        (["05/05/2020", "06/06/2020"], [date(2020, 5, 5), date(2020, 6, 6)], None),
    ],
)  # fmt: skip
def test_the_order_of_dates_is_decided_by_the_whole_column(importing, cells, days, told) -> None:
    found = declared(importing, "on", cells)
    assert found["status"] == "completed"
    assert values(importing, "on") == days
    assert written(found) == ([("on", "month_first" if told.startswith("%m") else "day_first", told)] if told else [])


@pytest.mark.parametrize("cell", ["31/01/20", "2020-W05", "10:30", "31/13/2020", "Feb 2020", "30.02.2020"])
def test_what_would_be_guessed_is_a_defect(importing, cell) -> None:
    found = declared(importing, "on", ["31/01/2020", cell])
    assert counts(found) == {"created": 1, "failed": 1}
    assert importing.defects(found["id"]) == [(2, "on", "invalid_date")]


@pytest.mark.parametrize(
    "cells",
    [
        ["01/02/2020", "03/04/2020"],
        ["31/01/2020", "01/31/2020"],
        ["1/2/2020", "3.4.2020"],
        ["12/31/2020", "1.2.2020"],
    ],
)
def test_dates_that_can_be_read_in_two_ways_wait_for_a_person(importing, cells) -> None:
    found = declared(importing, "on", cells)
    assert found["status"] == "needs_review"
    assert "--date-format '%d" in found["reason"]
    assert "reading.date_format" in found["reason"]
    (asked,) = found["details"]["column_formats"]
    assert (asked["column"], asked["field"], asked["value"]) == ("on", "on", None)
    assert len(asked["readings"]) == 2
    assert importing.stored("custom_table") == []


@pytest.mark.parametrize(
    ("field", "cells", "said"),
    [
        (
            "on",
            ["13.4.1975", "12/31/1980", "1.2.1960"],
            "13.4.1975 has the day first, and 12/31/1980 has the month first. *--date-format '%d.%m.%Y', or '%m/%d/%Y'",
        ),
        ("on", ["12/31/2020", "1.2.2020"], "has the month first in 12/31/2020, while dates such as 1.2.2020 usually"),
        ("on", ["1/2/2020"], "the day first or the month first (1/2/2020), and its other cells don't say"),
        ("paid", ["1,234.5", "1.234,5"], "1,234.5 has a decimal point, and 1.234,5 has a decimal comma."),
    ],
)
def test_who_is_asked_is_told_what_the_cells_say(importing, field, cells, said) -> None:
    found = declared(importing, field, cells)
    assert found["status"] == "needs_review"
    for part in said.split("*"):
        assert part in found["reason"]


def test_a_person_who_is_asked_says_it_and_the_import_goes_on(importing) -> None:
    found = declared(importing, "on", ["01/02/2020", "03/04/2020 10:30", ""])
    month_first = found["details"]["column_formats"][0]["readings"][1]
    confirming.confirm(importing.home, found["id"], reading={"date_format": month_first})
    assert importing.go(found["id"])["status"] == "completed"
    assert values(importing, "on") == [date(2020, 1, 2), date(2020, 3, 4), None]


def test_a_spec_may_say_it_for_one_column_of_several(importing) -> None:
    text = "email,birthday\na@example.com,01/02/1980\n"
    found = importing.run(text, reading={"date_orders": {"birthday": "month_first"}})
    assert importing.stored() == [{"email": "a@example.com", "date_of_birth": date(1980, 1, 2)}]
    assert written(found) == [("birthday", "month_first", "month_first")]
    refused = importing.begin(text, reading={"date_orders": {"born": "month_first"}})
    with pytest.raises(Exception, match="no column 'born'"):
        importing.go(refused)


def test_columns_that_are_not_mapped_or_hold_text_never_ask(importing) -> None:
    found = importing.run(
        "email,city,joined\na@example.com,01/02/1980,03/04/1990\n", column_mapping={"email": "email", "city": "city"}
    )
    assert found["status"] == "completed"
    assert importing.stored() == [{"email": "a@example.com", "city": "01/02/1980"}]


def test_moments_are_read_by_the_order_of_their_column(importing) -> None:
    cells = ["01/02/2020 9:05", "31/01/2020 10:30:15", "1.2.2020 11:05 PM", "05/06/2020", "2020-01-02T03:04:05Z"]
    found = declared(importing, "at", cells)
    assert values(importing, "at") == [
        datetime(2020, 2, 1, 9, 5),
        datetime(2020, 1, 31, 10, 30, 15),
        datetime(2020, 2, 1, 23, 5),
        datetime(2020, 6, 5),
        datetime(2020, 1, 2, 3, 4, 5),
    ]
    assert written(found) == [("at", "day_first", "%d/%m/%Y")]


def test_a_format_of_the_file_counts_for_moments_too(importing) -> None:
    declared(importing, "at", ["01/02/2020 9:05", "03/04/2020"], reading={"date_format": "%m/%d/%Y"})
    assert values(importing, "at") == [datetime(2020, 1, 2, 9, 5), datetime(2020, 3, 4)]


def test_what_is_said_of_the_file_leaves_columns_alone_in_which_no_cell_is_written_so(importing) -> None:
    text = "nr,on,at,due\n1,31.12.1980,2020-01-02 03:04,01/02/2020\n2,01.02.1981,2021-02-03,13/02/2020\n"
    mapping = {name: name for name in ("nr", "on", "at", "due")}
    fields = ({"key": "nr"}, *FIELDS[:2], {"key": "due", "type": "date"})
    asked = {"schema_fields": fields, "column_mapping": mapping, "reading": {"date_format": "%d/%m/%Y"}}
    found = importing.run(text, "custom_table", **asked)
    assert counts(found) == {"created": 2}
    assert values(importing, "on") == [date(1980, 12, 31), date(1981, 2, 1)]
    assert values(importing, "at") == [datetime(2020, 1, 2, 3, 4), datetime(2021, 2, 3)]
    assert values(importing, "due") == [date(2020, 2, 1), date(2020, 2, 13)]


def test_a_field_with_a_format_of_its_own_asks_nobody(importing) -> None:
    found = declared(importing, "due", ["01/02/2020", "03/04/2020"])
    assert found["status"] == "completed"
    assert values(importing, "due") == [date(2020, 2, 1), date(2020, 4, 3)]


@pytest.mark.parametrize(
    ("cells", "numbers", "mark"),
    [
        (["1,5", "2"], ["1.5", "2"], ","),
        (["1.5", "2"], ["1.5", "2"], "."),
        (["1.234,50", "1.234"], ["1234.5", "1234"], ","),
        (["1,234.50", "1,234"], ["1234.5", "1234"], "."),
        (["12", "13"], ["12", "13"], None),
        (["0,125", "1,234"], ["0.125", "1.234"], ","),
        (["1,234,567", "1,234"], ["1234567", "1234"], "."),
        (["1 234,5", "7"], ["1234.5", "7"], ","),
    ],
)
def test_the_decimal_mark_is_decided_by_the_whole_column(importing, cells, numbers, mark) -> None:
    found = declared(importing, "paid", cells)
    assert values(importing, "paid") == [Decimal(number) for number in numbers]
    assert written(found) == ([("paid", mark, mark)] if mark else [])


@pytest.mark.parametrize("cells", [["1,234", "5,678"], ["1,5", "2.5"]])
def test_numbers_that_can_be_read_in_two_ways_wait_for_a_person(importing, cells) -> None:
    found = declared(importing, "paid", cells)
    assert found["status"] == "needs_review"
    assert "--decimal '.', or ','" in found["reason"]
    confirming.confirm(importing.home, found["id"], reading={"decimal": ","})
    importing.go(found["id"])
    assert values(importing, "paid")[0] == Decimal(cells[0].replace(",", "."))


def test_whole_numbers_have_one_reading_where_the_other_would_give_fractions(importing) -> None:
    declared(importing, "seats", ["1,234", "1,000"])
    assert values(importing, "seats") == [1234, 1000]
    assert declared(importing, "seats", ["1,000"])["status"] == "needs_review"


@pytest.mark.parametrize(
    ("cells", "answers"),
    [
        (["x", "", "X"], [True, None, True]),
        (["ja", "nein", ""], [True, False, None]),
        (["1", "0"], [True, False]),
        (["oui", "Non"], [True, False]),
    ],
)
def test_yes_and_no_are_read_in_the_words_of_their_column(importing, cells, answers) -> None:
    declared(importing, "active", cells)
    expected = [False if cells[0] == "x" and answer is None else answer for answer in answers]
    assert values(importing, "active") == expected


def test_a_mark_beside_words_is_a_defect(importing) -> None:
    found = declared(importing, "active", ["x", "no", ""])
    assert importing.defects(found["id"]) == [(1, "active", "invalid_boolean")]


def test_a_phase_that_runs_again_decides_the_same(importing) -> None:
    import_id = importing.begin("email,birthday\na@example.com,31.01.1980\nb@example.com,02.03.1980\n")
    first = importing.go(import_id, until=importing_phase("prevalidation"))
    again = importing.go(import_id, until=importing_phase("prevalidation"))
    assert written(first) == written(again) == [("birthday", "day_first", "%d.%m.%Y")]


def importing_phase(name: str) -> Any:
    from import_pipeline.words import Phase

    return Phase(name)


def test_failed_rows_are_replayed_in_the_way_their_whole_column_was_read(importing) -> None:
    first = importing.run("email,birthday\na@example.com,31/01/1980\nb@,02/03/1980\n")
    assert counts(first) == {"created": 1, "failed": 1}
    mended = importing.folder / "mended.csv"
    mended.write_text("email,birthday\nb@example.com,02/03/1980\n")
    replayed = importing.go(replaying.replay(importing.home, first["id"], mended).id)
    assert counts(replayed) == {"created": 1}
    assert importing.stored()[1]["date_of_birth"] == date(1980, 3, 2)


def test_hooks_may_put_dates_in_order_before_anybody_asks(importing) -> None:
    hook = "(record) => ({row: {on: {value: record.row.on.value.split('/').reverse().join('-')}}})"
    found = declared(importing, "on", ["01/02/2020", "03/04/2020"], row_hooks=(hook,))
    assert found["status"] == "completed", found["reason"]
    assert values(importing, "on") == [date(2020, 2, 1), date(2020, 4, 3)]


def test_a_rounded_number_is_a_defect_in_every_field_of_text(importing) -> None:
    text = (
        "external_id,phone,postal_code,city,notes\n"
        + "a1,+49 30 1234,12345,4.41E+11,1.5e+3\n4.41E+11,4.41E+11,1E+5,Ulm,x\n"
    )
    found = importing.run(text)
    assert counts(found) == {"created": 1, "failed": 1}
    code = "number_in_scientific_notation"
    assert [(row, field) for row, field, found_code in importing.defects(found["id"]) if found_code == code] == [
        (1, "city"),
        (1, "notes"),
        (2, "external_id"),
        (2, "phone"),
        (2, "postal_code"),
    ]
