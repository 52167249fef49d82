"""What is looked for in cells is found wherever it stands, though nobody looks where no cell holds its sign.

Each file holds one cell that must be told or cleaned, among plain ones; what becomes of it is what a file gets that
holds all signs at once.
"""

import csv
import io

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.phases import signs
from import_pipeline.phases.signs import ANY_SIGN, Signs, find_signs
from import_pipeline.phases.work import Work
from import_pipeline.service import queries
from import_pipeline_tests.importing import Importing

CELLS = {
    "a control character": "Ada\x01",
    "a deleted character": "Ada\x7f",
    "a tab behind": "Ada\t",
    "a line end behind": "Ada\n",
    "spaces around": "  Ada ",
    "a space that does not break": "\u00a0Ada",
    "nothing that can be seen": "\u200b",
    "quotes": '"Ada"',
    "curly quotes": "\u201cAda\u201d",
    "an error": "#N/A",
    "an error in full width": "\uff03N/A",
    "an error of LibreOffice": "Err:508",
    "a formula without its result": "#FORMULA!",
    "a word for nothing": "NULL",
    "a dash": "\u2014",
    "a backslash": "\\N",
}


def told(importing: Importing, rows: list[list[str]]) -> list[object]:
    """What is stored of the first row's name, and what is told of that row."""
    file = io.StringIO()
    csv.writer(file).writerows([["external_id", "first_name", "last_name"], *rows])
    found = importing.run(file.getvalue(), on_bad_optional="fail", dry_run=True)
    row = next(row for row in queries.rows(importing.home, found["id"], limit=10) if row["row_number"] == 1)
    defects = [
        (one["code"], one["value"]) for one in queries.defects(importing.home, found["id"]) if one["row_number"] == 1
    ]
    return [row["outcome"], row["changes"], sorted(defects, key=str)]


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cell_is_judged_alike_in_a_plain_file_and_in_one_with_all_kinds_of_cells(importing: Importing, cell: str):
    row = ["1", cell, "Lee"]
    others = [[str(number), "Eva", other] for number, other in enumerate(CELLS.values(), start=2)]
    alone = told(importing, [row, ["2", "Eva", "Ode"]])
    assert alone == told(importing, [row, *others])
    assert alone != told(importing, [["1", "Eva", "Lee"], ["2", "Eva", "Ode"]])


def found_in(rows: list[tuple[str | None, str | None]]) -> Signs:
    """The signs of a table of two columns."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE source_text (c1 VARCHAR, c2 VARCHAR)")
        connection.executemany("INSERT INTO source_text VALUES ($1, $2)", rows)
        work = Work(connection, "imp_signs", None, None, None)  # pyright: ignore[reportArgumentType] - it only executes
        return find_signs(work, ["c1", "c2"])


CELL = st.none() | st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs"]), max_size=6)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6))
def test_a_sign_that_is_said_to_be_nowhere_is_nowhere(rows: list[tuple[str | None, str | None]]):
    found = found_in(rows)
    cells = [cell or "" for row in rows for cell in row]
    assert found.beyond_ascii == any(not cell.isascii() for cell in cells)
    assert found.control == any(character < " " or character == "\x7f" for cell in cells for character in cell)
    assert found.bracket == any("[" in cell for cell in cells)
    assert found.of_error or not any("#" in cell or "Err:" in cell or "\uff03" in cell for cell in cells)
    assert found.blank == any(not "".join(cell or "" for cell in row).strip(" ") for row in rows)


def test_a_row_too_long_to_be_put_together_may_hold_any_sign():
    assert found_in([("A", "B"), ("A", "B" * signs.ROW_BYTES)]) == ANY_SIGN
    assert found_in([("A", "B")]) == Signs(False, False, False, False, False)
