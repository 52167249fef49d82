"""Marks of a sheet of an XLS workbook (BIFF8, Excel 97 to 2003), after Microsoft's [MS-XLS]."""

import struct
from collections.abc import Iterator

from import_pipeline.intake.workbooks.compound_file import stream
from import_pipeline.intake.workbooks.marks import ERRORS_BY_NUMBER, Marks, cell
from import_pipeline.intake.workbooks.number_formats import NumberFormat, number_format

_BUILT_IN = {9: "0%", 10: "0.00%"}
_FORMULA, _EOF, _BOUNDSHEET, _XF, _BOF, _FORMAT = 0x06, 0x0A, 0x85, 0xE0, 0x809, 0x41E
_NUMBER, _RK, _MULRK, _BOOLERR, _ROW, _COLINFO = 0x203, 0x27E, 0xBD, 0x205, 0x208, 0x7D
_BIFF8 = 0x600


def find_marks(path: str, sheet: str) -> Marks:
    """Look through a sheet; one of an older kind of workbook (before Excel 97) has no marks.

    Raises:
        ValueError: The workbook is damaged.
    """
    content = stream(path, ("Workbook", "WORKBOOK", "Book", "BOOK"))
    try:
        begin, special = _globals(content, sheet)
        return Marks() if begin is None else _of_sheet(content, begin, special)
    except struct.error as error:
        raise ValueError("a record is cut off") from error


def _records(content: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, begin and end of each record until the end of the part that begins there."""
    depth = 0
    while at + 4 <= len(content):
        kind, size = struct.unpack_from("<2H", content, at)
        yield kind, at + 4, at + 4 + size
        depth += (kind == _BOF) - (kind == _EOF)
        if kind == _EOF and depth <= 0:
            return
        at += 4 + size


def _globals(content: bytes, sheet: str) -> tuple[int | None, dict[int, NumberFormat]]:
    """Where a sheet begins, and style → format of the styles whose numbers are written as they are shown."""
    codes = dict(_BUILT_IN)
    used: list[int] = []
    begin = None
    for kind, at, end in _records(content, 0):
        if kind == _BOF and struct.unpack_from("<H", content, at)[0] != _BIFF8:
            return None, {}
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", content, at)[0]] = _string(content[at + 2 : end], 2)
        elif kind == _XF:
            used.append(struct.unpack_from("<H", content, at + 2)[0])
        elif kind == _BOUNDSHEET and _string(content[at + 6 : end], 1) == sheet:
            begin = struct.unpack_from("<I", content, at)[0]
    formats = {number: number_format(code) for number, code in codes.items()}
    styles = ((style, formats.get(number)) for style, number in enumerate(used))
    return begin, {style: form for style, form in styles if form is not None}


def _string(content: bytes, size: int) -> str:
    """A text behind its length (of one or two bytes) and a byte that says whether its characters take one or two."""
    count = int.from_bytes(content[:size], "little")
    text = content[size + 1 :]
    return text[: count * 2].decode("utf-16-le", "replace") if content[size] & 1 else text[:count].decode("latin-1")


def _of_sheet(content: bytes, begin: int, special: dict[int, NumberFormat]) -> Marks:
    marks = Marks()
    for kind, at, _ in _records(content, begin):
        if kind in (_NUMBER, _RK, _FORMULA, _BOOLERR):
            row, column, style = struct.unpack_from("<3H", content, at)
            if kind == _BOOLERR:
                number, is_error = content[at + 6 : at + 8]
                if is_error:
                    marks.bad[cell(row, column)] = ERRORS_BY_NUMBER.get(number, "#VALUE!")
                continue
            if kind == _FORMULA and content[at + 12 : at + 14] == b"\xff\xff":
                if content[at + 6] == 2:
                    marks.bad[cell(row, column)] = ERRORS_BY_NUMBER.get(content[at + 8], "#VALUE!")
            elif style in special:
                marks.shown[cell(row, column)] = special[style]
        elif kind == _MULRK and special:
            row, first = struct.unpack_from("<2H", content, at)
            size = struct.unpack_from("<H", content, at - 2)[0]
            for place in range((size - 6) // 6):
                style = struct.unpack_from("<H", content, at + 4 + place * 6)[0]
                if style in special:
                    marks.shown[cell(row, first + place)] = special[style]
        elif kind == _ROW:
            if struct.unpack_from("<H", content, at + 12)[0] & 0x20:
                row = struct.unpack_from("<H", content, at)[0]
                marks.hide_rows(row, row)
        elif kind == _COLINFO and content[at + 8] & 1:
            marks.hidden_columns.append(struct.unpack_from("<2H", content, at))
    return marks
