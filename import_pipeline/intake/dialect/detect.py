"""From a sample of a text to its dialect and layout: detected, except for what was told by hand."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from import_pipeline.intake import header
from import_pipeline.intake.dialect.candidates import candidates, declared_delimiter
from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.dialect.score import score_all
from import_pipeline.run_config.spec import ReadOptions


@dataclass(frozen=True)
class Detected:
    """The dialect and the layout chosen, with how sure that is.

    Attributes:
        sample: The first data rows, cells as the dialect cuts them.
    """

    dialect: Dialect
    layout: Layout
    confidence: float
    runner_up: str | None
    sample: list[list[str]]


def detect(lines: Sequence[str], options: ReadOptions) -> Detected:
    """Choose dialect and layout for a text from its first lines (each with its end)."""
    top = options.skip_rows or 0
    if not top and declared_delimiter(lines):
        top = 1
    ranked = score_all(lines[top:], candidates(lines, options))
    best = ranked[0]
    second = next((one for one in ranked[1:] if one.dialect.delimiter != best.dialect.delimiter), None)
    second = second or (ranked[1] if len(ranked) > 1 else None)
    confidence = 1.0 if len(ranked) == 1 else best.score / (best.score + ranked[1].score or 1.0)
    records, starts, ends = _records(lines[top:], best.dialect)
    width = header.usual_width(records)
    if options.header_row is not None:
        layout = _told(records, starts, ends, width, top, options.header_row)
        first = next(
            (i for i, start in enumerate(starts) if start + top >= layout.skipped_lines + layout.header_lines),
            len(records),
        )
    else:
        start = header.table_start(records, width)
        count = header.header_rows(records[start:], width)
        first = start + count
        skipped = top + (starts[start] if records else 0)
        rows = records[start:first]
        layout = Layout(
            skipped,
            top + ends[first - 1] - skipped if count else 0,
            header.joined_names(rows, width) if count else None,
            width,
        )
    return Detected(
        best.dialect,
        layout,
        round(confidence, 3),
        second.dialect.in_words() if second and second.score > 0 else None,
        records[first:],
    )


def _told(
    records: list[list[str]], starts: list[int], ends: list[int], width: int, top: int, header_row: int
) -> Layout:
    if header_row == 0:
        return Layout(top, 0, None, width)
    for index, start in enumerate(starts):
        if start >= header_row - 1:
            return Layout(top + start, ends[index] - start, tuple(records[index]), width)
    return Layout(top, 0, None, width)


def _records(lines: Sequence[str], dialect: Dialect) -> tuple[list[list[str]], list[int], list[int]]:
    """The rows of the sample that are not blank, with the lines (from 0) at which each begins and ends."""
    records: list[list[str]] = []
    starts: list[int] = []
    ends: list[int] = []
    taken = 0

    def counted() -> object:
        nonlocal taken
        for line in lines:
            taken += 1
            yield line

    source = counted() if len(dialect.delimiter) == 1 else lines
    begin = 0
    try:
        for row in dialect.reader(source):  # type: ignore[arg-type]
            end = taken if len(dialect.delimiter) == 1 else begin + 1 + sum(cell.count("\n") for cell in row)
            if row and not (len(row) == 1 and not row[0].strip()):
                records.append(row)
                starts.append(begin)
                ends.append(end)
            begin = end
    except csv.Error:
        pass
    return records, starts, ends
