"""The parts of a workbook, looked through before anybody parses them: counted against the limits, and searched.

What is searched for are the signs of what may stand beside plain values. A sign that is not there, is not there; one
that is, may be a text that looks like it.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from import_pipeline.errors import PayloadError
from import_pipeline.intake.inflate import Meter
from import_pipeline.settings import Settings

LEAST_BYTES = 500_000
"""From what size on it pays to have a sheet read by columns."""
_BLOCK = 1 << 20
_STYLES = "styles.xml"
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*")
_IS_SHEET = re.compile(rb"""\sType\s*=\s*["'][^"']*/worksheet["']""")
_TARGET = re.compile(rb"""\sTarget\s*=\s*["']([^"']*)["']""")
_OTHER_DOCUMENTS = {"word/document.xml", "ppt/presentation.xml"}

_Signs = Sequence[tuple[bytes, Sequence[bytes]]]
"""Two bytes, and the signs that hold them: where the bytes stand nowhere, which is found out faster, no sign does."""
_OF_SHEETS: _Signs = (
    (b"<f", (b"<f>", b"<f ")),
    (b":c", (b":c ", b":c>")),  # a cell with prefix
    (b'"e', (b't="e"',)),
    (b"'e", (b"t='e'",)),
    (b"n=", (b"hidden=",)),
)
_NOT_PLAIN: _Signs = (
    (b"eC", (b"mergeC",)),
    (b"_x", (b"_x",)),  # a character that is written by its number, which not everybody reads everywhere
)
_SPECIAL = (9, 10, *range(27, 37), *range(50, 59))
"""The built-in number formats of percentages and of days in the East."""
_OF_STYLES: _Signs = (
    (b"at", (b"formatCode",)),
    (b"Id", tuple(b"numFmtId=%b%d%b" % (quote, number, quote) for quote in (b'"', b"'") for number in _SPECIAL)),
)
_OF_ODS: _Signs = (
    (b":f", (b"table:formula=",)),
    (b'"e', (b'"error"',)),
    (b":v", (b"table:visibility=",)),
    (b"-s", (b"-spanned=",)),
    (b'"p', (b'"percentage"',)),
    (b"p>", (b"<text:p>0", b"<text:p>+", b"<text:p>(", b"<text:p><text:")),
)
_LONGEST_SIGN = 24
_COUNTS_OTHERWISE = re.compile(rb"""date1904(?!=(?:"0"|"false"|'0'|'false'))""")
_NAMES_ROW = re.compile(rb'<sheetData>\s*<row r="1"[^>]*>\s*(<c r="A1".*?)</row>\s*<row ', re.DOTALL)
_IS_TEXT = re.compile(rb'<c r="[A-Z]+1"(?: s="\d+")? t="(?:s|str|inlineStr)">')
_NAMES_BYTES = 1 << 17


@dataclass(frozen=True)
class Parts:
    """What was seen in the parts of a workbook.

    Attributes:
        kind: The kind of workbook: xlsx, xlsb, xls or ods.
        striking: The parts in which more than values is to be looked for.
        plain: The part of its only sheet, where that may have plain columns below their names.
    """

    kind: str
    striking: Sequence[str] = ()
    plain: str | None = None


def look_through(path: Path, settings: Settings) -> Parts:
    """Inflate every part of a workbook once, to count its bytes and to see what may stand in it.

    Raises:
        PayloadError: It is damaged or encrypted, or another document of an office suite.
        LimitExceededError: It inflates to too much.
    """
    if not zipfile.is_zipfile(path):
        return Parts("xls")
    meter = Meter(path.stat().st_size, settings)
    striking: list[str] = []
    sheets: list[tuple[str, bool]] = []
    is_dated_plainly = True
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if names & _OTHER_DOCUMENTS:
                raise PayloadError("The file is a text document or presentation. Upload a workbook or CSV.")
            kind = "ods" if "content.xml" in names else "xlsb" if "xl/workbook.bin" in names else "xlsx"
            sheet_parts = _sheet_parts(archive) if kind == "xlsx" else frozenset[str]()
            for part in archive.infolist():
                name = part.filename.lower()
                is_sheet = kind == "xlsx" and name.endswith(".xml") and ("worksheets/" in name or name in sheet_parts)
                signs = _OF_SHEETS if is_sheet else _signs_of(kind, name)
                tail = b""
                size = 0
                is_plain = True
                with archive.open(part) as packed:
                    while block := packed.read(_BLOCK):
                        meter.add(len(block))
                        if signs:
                            tail += block
                            if tail[:2] in (b"\xff\xfe", b"\xfe\xff") or _has_any(tail, signs):
                                striking.append(part.filename)
                                signs = ()
                            elif is_sheet:
                                is_plain = is_plain and (size > 0 or _begins_plainly(block))
                                is_plain = is_plain and not _has_any(tail, _NOT_PLAIN)
                            tail = tail[-_LONGEST_SIGN:]
                        elif name == _WORKBOOK and _COUNTS_OTHERWISE.search(block):
                            is_dated_plainly = False
                        size += len(block)
                if is_sheet:
                    sheets.append((part.filename, is_plain and size >= LEAST_BYTES))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        # NotImplementedError: a method of compression that is unknown here; RuntimeError: it is encrypted
        raise PayloadError("The workbook is damaged or encrypted. Save it again.") from error
    may_be_plain = is_dated_plainly and all(name.lower().endswith(_STYLES) for name in striking)
    plain = sheets[0][0] if may_be_plain and len(sheets) == 1 and sheets[0][1] else None
    return Parts(kind, striking, plain)


def _signs_of(kind: str, part: str) -> _Signs:
    if kind == "ods":
        return _OF_ODS if part == "content.xml" else ()
    return _OF_STYLES if kind == "xlsx" and part.endswith(_STYLES) else ()


def _sheet_parts(archive: zipfile.ZipFile) -> frozenset[str]:
    """The parts that the workbook says are its sheets, in small letters: they may lie in any folder."""
    relations = next((part for part in archive.infolist() if part.filename.lower() == _RELATIONS), None)
    if relations is None:
        return frozenset()
    with archive.open(relations) as packed:
        told = _RELATION.findall(packed.read(_BLOCK))
    targets = (_TARGET.search(one) for one in told if _IS_SHEET.search(one))
    paths = (found[1].decode("utf-8", "replace") for found in targets if found)
    return frozenset(posixpath.normpath(posixpath.join("/xl", path)).lstrip("/").lower() for path in paths)


def _has_any(content: bytes, signs: _Signs) -> bool:
    """Whether any of the signs stands in some bytes."""
    if len(content) < LEAST_BYTES:
        return any(sign in content for _, those in signs for sign in those)
    import numpy as np  # which compares all pairs of bytes in a fifth of the time of a search

    halves = [np.frombuffer(content, np.uint16, (len(content) - begin) // 2, begin) for begin in (0, 1)]
    codes = ((np.frombuffer(pair, np.uint16)[0], those) for pair, those in signs)
    return any(
        any((half == code).any() for half in halves) and any(sign in content for sign in those) for code, those in codes
    )


def _begins_plainly(block: bytes) -> bool:
    """Whether a sheet begins with a row of texts from its first cell on."""
    found = _NAMES_ROW.search(block[:_NAMES_BYTES])
    return found is not None and found[1].count(b"<c ") == len(_IS_TEXT.findall(found[1]))
