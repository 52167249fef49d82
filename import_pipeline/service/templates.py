"""A file to begin with: the columns of a record type, with two rows that can be imported as they stand."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from import_pipeline.record_types.samples import samples_of
from import_pipeline.run_config.spec import ImportSpec

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import Field, RecordType

Form = Literal["csv", "xlsx"]
_ROWS_WITH_CHOICES = 10_000
_LONGEST_CHOICES = 255
"""A workbook takes no longer list of choices."""
_WIDTH = 22
_MADE_BY_DEFAULT = ImportSpec.model_fields["create_missing"].get_default(call_default_factory=True)


def write_template(record_type: "RecordType", form: Form, to: Path) -> None:
    """Write the template of a record type: a header row of the names for people, and two sample rows.

    In a workbook all cells are text, so that no program changes ids and phone numbers, and fields with choices offer
    them.

    Args:
        record_type: The record type.
        form: What it is written as.
        to: The file.
    """
    header = [field.label for field in record_type.fields]
    rows = [[_sample(record_type, field, place) for field in record_type.fields] for place in (0, 1)]
    if form == "csv":
        with to.open("w", encoding="utf-8-sig", newline="") as file:  # the mark tells spreadsheets the encoding
            csv.writer(file).writerows([header, *rows])
        return
    _write_workbook(record_type, header, rows, to)


def _sample(record_type: "RecordType", field: "Field", place: int) -> str:
    """What stands in a sample row: nothing that leans on records that may not be there, nor says a thing twice."""
    leans = field.reference is not None and field.reference not in _MADE_BY_DEFAULT
    is_whole = any(whole.field == field.name for whole in record_type.wholes)
    is_further = any(field.name in others for others in record_type.further.values())
    return "" if leans or is_whole or is_further else samples_of(field)[place]


def _write_workbook(record_type: "RecordType", header: list[str], rows: list[list[str]], to: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(to), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(record_type.plural.capitalize()[:31])
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "num_format": "@", "bottom": 1})
        sheet.set_column(0, len(header) - 1, _WIDTH, text)
        sheet.freeze_panes(1, 0)
        for column, field in enumerate(record_type.fields):
            sheet.write_string(0, column, header[column], bold)
            for number, row in enumerate(rows, start=1):
                sheet.write_string(number, column, row[column], text)
            if field.description:
                sheet.write_comment(0, column, field.description)
            if field.choices and len(",".join(field.choices)) <= _LONGEST_CHOICES:
                offered = {"validate": "list", "source": list(field.choices), "error_type": "information"}
                sheet.data_validation(1, column, _ROWS_WITH_CHOICES, column, offered)
