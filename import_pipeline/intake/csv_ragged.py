"""The fast way for a text in which some rows have another number of cells: DuckDB reads all, Python judges those alone.

Missing cells are told from empty ones by the text that DuckDB is given for NULL, and spare ones stand in columns of
their own. The lines of irregular rows, and what stands around them, go the exact way; whatever could come out otherwise
than there (a table below the table, a blank line, a broken quote) is left to the exact reader as a whole.
"""

import gc
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path

import duckdb

from import_pipeline.intake import tables
from import_pipeline.intake.csv_agreement import begins_like, may_hold_table
from import_pipeline.intake.csv_fast import has_gap_near_end
from import_pipeline.intake.csv_lines import lines_of_rows, rows_on_several_lines
from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.irregular_rows import IrregularRows
from import_pipeline.intake.reading import Findings
from import_pipeline.sql import Parameters, exact_path, quote, quoted_list

_SPARE_COLUMNS = 16
_MOST_IRREGULAR = 500_000
_MOST_SHARE = 4
"""Where more than one row in so many is irregular, most of the file would go the exact way anyway."""
_IRREGULAR = "irregular"
_REFUSALS = (duckdb.InvalidInputException, duckdb.ConversionException, UnicodeDecodeError)


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
                {bind.bind(exact_path(self.path))},
                columns = {{{told}}},
                auto_detect = false,
                hive_partitioning = false,
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
        with (
            self.path.open("rb") as handle,
            mmap(handle.fileno(), 0, access=ACCESS_READ) as content,
            ThreadPoolExecutor(1) as beside,  # Python judges in one thread, while DuckDB looks at the other rows
        ):
            width = self.layout.width
            others = beside.submit(may_hold_table, self.connection, self.layout, sample)
            tall = lambda: beside.submit(rows_on_several_lines, self.connection, width).result()  # noqa: E731
            lines = lines_of_rows(content, self.skip, rows, irregular, tall)
            judged = (
                IrregularRows(self.dialect, self.layout, lines, irregular, rows, most_characters) if lines else None
            )
            corrected = judged.judge() if judged else None
        if others.result() or judged is None or corrected is None:
            return None
        self.connection.execute(f"ALTER TABLE source_text DROP COLUMN {quote(_IRREGULAR)}")
        tables.correct_rows(self.connection, width, corrected)
        return judged.findings

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


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Python looks for no garbage in circles meanwhile: what judging makes, at most `_MOST_IRREGULAR` times, is kept.

    It would go through all objects of the process again and again, for a sixth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
    with _no_collecting():
        findings = text.judge(sample, most_characters)
    if findings is None:
        connection.execute("DROP TABLE source_text")
    return findings
