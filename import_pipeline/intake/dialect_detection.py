"""From a sample of a text to its dialect and layout: detected, except for what was told by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from import_pipeline.errors import LimitExceededError, PayloadError
from import_pipeline.intake import header, header_names
from import_pipeline.intake.csv_exact import RowReader
from import_pipeline.intake.dialect.candidates import candidates, declared_delimiter
from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.dialect.score import cuts_values, score_all
from import_pipeline.intake.notes import words_of
from import_pipeline.intake.several_tables import tables_above
from import_pipeline.intake.split_cells import columns_named, has_fewer_names
from import_pipeline.run_config.spec import ReadOptions

_ABSENT = "\x1f"
_COMMENT_MARKS = ("#", "%", "//", "--", "!")


@dataclass(frozen=True)
class Detected:
    """The dialect and the layout chosen, with how sure that is.

    Attributes:
        sample: The first data rows that are as wide as the table, up to the first that is not.
    """

    dialect: Dialect
    layout: Layout
    confidence: float
    runner_up: str | None
    sample: list[list[str]]


@dataclass(frozen=True)
class SampleRow:
    """A row of the sample: its cells as cut, its line (from 0), and whether a blank line stands before it."""

    cells: list[str]
    line: int
    after_blank: bool


def detect(
    lines: Sequence[str], options: ReadOptions, *, is_sample: bool = False, most_columns: int | None = None
) -> Detected:
    """Choose dialect and layout for a text from its first lines.

    Args:
        lines: The lines, each with its end.
        options: What was told by hand.
        is_sample: Whether the file goes on behind these lines.
        most_columns: How many columns a table may have.

    Raises:
        LimitExceededError: It has more columns.
        PayloadError: The table is said to begin below the last line.
    """
    top = options.skip_rows or 0
    if not top and declared_delimiter(lines):
        top = 1
    if first_line_told(options) and first_line_told(options) >= len(lines):
        raise too_few_lines(options)
    ranked = score_all(_without_comments(lines[top:]), candidates(lines, options))
    best = ranked[0]
    second = next((one for one in ranked[1:] if one.dialect.delimiter != best.dialect.delimiter), None)
    second = second or (ranked[1] if len(ranked) > 1 else None)
    confidence = 1.0 if second is None else best.score / ((best.score + second.score) or 1.0)
    dialect = best.dialect
    one_column = options.delimiter is None and (
        header.usual_width(best.rows) == 1 or cuts_values(best.rows, best.dialect.delimiter)
    )
    if one_column:
        dialect = replace(dialect, delimiter=_ABSENT)  # one column: nothing is cut, whatever stands in it
    rows, end = sample_rows(
        lines[top:], dialect, 1 if one_column else header.usual_width(best.rows), is_sample=is_sample
    )
    width = header.usual_width([row.cells for row in rows])
    if most_columns is not None and width > most_columns:  # looking closer would take long
        raise LimitExceededError("columns", width, most_columns, "IMPORT_PIPELINE_MAX_COLUMNS")
    layout = _layout(lines[: top + end], rows, width, top, options, dialect.delimiter)
    first = [row for row in rows if row.line + top >= layout.skipped_lines + layout.header_lines]
    sound = next((i for i, row in enumerate(first) if len(row.cells) != layout.cells), len(first))
    return Detected(
        dialect,
        layout,
        round(confidence, 3),
        second.dialect.in_words() if second and second.score > 0 else None,
        [row.cells for row in first[:sound]],
    )


def first_line_told(options: ReadOptions) -> int:
    """How many lines stand above the table by what was told."""
    return (options.skip_rows or 0) + max(0, (options.header_row or 0) - 1)


def too_few_lines(options: ReadOptions) -> PayloadError:
    """The error for a table that is said to begin below the last line."""
    return PayloadError(
        f"{first_line_told(options):,} lines are said to stand above the table, and the file has no rows below them. "
        "Correct header_row or skip_rows, or leave them out to have the header found.",
        header_row=options.header_row,
        skip_rows=options.skip_rows,
    )


def sample_rows(lines: Sequence[str], dialect: Dialect, width: int, *, is_sample: bool) -> tuple[list[SampleRow], int]:
    """The rows of the sample, cut and repaired as the exact reader does it, and the line at which they end."""
    rows: list[SampleRow] = []
    reader = RowReader(dialect, width)
    for block in reader.blocks(iter(lines), is_sample=is_sample):
        for index, cells in enumerate(block.rows):
            line = block.lines[index] if block.lines else block.first_line + index
            rows.append(SampleRow(cells, line - 1, index in block.blank_before))
    return rows, len(lines) if reader.cut_off_at is None else reader.cut_off_at - 1


def _layout(
    lines: Sequence[str],
    rows: Sequence[SampleRow],
    width: int,
    top: int,
    options: ReadOptions,
    delimiter: str,
) -> Layout:
    cells = [row.cells for row in rows]
    if options.header_row is not None:
        start = next((i for i, row in enumerate(rows) if row.line >= max(0, options.header_row - 1)), len(rows))
        count = 1 if options.header_row and rows else 0
        if options.header_row and start == len(rows) > 0:
            raise too_few_lines(options)
    else:
        start, count = header.locate(cells, [row.after_blank for row in rows], width)
    written = _names(cells, start, count, width)
    if len({tuple(row) for row in cells[start : start + count]}) == 1:
        count = 1  # the header comes twice: the second time it is a line of the table
    ends = [row.line for row in rows[1:]] + [len(lines) - top]
    skipped = rows[start].line if start < len(rows) else 0
    body = rows[start + count :]
    header_rows = tuple(tuple(row) for row in cells[start : start + count] if sum(map(bool, row)) > 1 or width == 1)
    names = _names(cells, start, count, width)
    fewer_names = count == 1 and names is not None and has_fewer_names(names, cells[start], width)
    if fewer_names and columns_named(cells[start], cells[start + 1 :], delimiter):
        names = written = tuple(cells[start])
        width, fewer_names = len(names), False
    told = options.header_row is not None
    above = [] if told else tables_above(cells[:start], [row.after_blank for row in rows[:start]])
    return Layout(
        top + skipped,
        ends[start + count - 1] - skipped if count else 0,
        names,
        len(names) if names else width,
        width,
        _comment(lines[top : top + skipped]),
        any(row.after_blank for row in body[1:]),
        header_rows,
        tuple(filter(None, (words_of(row.cells) for row in rows[:start]))),
        tuple(rows[index].line + top + 1 for index in above),
        written,
        fewer_names,
    )


def _names(cells: Sequence[list[str]], start: int, count: int, width: int) -> tuple[str, ...] | None:
    if not count:
        return None
    names = header_names.joined_names(cells[start : start + count], width)
    return header_names.aligned_names(names, cells[start + count :], width)


def _without_comments(lines: Sequence[str]) -> Sequence[str]:
    """The lines from the first that is no comment on: comments say nothing about the cells below them."""
    for index, line in enumerate(lines):
        if line.strip() and not line.startswith("#"):
            return lines[index:]
    return lines


def _comment(before: Sequence[str]) -> str | None:
    """What comment lines begin with, if lines above the table do."""
    texts = [line for line in before if line.strip()]
    return next((mark for mark in _COMMENT_MARKS if texts and all(line.startswith(mark) for line in texts)), None)
