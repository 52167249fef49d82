"""Marks of a sheet of an XLSX workbook, out of its styles and the XML of the sheet."""

import posixpath
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from xml.parsers.expat import XMLParserType

from import_pipeline.intake.workbooks.marks import NOT_CALCULATED, Marks, cell
from import_pipeline.intake.workbooks.number_formats import NumberFormat, day_format, number_format
from import_pipeline.intake.workbooks.xml_parts import Attributes, elements, parse

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_BUILT_IN = {9: "0%", 10: "0.00%"}
_EASTERN_DAYS = frozenset((*range(27, 32), 36, *range(50, 59)))
"""Formats of dates without a code, in the Chinese, Japanese and Korean versions of Excel."""
_TRUE = ("1", "true", "on")
_MOST_FORMULA = 200


@dataclass
class _Book:
    sheets: dict[str, str] = field(default_factory=dict)
    """Name → id of the relation."""
    is_1904: bool = False
    is_calculated_later: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            self.sheets[attributes.get("name", "")] = relation
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904") in _TRUE
        elif name == "calcPr":
            self.is_calculated_later = attributes.get("fullCalcOnLoad") in _TRUE


@dataclass
class _Styles:
    codes: dict[int, str] = field(default_factory=dict)
    used: list[int] = field(default_factory=list)
    """Id of the number format of each style of cells."""
    _inside: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self.codes[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")
        elif name in ("cellXfs", "cellStyleXfs", "dxfs", "cellStyles"):
            self._inside = name == "cellXfs"
        elif name == "xf" and self._inside:
            self.used.append(int(attributes.get("numFmtId", 0)))

    def special(self, *, is_1904: bool) -> dict[str, NumberFormat]:
        """Style → format, of the styles whose numbers are written as they are shown."""
        found: dict[int, NumberFormat | None] = {}
        for number in set(self.used):
            code = self.codes.get(number, _BUILT_IN.get(number))
            if code is not None:
                found[number] = number_format(code)
            elif number in _EASTERN_DAYS:
                found[number] = day_format(is_1904=is_1904)
        styles = ((str(style), found.get(number)) for style, number in enumerate(self.used))
        return {style: form for style, form in styles if form is not None}


def find_marks(path: str, sheet: str, striking: Collection[str]) -> Marks:
    """Look through a sheet, if there is anything to be found in it.

    Args:
        path: The workbook.
        sheet: Name of the sheet.
        striking: The parts that hold formulas, errors or hidden rows or columns.
    """
    with zipfile.ZipFile(path) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        book, targets = _Book(), _Targets()
        elements(archive, names.get(_WORKBOOK, _WORKBOOK), book.start)
        elements(archive, names.get(_RELATIONS, _RELATIONS), targets.start)
        styles = _styles(archive, names)
        target = targets.by_id.get(book.sheets.get(sheet, ""), "")
        part = names.get(posixpath.normpath(posixpath.join("xl", target)).lstrip("/").lower())
        special = styles.special(is_1904=book.is_1904)
        if part is None or not (special or part in striking):
            return Marks()
        scan = _Sheet(special)
        with archive.open(part) as source:
            parse(source, scan.handle)
        return scan.finish(is_calculated_later=book.is_calculated_later)


def has_special_styles(path: str) -> bool:
    """Whether a workbook whose days are counted from 1900 has styles whose numbers are written as they are shown."""
    with zipfile.ZipFile(path) as archive:
        return bool(_styles(archive, {name.lower(): name for name in archive.namelist()}).special(is_1904=False))


def _styles(archive: zipfile.ZipFile, names: Mapping[str, str]) -> _Styles:
    styles = _Styles()
    part = names.get("xl/styles.xml")
    if part:
        elements(archive, part, styles.start)
    return styles


@dataclass
class _Targets:
    by_id: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            self.by_id[attributes.get("Id", "")] = attributes.get("Target", "")


class _Sheet:
    """Goes through the XML of a sheet.

    Args:
        special: Style → format, of the styles that count.
    """

    def __init__(self, special: dict[str, NumberFormat]) -> None:
        self.special = special
        self.marks = Marks()
        self._row = self._column = -1
        self._prefix = ""
        self._kind = ""
        self._formula: str | None = None
        self._value = ""
        self._inside = ""
        self._columns: dict[str, int] = {}
        self._formulas = 0
        self._zeros: dict[int, str] = {}

    def handle(self, parser: XMLParserType) -> None:
        """Set the handlers of a parser."""
        parser.StartElementHandler = self._root
        self._parser = parser

    def _root(self, name: str, attributes: Attributes) -> None:
        self._prefix = name.rpartition("worksheet")[0]
        self._parser.StartElementHandler = self._start_prefixed if self._prefix else self._start
        self._parser.EndElementHandler = self._end

    def _start_prefixed(self, name: str, attributes: Attributes) -> None:
        self._start(name.removeprefix(self._prefix), attributes)

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            place = attributes.get("r")
            self._column = self._column_of(place) if place else self._column + 1
            self._kind = attributes.get("t", "")
            self._formula = None
            self._value = ""
            style = attributes.get("s")
            if style in self.special and self._kind in ("", "n"):
                self.marks.shown[cell(self._row, self._column)] = self.special[style]
        elif name == "f":
            self._formula = ""
            self._listen("f")
        elif name == "v" and (self._formula is not None or self._kind == "e"):
            self._listen("v")
        elif name == "row":
            number = attributes.get("r")
            self._row = int(number) - 1 if number else self._row + 1
            self._column = -1
            if attributes.get("hidden") in _TRUE:
                self.marks.hide_rows(self._row, self._row)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
            self.marks.hidden_columns.append((first - 1, last - 1))

    def _listen(self, name: str) -> None:
        self._inside = name
        self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        if self._inside == "v":
            self._value += text
        elif self._formula is not None and len(self._formula) < _MOST_FORMULA:
            self._formula += text[:_MOST_FORMULA]

    def _end(self, name: str) -> None:
        if self._inside:
            self._inside = ""
            self._parser.CharacterDataHandler = None
        elif (self._formula is not None or self._kind == "e") and name.removeprefix(self._prefix) == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        here = cell(self._row, self._column)
        value = self._value.strip()
        if self._kind == "e":
            self.marks.bad[here] = value or "#VALUE!"
        elif self._formula is not None:
            self._formulas += 1
            if not value and self._kind != "str":
                self.marks.bad[here] = _told(self._formula)
            elif value == "0":
                self._zeros[here] = self._formula
        self._formula = None
        self._kind = ""

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            known = 0
            for letter in letters.upper():
                known = known * 26 + ord(letter) - 64
            known -= 1
            self._columns[letters] = known
        return known

    def finish(self, *, is_calculated_later: bool) -> Marks:
        """The marks.

        Programs that cannot calculate write 0 as the result of every formula, and that it is to be calculated later.
        """
        if is_calculated_later and self._formulas and len(self._zeros) == self._formulas:
            self.marks.bad |= {here: _told(formula) for here, formula in self._zeros.items()}
        return self.marks


def _told(formula: str) -> str:
    return f"{NOT_CALCULATED} ={formula}" if formula else NOT_CALCULATED
