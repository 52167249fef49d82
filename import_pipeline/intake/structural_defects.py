"""The structural defects: what can be wrong with a file, or with a row as it is written, whatever its cells mean.

One line for each code, with its title, what it says and what to do; reading can report no code that is not here. What
is wrong with cells and records is listed with these in `phases/defect_catalogue.py`.
"""

from dataclasses import dataclass

TRUNCATED = "truncated_file"
MIXED_ENCODING = "mixed_encoding"
UNSURE_ENCODING = "unsure_encoding"
DOUBLE_ENCODING = "double_encoding"
GARBLED_TEXT = "garbled_text"
QUOTED_LINES = "quoted_lines"
FEWER_NAMES = "fewer_names"
UNQUOTED_DELIMITER = "unquoted_delimiter"
OF_FILE = (MIXED_ENCODING, UNSURE_ENCODING, DOUBLE_ENCODING, GARBLED_TEXT, QUOTED_LINES, FEWER_NAMES)
"""Codes of what is said of a file as a whole: how it was read otherwise than it is written, in their own words."""
LEFT_OUT = "left_out_in_review"
NO_ROW_CODES = ("repeated_header", "page_header", "note", "further_table", LEFT_OUT)
"""Codes that say that a line below the header is no row; the code is the reason why it is skipped."""


@dataclass(frozen=True)
class StructuralKind:
    """A kind of structural defect.

    Attributes:
        code: Its name for programs; never changed once released.
        title: Its name for people.
        text: What it says, where the reader has nothing more exact to say.
        remedy: What to do about it.
        counted: How one and several of them are counted when an import ends: what follows the number.
    """

    code: str
    title: str
    text: str
    remedy: str
    counted: tuple[str, str] | None = None


