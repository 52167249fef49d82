"""From cut rows to lines of the table: each padded or shortened to its width, with what is wrong about it.

Every line below the header comes out in its place and keeps its number. Which of them are no rows of the table (its
header again, lines of a further table, notes) is told in the findings beside it.
"""

from collections import deque
from collections.abc import Iterator, Sequence

from import_pipeline.intake.csv_exact import Block, RowReader
from import_pipeline.intake.csv_width import misfit
from import_pipeline.intake.dialect.dialect import Dialect, Layout
from import_pipeline.intake.notes import MOST_NOTES, NOTE, Line, comparable, notes_below
from import_pipeline.intake.reading import Findings, StructuralDefect
from import_pipeline.intake.several_tables import FoundTable, Shape, begins_table, plain, trimmed
from import_pipeline.intake.split_cells import joined
from import_pipeline.intake.structural_defects import KINDS, TRUNCATED, UNQUOTED_DELIMITER
from import_pipeline.words import DefectLevel

_RUN = 3


class TableRows:
    """The lines below a table's header, each with `width` cells, or more where spare cells hold text.

    Args:
        layout: Where the table stands, and its header.
        dialect: How the cells are written.
        findings: Where the defects go.
        number: Which table of the file it is.
        begins: The lines on which further tables are known to begin; None if they are to be found here.
    """

    def __init__(
        self,
        layout: Layout,
        dialect: Dialect,
        findings: Findings,
        *,
        number: int = 1,
        begins: frozenset[int] | None = None,
    ) -> None:
        self.width = layout.width
        self.cells = layout.cells
        self.delimiter = dialect.delimiter
        self.quote = dialect.quote
        self.findings = findings
        self.number = number
        self.begins = begins
        self.above = frozenset(map(comparable, layout.above))
        self.headers = [list(map(plain, trimmed(cells))) for cells in layout.header_rows]
        self._first_names = {cells[0] if cells else "" for cells in self.headers}
        self.row_number = 0
        header = tuple(trimmed(layout.header)) if layout.header else None
        self._own = Shape(header, len(header) if header else self.width)
        self._further: Shape | None = None
        self._table: FoundTable | None = None
        self._recent: deque[tuple[Line, int]] = deque(maxlen=_RUN)
        self._tail: deque[Line] = deque(maxlen=MOST_NOTES)
        self._rows = 0
        self._rows_above = 0
        """Rows above the last header."""
        self._short = 0
        self._unclosed: int | None = None
        self._last_sound = 0
        self._begun = 0

    def blocks(self, source: Iterator[Block], reader: RowReader) -> Iterator[list[list[str]]]:
        """The lines in blocks, in file order."""
        for block in source:
            if self._is_plain(block):
                self._pass(block)
                yield block.rows
            else:
                yield [self._take_of(block, index) for index in range(len(block.rows))]
        self.finish(reader.ends_line)

    def pass_over(self, count: int) -> None:
        """Count rows that are surely rows of the table, and far from others."""
        if count:
            self.row_number += count
            self._rows += count
            self._last_sound = self.row_number
            self._recent.clear()

    def finish(self, ends_line: bool) -> None:
        """Judge how the table ends, once all its lines were taken."""
        self._judge_tail()
        self._judge_end(ends_line)

    def _is_plain(self, block: Block) -> bool:
        """Whether all rows of a block are rows of the table, as they are."""
        if block.irregular or block.blank_before or block.comments or self._further or self.cells != self.width:
            return False
        if self.begins is not None:
            last = block.first_line + len(block.rows)
            return not any(block.first_line <= line < last for line in self.begins) and not self._names_again(block)
        return not self._names_again(block)

    def _names_again(self, block: Block) -> bool:
        names = self._own.names
        return bool(names) and any(
            plain(cells[0]) in names or (len(cells) > 1 and plain(cells[1]) in names) or plain(cells[-1]) in names
            for cells in block.rows
        )

    def _pass(self, block: Block) -> None:
        first = self.row_number + 1
        self.row_number += len(block.rows)
        self._rows += len(block.rows)
        self._last_sound = self.row_number
        self._own.learn(block.rows)
        behind = max(0, len(block.rows) - MOST_NOTES)
        self._tail += [Line(first + behind + place, cells) for place, cells in enumerate(block.rows[behind:])]
        line = block.lines[-1] if block.lines else block.first_line + len(block.rows) - 1
        self._recent.append((self._tail[-1], line))

    def _take_of(self, block: Block, index: int) -> list[str]:
        return self.take(
            block.rows[index],
            block.lines[index] if block.lines else block.first_line + index,
            block.irregular.get(index, ()),
            after_blank=index in block.blank_before,
            is_comment=index in block.comments,
        )

    def take(
        self,
        row: list[str],
        at: int,
        irregular: tuple[str, ...] = (),
        *,
        after_blank: bool = False,
        is_comment: bool = False,
    ) -> list[str]:
        """Take one line as it was cut: what it is, from which line of the file on, and what is wrong with its cells."""
        whole = joined(row, self.cells, self.delimiter) if len(row) > self.cells else None
        cells = whole or row
        self.row_number += 1
        line = Line(self.row_number, cells, after_blank)
        if is_comment:
            self._add_no_row(line, NOTE)
            return self._filled_up(cells)
        if self.is_header(cells):
            self._judge_tail(is_above_header=True)
            self._further = None
            self._rows_above = self._rows
            self._recent.clear()
            self._last_sound = self.row_number
            self._add_no_row(line, "repeated_header")
            return self._filled_up(cells)
        self._recent.append((line, at))
        if self.begins is not None:
            if at in self.begins:
                self._begin_table(line, at)
        else:
            self._look_for_table()
        if self._further is not None:
            self._last_sound = line.row_number
            if line.row_number != self._begun:
                self._add_to_table(line)
            return self._filled_up(cells)
        self._tail.append(line)
        return self._take_row(cells, irregular, is_joined=whole is not None)

    def take_apart(self, row: list[str], whole: list[str] | None, irregular: tuple[str, ...]) -> list[str]:
        """Take one line that surely is a row, as neither it nor one of the last lines can name columns.

        Args:
            row: The line as it was cut.
            whole: The row with its split cells put together, where it has some.
            irregular: What is wrong with its cells.
        """
        self.row_number += 1
        self._recent.clear()
        return self._take_row(whole or row, irregular, is_joined=whole is not None)

    def _take_row(self, cells: list[str], irregular: tuple[str, ...], *, is_joined: bool) -> list[str]:
        self._rows += 1
        if is_joined:
            irregular = (*irregular, UNQUOTED_DELIMITER)
        if "unclosed_quote" in irregular:
            self._unclosed = self.row_number
        if len(cells) == self.width:
            self._own.learn([cells])
            if not irregular:
                self._last_sound = self.row_number
        return self._fit(cells, irregular)

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a row is the header once more."""
        return plain(cells[0]) in self._first_names and list(map(plain, trimmed(cells))) in self.headers

    def _look_for_table(self) -> None:
        """Whether one of the last lines turns out to be the header of another table."""
        shape = self._further or self._own
        lines = list(self._recent)
        for place in range(len(lines) - 1):
            (first, at), following = lines[place], lines[place + 1 :]
            if first.row_number == self._begun or any(line.after_blank for line, _ in following):
                continue
            rows = [line.cells for line, _ in following]
            if begins_table(shape, first.cells, rows, after_blank=first.after_blank):
                again = [line for line, _ in following[:-1]]
                self._begin_table(first, at)
                for line in again:
                    self._add_to_table(line)
                return

    def _begin_table(self, line: Line, at: int) -> None:
        while self._tail and self._tail[-1].row_number >= line.row_number:
            self._tail.pop()
            self._rows -= 1
        if self._further is None:
            self._judge_tail()
        if self._table is not None and self._further is not None and self._table.rows:
            # a line counted to the table before, until it turned out to begin another one
            self._table.rows -= sum(1 for other, _ in self._recent if line.row_number <= other.row_number) - 1
        columns = tuple(cell.strip() for cell in trimmed(line.cells))
        number = self.number + 1 + len(self.findings.tables)
        self._further = Shape(columns, len(columns))
        self._begun = line.row_number
        self._table = FoundTable(number, at, columns)
        self.findings.tables.append(self._table)
        self._add_no_row(line, "further_table")

    def _add_to_table(self, line: Line) -> None:
        assert self._further is not None
        assert self._table is not None
        self._further.learn([trimmed(line.cells)])
        self._table.rows += 1
        self._add_no_row(line, "further_table")

    def _judge_tail(self, *, is_above_header: bool = False) -> None:
        """Tell which of the last lines of the table are notes below it, or head a page."""
        above = self.above if is_above_header else frozenset[str]()
        found = notes_below(list(self._tail), self.width, (self._rows, self._rows - self._rows_above), above)
        for line in self._tail:
            if line.row_number in found:
                self._add_no_row(line, found[line.row_number])
                self._rows -= 1
        self._tail.clear()

    def _judge_end(self, ends_line: bool) -> None:
        """Tell whether the file is cut off: its last row is short and its line has no end, or a quote is open."""
        is_open = self._unclosed is not None and self._unclosed > self._last_sound
        if self._unclosed is not None and is_open and (self.quote == '"' or not ends_line):
            for row_number in range(self._unclosed, self.row_number + 1):
                if row_number not in self.findings.no_rows:
                    self._fail_cut(row_number, "A quote is open at the end of the file: the row is cut off.")
            self._add_truncated("Its last quoted cell is never closed.")
            return
        if self._unclosed is not None and self.quote == '"':
            message = f"A quote that is opened in row {self._unclosed} is never closed: rows below it may be missing."
            self.findings.add(StructuralDefect(None, TRUNCATED, message, level=DefectLevel.WARNING))
        last, _ = self._recent[-1] if self._recent else (None, 0)
        is_row = (
            last is not None and last.row_number == self.row_number and self.row_number not in self.findings.no_rows
        )
        if last is None or not is_row or ends_line or len(last.cells) >= self.cells or self._short > 1:
            return
        self._fail_cut(
            last.row_number,
            f"The row has {len(last.cells)} cells where all others have {self.cells}, and its line has no end: "
            "it is cut off.",
        )
        self._add_truncated("Its last row is cut short and has no line end.")

    def _fail_cut(self, row_number: int, message: str) -> None:
        defects = self.findings.defects
        place = next((i for i, one in enumerate(defects) if (one.row_number or 0) > row_number), len(defects))
        defects.insert(place, StructuralDefect(row_number, "truncated_row", message, level=DefectLevel.ERROR))

    def _add_truncated(self, why: str) -> None:
        message = f"The end of the file is cut off. {why} Export it again, or send it again, whole."
        self.findings.add(StructuralDefect(None, TRUNCATED, message, level=DefectLevel.ERROR))

    def _add_no_row(self, line: Line, reason: str) -> None:
        self.findings.add_no_row(line.row_number, reason, line.text(self.delimiter))

    def _filled_up(self, cells: list[str]) -> list[str]:
        return [*cells, *[""] * self.width][: self.width]

    def _fit(self, cells: list[str], irregular: Sequence[str]) -> list[str]:
        """The row with as many cells as the table, and a defect for all that is wrong with it."""
        for code in irregular:
            self.findings.add(StructuralDefect(self.row_number, code, KINDS[code].text, level=DefectLevel.WARNING))
        if len(cells) == self.width:
            return cells
        defect = misfit(self.row_number, cells, self.width, self.cells, self.delimiter)
        if defect is not None:
            self.findings.add(defect)
        if len(cells) < self.width:
            self._short += len(cells) != self.cells
            return cells + [""] * (self.width - len(cells))
        return cells if defect is not None and defect.value is not None else cells[: self.width]
