"""The fast way for a text in which some rows have another number of cells: DuckDB reads all, Python judges those alone.

Missing cells are told from empty ones by the text that DuckDB is given for NULL, and spare ones stand in columns of
their own. The lines of irregular rows, and what stands around them, go the exact way; whatever could come out otherwise
than there (a table below the table, a blank line, a broken quote) is left to the exact reader as a whole.
"""

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from heapq import merge
from mmap import ACCESS_READ, mmap
from operator import itemgetter
from pathlib import Path

import duckdb

from import_pipeline.intake import tables
from import_pipeline.intake.csv_agreement import begins_like, may_hold_headers, may_hold_table
from import_pipeline.intake.csv_exact import RowReader
from import_pipeline.intake.csv_fast import has_gap_near_end
from import_pipeline.intake.csv_faults import TableRows
from import_pipeline.intake.csv_lines import RowLines, lines_of_rows
from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.notes import MOST_NOTES
from import_pipeline.intake.reading import Findings
from import_pipeline.intake.several_tables import may_be_header
from import_pipeline.intake.split_cells import joined
from import_pipeline.sql import Parameters, quote, quoted_list

_SPARE_COLUMNS = 16
_MOST_IRREGULAR = 500_000
_MOST_SHARE = 4
"""Where more than one row in so many is irregular, most of the file would go the exact way anyway."""
_BELOW = 2
"""Rows below an irregular one that say whether it is the header of a further table."""
_IRREGULAR = "irregular"
_AT_ONCE = 2_000
_REFUSALS = (duckdb.InvalidInputException, duckdb.ConversionException, UnicodeDecodeError)

_CutRow = tuple[int, int, list[str], list[str], tuple[str, ...]]
"""Index, line of the file, cells as they were cut, the row that they are, and what is wrong with it."""