_LIMITS = {
    "max_file_bytes": "File too large",
    "max_inflated_bytes": "Unpacked file too large",
    "max_inflate_ratio": "Packed too tightly",
    "max_rows": "Too many rows",
    "max_columns": "Too many columns",
    "max_header_length": "Column name too long",
    "max_cell_bytes": "Cell too large",
    "parse_seconds": "Takes too long to read",
    "parse_memory_bytes": "Takes too much memory to read",
}
"""Settings that limit what is read."""
_KINDS = (
    # the file as a whole
    StructuralKind("unreadable_file", "File cannot be read", "The file cannot be read.", "Do what its message says."),
    StructuralKind(
        TRUNCATED,
        "File is cut off",
        "The end of the file is cut off.",
        "Export it, or send it, again.",
        counted=("file is cut off, or has a quote that is never closed", "files are cut off"),
    ),
    StructuralKind(
        MIXED_ENCODING,
        "Several encodings",
        "Some lines are written in another encoding than the rest of the file.",
        "Look at the letters there, and name the encoding if they are wrong.",
    ),
    StructuralKind(
        UNSURE_ENCODING,
        "Encoding is not sure",
        "The text of the file can be read in two encodings.",
        "Name the encoding if the letters are wrong.",
    ),
    StructuralKind(
        DOUBLE_ENCODING,
        "Garbled text, repaired",
        "Cells were read in a wrong encoding before the file was written; they were repaired.",
        "Export it again in UTF-8 if the repaired text is wrong.",
    ),
    StructuralKind(
        GARBLED_TEXT,
        "Garbled text",
        "Cells look garbled and cannot be repaired for sure; what the file says is imported.",
        "Export it again in UTF-8 if that is wrong.",
    ),
    StructuralKind(
        QUOTED_LINES,
        "Lines in quotes",
        "Each line is quoted as a whole, as if it were one cell; what is within the quotes was read.",
        "Look at the columns; nothing is to be done if they are right.",
    ),
    StructuralKind(
        FEWER_NAMES,
        "Fewer names than cells",
        "The header has fewer names than the rows have cells.",
        "Give each column a name, and look at which cells stand below which name.",
    ),
    StructuralKind(
        "list_cut",
        "List is cut",
        "A list holds more entries than are read.",
        "Put its entries into a file of their own.",
    ),
    # sheets
    StructuralKind(
        "cells_without_value",
        "Cells without value",
        "Cells hold errors, or formulas whose results the file does not hold.",
        "Correct them, or open the workbook where it was made, let it calculate, and save it.",
    ),
    StructuralKind(
        "hidden_rows",
        "Hidden rows",
        "Rows are hidden in the sheet and were read like the others.",
        "Delete what is not to be imported.",
    ),
    StructuralKind(
        "hidden_columns",
        "Hidden columns",
        "Columns are hidden in the sheet and were read like the others.",
        "Map only the columns that are meant.",
    ),
    StructuralKind(
        "merged_cells",
        "Merged cells",
        "Cells are merged: their value was taken for all rows below, and for the first of several columns.",
        "Take the cells apart in the sheet if that is wrong.",
    ),
    StructuralKind(
        "maybe_lost_zeros",
        "Zeros may be lost",
        "Numbers may have lost zeros in front in the workbook.",
        "Format the column as text, and put the numbers in again.",
    ),
    StructuralKind(
        "formats_unknown",
        "Formats are not known",
        "Only the values of the workbook were read: not how they are shown, nor what is hidden or merged.",
        "Save it as XLSX if it has such cells.",
    ),
    # lines that are no rows
    StructuralKind(
        "repeated_header",
        "Header once more",
        "The header of the table stands here once more; reading goes on below it.",
        "Nothing: the line is skipped.",
        counted=("line repeats the header", "lines repeat the header"),
    ),
    StructuralKind(
        "page_header",
        "Head of a page",
        "The line heads a page and is no row of the table.",
        "Nothing: the line is skipped.",
        counted=("line heads a page", "lines head a page"),
    ),
    StructuralKind(
        "note",
        "Note or total",
        "The line is a note or total and no row of the table.",
        "Nothing: the line is skipped.",
        counted=("line is a note or total and no row", "lines are notes or totals and no rows"),
    ),
    StructuralKind(
        "further_table",
        "Another table",
        "The line belongs to another table of the file, which was not read.",
        "Import the file once more for that table, with `table`.",
        counted=("line belongs to another table", "lines belong to another table"),
    ),
    StructuralKind(
        LEFT_OUT,
        "Left out by a person",
        "A person left the row out in the review of the import.",
        "Nothing, or undo that step of the review before the import is confirmed.",
        counted=("row was left out in the review", "rows were left out in the review"),
    ),
    # rows that are not written as rows of the table
    StructuralKind(
        "truncated_row",
        "Row is cut off",
        "The row is cut off: the file ends within it.",
        "Export the file, or send it, again.",
    ),
    StructuralKind(
        "missing_cells",
        "Too few cells",
        "The row has fewer cells than the table has columns; the missing ones were taken as empty.",
        "Add the cells, or quote the cell that holds a line break.",
    ),
    StructuralKind(
        "too_many_cells",
        "Too many cells",
        "The row has more cells than the table has columns.",
        "Quote the cells that hold the delimiter.",
    ),
    StructuralKind(
        "stray_quote",
        "Quote in the wrong place",
        "A quote stands where none can be; it was kept as text.",
        "Double the quotes within a cell, and quote the cell.",
    ),
    StructuralKind(
        "unclosed_quote",
        "Quote never closed",
        "A quoted cell is never closed; the row was taken to end with its line.",
        "Close the quote.",
    ),
    StructuralKind(
        "missing_delimiter",
        "Delimiter missing",
        "Between a quoted cell and the next one the delimiter is missing; they were taken apart.",
        "Put the delimiter between them.",
    ),
    StructuralKind(
        "quoted_line",
        "Line in quotes",
        "The line is quoted as a whole, as if it were one cell; what is within the quotes was read.",
        "Take the quotes around the line off if its cells are wrong.",
    ),
    StructuralKind(
        UNQUOTED_DELIMITER,
        "Delimiter not quoted",
        "A cell holds the delimiter and is not quoted; its pieces were put together.",
        "Quote the cells that hold the delimiter.",
    ),
    StructuralKind(
        "other_delimiter",
        "Another delimiter",
        "The row is written with another delimiter than the file; it was read with that one.",
        "Write it with the delimiter of the file if its cells are wrong.",
    ),
    StructuralKind("broken_json", "Not JSON", "The line is not JSON.", "Write one JSON object on each line."),
    StructuralKind(
        "broken_line",
        "Not a line of a vCard",
        "A line of the vCard is no property and was left out.",
        "Write it as NAME:value.",
    ),
    *(
        StructuralKind(
            f"{setting}_exceeded",
            title,
            f"A limit on what is read was passed: {setting}.",
            f"Split the file, or raise IMPORT_PIPELINE_{setting.upper()} if that much is meant.",
        )
        for setting, title in _LIMITS.items()
    ),
)
KINDS = {kind.code: kind for kind in _KINDS}
"""Code → what it is."""
