"""What a person is asked about a file before its import starts, each with its choices and where the answer goes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from import_pipeline.intake.reading import Reading
    from import_pipeline.record_types.record_type import RecordType
    from import_pipeline.run_config.spec import ReadOptions

_BY_COLUMN = {"date_order": "date_orders", "decimal": "decimals"}
_WAYS = {
    "day_first": "Day first",
    "month_first": "Month first",
    ".": "Decimal point",
    ",": "Decimal comma",
}


def of_members(members: Sequence[str]) -> dict[str, Any]:
    """The question which file of an archive is meant, with the names of them all."""
    question = _question(
        "member",
        f"The archive holds {len(members)} files. Which one is meant?",
        [(name, name) for name in members],
        ["member"],
    )
    return {"members": list(members), "questions": [question]}


def of_reading(
    reading: "Reading", said: "ReadOptions", column_formats: Sequence[Mapping[str, Any]], record_type: "RecordType"
) -> list[dict[str, Any]]:
    """What is asked of a file that was read.

    Args:
        reading: How it was read.
        said: What a person said about it.
        column_formats: How its columns are written; those of which nobody knows it have no value.
        record_type: What its rows are.

    Returns:
        Dictionaries of kind, column, text, cell, choices (value and text) and answer (path: where the value goes in
        `reading`).
    """
    questions = []
    possible = [sheet for sheet in reading.sheets if sheet["may_be_meant"]]
    if len(possible) > 1 and said.sheet is None:
        text = f"{len(possible)} sheets of the workbook hold a table. Which one is meant?"
        choices = [(one["name"], f"{one['name']} ({one['rows']:,} rows)") for one in possible]
        questions.append(_question("sheet", text, choices, ["sheet"]))
    if len(reading.tables) > 1 and said.table is None:
        text = f"The file holds {len(reading.tables)} different tables. Which one is meant?"
        choices = [(one.number, one.in_words()) for one in reading.tables]
        questions.append(_question("table", text, choices, ["table"]))
    open_ones = [writing for writing in column_formats if writing["value"] is None]
    return questions + [_of_writing(writing, record_type) for writing in open_ones]


def _of_writing(writing: Mapping[str, Any], record_type: "RecordType") -> dict[str, Any]:
    kind, column = writing["setting"], writing["column"]
    cell = writing["example"]
    asked = "is the day or the month first" if kind == "date_order" else "is the decimal mark a point or a comma"
    ways = record_type.field(writing["field"]).type.conventions()
    choices = [
        (way.value, f"{_WAYS[way.value]}{_as_read(way.value, written, cell)}")
        for way, written in zip(ways, writing["readings"], strict=True)
    ]
    question = _question(kind, f"In {column!r}, {asked}?", choices, [_BY_COLUMN[kind], column])
    return question | {"column": column, "cell": cell}


def _as_read(way: str, date_format: str, cell: str) -> str:
    """What the cell says if it is read in that way, where that can be shown."""
    if way in (".", ","):
        mark, group = (".", ",") if way == "." else (",", ".")
        number = cell.replace(group, "").replace(mark, ".")
        return f": {number}" if number.replace(".", "").isdecimal() else ""
    try:
        day = datetime.strptime(cell, date_format)
    except ValueError:
        return ""
    return f": {day.day} {day:%B %Y}"


def _question(kind: str, text: str, choices: Sequence[tuple[Any, str]], path: list[str]) -> dict[str, Any]:
    return {
        "kind": kind,
        "column": None,
        "text": text,
        "cell": None,
        "choices": [{"value": value, "text": said} for value, said in choices],
        "answer": {"path": path},
    }
