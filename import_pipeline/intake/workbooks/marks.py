"""`Marks`: what stands beside the values of one sheet, found by the module of its kind of workbook.

Cells are named by one number (`cell`), rows and columns are counted from 0, from the corner of the sheet.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from import_pipeline.intake.workbooks.number_formats import NumberFormat

MOST_COLUMNS = 16_384
"""How many columns a sheet can have."""
NOT_CALCULATED = "#FORMULA!"
"""Stands before a formula whose result the file does not hold, in the style of the errors that workbooks show."""

ERRORS_BY_NUMBER = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
"""How binary workbooks write errors."""


class ForbiddenXmlError(Exception):
    """A part declares a document type, which no workbook needs and which can be made to hurt."""


def cell(row: int, column: int) -> int:
    """The number of a cell."""
    return row * MOST_COLUMNS + column


class Marks:
    """What stands beside the values of a sheet.

    Attributes:
        shown: Cell → format that shows its number otherwise than as digits, or the text that it shows.
        bad: Cell → its error, or its formula behind `NOT_CALCULATED`.
        hidden_rows: First and last row of each hidden run.
        hidden_columns: First and last column of each hidden run.
        merged: First row, first column, last row and last column of merged cells.
    """

    def __init__(self) -> None:
        self.shown: dict[int, NumberFormat | str] = {}
        self.bad: dict[int, str] = {}
        self.hidden_rows: list[tuple[int, int]] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self.merged: list[tuple[int, int, int, int]] = []

    def hide_rows(self, first: int, last: int) -> None:
        """Keep that rows are hidden."""
        if self.hidden_rows and self.hidden_rows[-1][1] + 1 == first:
            self.hidden_rows[-1] = (self.hidden_rows[-1][0], last)
        else:
            self.hidden_rows.append((first, last))
