"""The columns of a plain sheet as texts, made of what `workbooks.columns` wrote, and the way of them to the workspace.

Only a part of them is written as CSV, for the dialect and the header to be found as in any text; all of them where
their rows turn out to be no plain table.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from import_pipeline.intake import tables
from import_pipeline.intake.text_source import SAMPLE_LINES
from import_pipeline.intake.workbooks import choosing
from import_pipeline.intake.workbooks.cell_text import text_of
from import_pipeline.intake.workbooks.csv_rows import CsvRows

if TYPE_CHECKING:
    import pyarrow

_BATCH = 30 * 2_048
"""Rows that are handed over at once: a multiple of what DuckDB works on at once, so that no part of that is left."""
_FIRST_DAY = -2_203_804_800_000
"""1900-03-01 in milliseconds since 1970: what is below is no day but a time, or in a year that workbooks miscount."""
_END_OF_DAYS = 253_402_300_800_000
"""10000-01-01: workbooks have no days from then on, and show the number."""
_LONGEST_SURE = 16
"""A decimal number of so many characters has no more than the fifteen digits that are shown of a number."""


class SheetColumns:
    """The cells of a sheet, by columns.

    Args:
        found: What `write_columns` returned.
        path: The file that it wrote.

    Raises:
        ValueError: A cell is one for the exact reader, or a row is blank.
    """

    def __init__(self, found: dict[str, Any], path: Path) -> None:
        import pyarrow

        self.names: list[str] = found["names"]
        content = pyarrow.memory_map(str(path)).read_buffer()
        cells = [_array(told, content) for told in found["columns"]]
        columns = [_texts(column) for column in cells]
        if _has_blank(columns):
            raise ValueError("a row is blank")
        self._table = pyarrow.table(columns, names=[f"c{place + 1}" for place in range(len(columns))])
        self._target = path
        self._is_whole = False
        numbers = {str(place): _lengths(texts) for place, texts in enumerate(columns) if _is_of_numbers(cells[place])}
        self.found = _as_found(found, len(columns[0]) + 1, numbers)
        """What is to be told of the sheet, as `spreadsheet_child` says it."""

    def fill(self, connection: duckdb.DuckDBPyConnection, skip: int, width: int) -> bool:
        """Fill `source_text` with the rows below the first line, if that is the header, and of such a width."""
        if skip != 1 or width != len(self.names) or any("\n" in name or "\r" in name for name in self.names):
            return False
        tables.create_from_batches(
            connection, self._table.schema, iter(self._table.to_batches(max_chunksize=_BATCH)), []
        )
        return True

    def write_first(self, target: Path) -> None:
        """Write the first rows as CSV, as the exact way writes all."""
        self._target = target
        self._write(self._table.slice(0, SAMPLE_LINES + 1))

    def make_whole(self) -> None:
        """Write the others, too, where that was not done."""
        if not self._is_whole:
            self._write(self._table)
            self._is_whole = True

    def _write(self, table: "pyarrow.Table") -> None:
        with self._target.open("w", encoding="utf-8", newline="") as sink:
            lines = CsvRows(sink)
            lines.write(self.names)
            for batch in table.to_batches(max_chunksize=_BATCH):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    lines.write([cell or "" for cell in row])


def _compute() -> Any:
    import pyarrow.compute  # its functions are made when it is loaded, so that no type of it is known

    return pyarrow.compute


def _array(told: dict[str, Any], content: "pyarrow.Buffer") -> "pyarrow.Array":
    import pyarrow

    kinds = {
        "number": pyarrow.float64(),
        "truth": pyarrow.bool_(),
        "moment": pyarrow.timestamp("ms"),
        "text": pyarrow.string(),
        "long text": pyarrow.large_string(),
    }
    buffers = [content.slice(*place) if place else None for place in told["buffers"]]
    array = pyarrow.Array.from_buffers(kinds[told["kind"]], told["rows"], buffers)
    array.validate()
    return array


def _is_of_numbers(column: "pyarrow.Array") -> bool:
    import pyarrow

    return pyarrow.types.is_floating(column.type)


def _lengths(texts: "pyarrow.Array") -> dict[int, int]:
    """Length of a text → how many have such."""
    pc = _compute()

    return {one["values"]: one["counts"] for one in pc.value_counts(pc.utf8_length(texts.drop_null())).to_pylist()}


def _as_found(found: dict[str, Any], rows: int, numbers: dict[str, dict[int, int]]) -> dict[str, Any]:
    looked = choosing.SheetLook(found["name"], rows, len(found["names"]), hidden=found["hidden"])
    zeros = {
        str(place): 1 for place, name in enumerate(found["names"]) if name[:1] in ("0", "+") and name[1:].isdecimal()
    }
    return {
        "sheets": [looked.as_dict() | {"chosen": True, "may_be_meant": False}],
        "numbers": numbers,
        "zeros": zeros,
        "bad": {},
        "merged": {"names": {}, "filled": {}, "across": [], "across_count": 0},
        "hidden_rows": [],
        "hidden_columns": [],
        "unmarked": "",
    }


def _texts(column: "pyarrow.Array") -> "pyarrow.Array":
    """The cells of a column as texts, empty ones as NULL."""
    import pyarrow

    pc = _compute()

    if _is_of_numbers(column):
        return _of_numbers(column)
    if pyarrow.types.is_boolean(column.type):
        return pc.if_else(column, "TRUE", "FALSE")
    if pyarrow.types.is_timestamp(column.type):
        return _of_moments(column)
    is_empty = pc.equal(pc.binary_length(column), 0)
    return pc.if_else(is_empty, pyarrow.scalar(None, column.type), column) if pc.any(is_empty).as_py() else column


def _of_numbers(column: "pyarrow.Array") -> "pyarrow.Array":
    """Numbers as `text_of` writes them: most of them all at once, the others one by one."""
    import pyarrow

    pc = _compute()

    if pc.any(pc.is_nan(column)).as_py():
        raise ValueError("a text such as -nan, which is no number")
    is_whole = pc.and_(pc.equal(pc.trunc(column), column), pc.less(pc.abs(column), 1e15))
    if pc.all(is_whole).as_py() is not False:
        return pc.cast(pc.cast(column, pyarrow.int64()), pyarrow.string())
    texts = pc.cast(column, pyarrow.string())
    is_sure = pc.and_(
        pc.less_equal(pc.binary_length(texts), _LONGEST_SURE),
        pc.invert(pc.match_substring_regex(texts, "[a-z]|^-0$")),
    )
    others = pc.filter(column, pc.invert(is_sure)).to_pylist()
    if not others:
        return texts
    corrected = pyarrow.array([None if one is None else text_of(one) for one in others], pyarrow.string())
    return pc.replace_with_mask(texts, pc.fill_null(pc.invert(is_sure), fill_value=False), corrected.drop_null())


def _of_moments(column: "pyarrow.Array") -> "pyarrow.Array":
    import pyarrow

    pc = _compute()

    bounds = pc.min_max(pc.cast(column, pyarrow.int64())).as_py()
    if bounds["min"] is not None and not _FIRST_DAY <= bounds["min"] <= bounds["max"] < _END_OF_DAYS:
        raise ValueError("a time, or a day in a year that workbooks miscount or do not have")
    days = pc.cast(column, pyarrow.date32(), safe=False)
    if pc.all(pc.equal(pc.cast(days, pyarrow.timestamp("ms")), column)).as_py() is not False:
        return pc.cast(days, pyarrow.string())
    return pyarrow.array([None if one is None else text_of(one) for one in column.to_pylist()], pyarrow.string())


def _has_blank(columns: Sequence["pyarrow.Array"]) -> bool:
    pc = _compute()

    if any(not column.null_count for column in columns):
        return False
    blank = columns[0].is_null()
    for column in columns[1:]:
        blank = pc.and_(blank, column.is_null())
    return bool(pc.any(blank).as_py())
