"""Marks of a sheet of an ODS workbook, whose cells hold the text that they show beside their value."""

import zipfile
from decimal import Decimal, InvalidOperation
from xml.parsers.expat import XMLParserType

from import_pipeline.intake.workbooks.marks import MOST_COLUMNS, NOT_CALCULATED, Marks, cell
from import_pipeline.intake.workbooks.number_formats import NumberFormat, shows_code
from import_pipeline.intake.workbooks.xml_parts import Attributes, parse

_MOST_TEXT = 200
_MOST_REPEATED = 1_048_576
_PERCENT = NumberFormat("percent")


def find_marks(path: str, sheet: str) -> Marks:
    """Look through a sheet."""
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as source:
        scan = _Sheet(sheet)
        parse(source, scan.handle)
        return scan.marks


class _Sheet:
    """Goes through the XML of all sheets, and keeps the marks of one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.marks = Marks()
        self._inside = False
        self._row = self._column = 0
        self._hidden = False
        self._repeated = 1
        self._cell: Attributes | None = None
        self._text = ""
        self._listens = False
        self._is_calculated = False

    def handle(self, parser: XMLParserType) -> None:
        """Set the handlers of a parser."""
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "table:table":
            self._inside = attributes.get("table:name") == self.name
            self._row = self._column = 0
        elif not self._inside:
            return
        elif name == "table:table-row":
            self._column = 0
            self._repeated = _count(attributes, "table:number-rows-repeated")
            self._hidden = attributes.get("table:visibility") in ("collapse", "filter")
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell = attributes
            self._text = ""
        elif name == "text:p":
            self._listens = self._cell is not None
        elif name == "table:table-column":
            count = _count(attributes, "table:number-columns-repeated")
            if attributes.get("table:visibility") in ("collapse", "filter"):
                self.marks.hidden_columns.append((self._column, self._column + count - 1))
            self._column += count

    def _characters(self, text: str) -> None:
        if self._listens and len(self._text) < _MOST_TEXT:
            self._text += text[:_MOST_TEXT]

    def _end(self, name: str) -> None:
        if name == "text:p":
            self._listens = False
        elif not self._inside:
            return
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._end_cell(self._cell or {})
            self._cell = None
        elif name == "table:table-row":
            if self._hidden:
                self.marks.hide_rows(self._row, self._row + self._repeated - 1)
            self._row += self._repeated
        elif name == "table:table":
            self._inside = False

    def _end_cell(self, attributes: Attributes) -> None:
        count = _count(attributes, "table:number-columns-repeated")
        mark = self._mark(attributes)
        if mark is not None:
            bad, shown = mark
            rows = range(self._row, min(self._row + self._repeated, self._row + _MOST_REPEATED))
            columns = range(self._column, min(self._column + count, MOST_COLUMNS))
            for here in (cell(row, column) for row in rows for column in columns):
                if bad is not None:
                    self.marks.bad[here] = bad
                elif shown is not None:
                    self.marks.shown[here] = shown
        down = _count(attributes, "table:number-rows-spanned")
        across = _count(attributes, "table:number-columns-spanned")
        if down > 1 or across > 1:
            end = (self._row + down - 1, self._column + across - 1)
            self.marks.merged.append((self._row, self._column, *end))
        self._column += count

    def _mark(self, attributes: Attributes) -> tuple[str | None, NumberFormat | str | None] | None:
        """What is to be said of a cell: its error, or how its number is shown."""
        kind = attributes.get("office:value-type")
        formula = attributes.get("table:formula")
        if attributes.get("calcext:value-type") == "error" or (formula and _is_error(self._text)):
            return self._text or "#VALUE!", None
        if formula and kind is None and not self._text:
            return f"{NOT_CALCULATED} ={formula.partition('=')[2][:_MOST_TEXT]}", None
        if kind == "percentage":
            return None, _PERCENT
        if kind == "float" and self._text:
            try:
                value = float(Decimal(attributes.get("office:value", "")))
            except (InvalidOperation, OverflowError):
                return None
            if shows_code(self._text, value):
                return None, self._text.strip()
        return None


def _is_error(text: str) -> bool:
    return text.startswith("Err:") or (text.startswith("#") and text.endswith(("!", "?", "/A")))


def _count(attributes: Attributes, name: str) -> int:
    return max(1, int(attributes.get(name, 1)))