class RaggedText:
    """A text whose rows are in `source_text`, those of another width as far as they have cells.

    Args:
        connection: The workspace.
        path: The file, in UTF-8.
        dialect: How its cells are written.
        layout: Where its table stands.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, layout: Layout) -> None:
        self.connection = connection
        self.path = path
        self.dialect = dialect
        self.layout = layout
        self.skip = layout.skipped_lines + layout.header_lines

    def load(self) -> bool:
        """Fill `source_text`, with the cells of each irregular row beside it; False, with no table, if DuckDB refuses.

        Rows on several lines are read by one thread alone, as DuckDB pads them in no other way.
        """
        for parallel in (True, False):
            try:
                self.connection.execute(*self._statement(parallel=parallel))
            except _REFUSALS:
                return False
            except duckdb.Error as error:
                if parallel and "null_padding" in str(error):
                    continue
                raise
            return True
        return False

    def _statement(self, *, parallel: bool) -> tuple[str, Parameters]:
        bind = Parameters()
        width = self.layout.width
        names = [f"c{place + 1}" for place in range(width + _SPARE_COLUMNS)]
        told = ", ".join(f"{quote(name)}: 'VARCHAR'" for name in names)
        cells = ", ".join(f"nullif({quote(name)}, '') AS {quote(name)}" for name in names[:width])
        is_irregular = f"{quote(names[width - 1])} IS NULL OR {quote(names[width])} IS NOT NULL"
        statement = f"""
            CREATE TABLE source_text AS
            SELECT
                {cells},
                CASE WHEN {is_irregular} THEN concat_ws(chr(10), {quoted_list(names)}) END AS {quote(_IRREGULAR)}
            FROM read_csv(
                {bind.bind(str(self.path))},
                columns = {{{told}}},
                auto_detect = false,
                header = false,
                delim = {bind.bind(self.dialect.delimiter)},
                quote = {bind.bind(self.dialect.quote)},
                escape = {bind.bind(self.dialect.quote)},
                skip = {bind.bind(self.skip)},
                strict_mode = true,
                null_padding = true,
                nullstr = {bind.bind(uuid.uuid4().hex)},
                parallel = {bind.bind(parallel)}
            )
        """
        return statement, bind

    def judge(self, sample: Sequence[Sequence[str]], most_characters: int) -> Findings | None:
        """Correct the irregular rows in `source_text`, and say what is wrong with them, as the exact way does.

        Args:
            sample: The first data rows as detection saw them.
            most_characters: How long a row may be at most.

        Returns:
            What was found; None if the text is one for the exact reader.
        """
        rows = tables.count_rows(self.connection)
        irregular = self._irregular(rows)
        if irregular is None or not begins_like(self.connection, self.layout.width, sample, irregular):
            return None
        findings = Findings()
        with self.path.open("rb") as handle, mmap(handle.fileno(), 0, access=ACCESS_READ) as content:
            lines = lines_of_rows(self.connection, content, self.skip, self.layout.width, rows)
            if lines is None:
                return None
            with ThreadPoolExecutor(1) as beside:  # Python judges in one thread, while DuckDB looks at the other rows
                others = beside.submit(self._may_hold_others, sample)
                corrected = self._corrected(rows, irregular, lines, findings, most_characters)
        if others.result() or corrected is None:
            return None
        self.connection.execute(f"ALTER TABLE source_text DROP COLUMN {quote(_IRREGULAR)}")
        tables.correct_rows(self.connection, self.layout.width, corrected)
        return findings

    def _may_hold_others(self, sample: Sequence[Sequence[str]]) -> bool:
        """Whether a row of the table's width may be none of its rows."""
        return may_hold_headers(self.connection, self.layout, sample) or may_hold_table(
            self.connection, self.layout, sample
        )

    def _irregular(self, rows: int) -> dict[int, str] | None:
        """The irregular rows, by their index, with their cells one below the other; None if they are too many."""
        column = quote(_IRREGULAR)
        counted = self.connection.execute(f"SELECT count({column}) FROM source_text").fetchone()
        if not counted or counted[0] > min(_MOST_IRREGULAR, rows // _MOST_SHARE + 1):
            return None
        found = self.connection.execute(
            f"""
            SELECT rowid, {column}
            FROM source_text
            WHERE {column} IS NOT NULL
            ORDER BY rowid
            """
        )
        return dict(found.fetchall())

    def _corrected(
        self,
        rows: int,
        irregular: dict[int, str],
        lines: RowLines,
        findings: Findings,
        most_characters: int,
    ) -> dict[int, list[str]] | None:
        """The rows that have other cells than DuckDB gave them; None if the text is one for the exact reader."""
        reader = RowReader(self.dialect, self.layout.cells, None, most_characters)
        judged = TableRows(self.layout, self.dialect, findings)
        corrected: dict[int, list[str]] = {}
        last = rows - MOST_NOTES
        width = self.layout.width
        for cut in self._looked_at(reader, lines, irregular, rows):
            if cut is None:
                return None
            for index, begin, cells, row, codes in cut:
                judged.pass_over(index - judged.row_number)
                taken = judged.take(row, begin, codes)
                if index < last and findings.no_rows:
                    return None
                if index in irregular and taken is not cells and taken[:width] != _padded(cells, width):
                    corrected[index] = taken[:width]
        judged.finish(lines.ends_line)
        return None if findings.tables else corrected

    def _looked_at(
        self, reader: RowReader, lines: RowLines, irregular: dict[int, str], rows: int
    ) -> Iterator[list[_CutRow] | None]:
        """The rows to look at, in file order: the irregular ones and the last of the table; None if one is not as read.

        Below those that may be names of columns the rows that say so are looked at, too.
        """
        last = max(0, rows - MOST_NOTES)
        below: set[int] = set()
        indexes = [index for index in irregular if index < last]
        for at in range(0, len(indexes), _AT_ONCE):
            chunk = indexes[at : at + _AT_ONCE]
            cut = self._cut(reader, lines, irregular, sorted({*chunk, *below}))
            names = [index for index, _, _, row, _ in cut or () if index in irregular and self._may_be_header(row)]
            seen = {*chunk, *below}
            below = {index + place for index in names for place in range(1, _BELOW + 1)} - seen
            within = sorted(index for index in below if index < chunk[-1])
            more = self._cut(reader, lines, irregular, within) if within else []
            yield None if cut is None or more is None else list(merge(cut, more, key=itemgetter(0)))
            below = {index for index in below if chunk[-1] < index < last}
        yield self._cut(reader, lines, irregular, [*sorted(below), *range(last, rows)])

    def _cut(
        self, reader: RowReader, lines: RowLines, irregular: dict[int, str], indexes: Sequence[int]
    ) -> list[_CutRow] | None:
        """The rows of these indexes (ascending); None if Python cuts one otherwise than DuckDB did."""
        found = list(lines.of(indexes))
        rows: list[_CutRow] = []
        cut = reader.cells_of_each([line for _, _, line in found])
        for (index, begin, line), cells in zip(found, cut, strict=True):
            if cells is None or not self._is_as_read(cells, irregular.get(index), line):
                return None
            row, codes = reader.row_of(line, cells) if index in irregular else (cells, ())
            rows.append((index, begin, cells, row, codes))
        return rows

    def _may_be_header(self, row: list[str]) -> bool:
        width = self.layout.cells
        return may_be_header((joined(row, width, self.dialect.delimiter) if len(row) > width else None) or row)

    def _is_as_read(self, cells: list[str], irregular: str | None, line: str) -> bool:
        """Whether Python cuts a row as DuckDB did, and it is irregular on one line at most."""
        if irregular is None:
            return len(cells) == self.layout.width
        return "\n".join(cells) == irregular and irregular.count("\n") == len(cells) - 1 and bool(line.strip())


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


def read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    dialect: Dialect,
    layout: Layout,
    sample: Sequence[Sequence[str]],
    most_characters: int,
) -> Findings | None:
    """Fill `source_text` from a file with irregular rows.

    Args:
        connection: The workspace.
        path: The file, in UTF-8.
        dialect: How its cells are written.
        layout: Where its table stands.
        sample: The first data rows as detection saw them.
        most_characters: How long a row may be at most.

    Returns:
        What was found; None, with no table left, if the file is one for the exact reader.
    """
    text = RaggedText(connection, path, dialect, layout)
    if has_gap_near_end(path) or not text.load():
        return None
    findings = text.judge(sample, most_characters)
    if findings is None:
        connection.execute("DROP TABLE source_text")
    return findings
