"""Notes, totals and page headers below the rows of a table: lines that are no rows, told by strong evidence only.

No line is taken for a note because it is short or begins with some sign: it says in words that it is one, or adds up
the columns, or stands below such a line behind a blank line. In doubt it is a row.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from import_pipeline.intake.dialect.cell_kinds import TYPED, group_of, kind_of

MOST_NOTES = 30
NOTE, PAGE_HEADER, BLANK = "note", "page_header", "blank_row"
_LONG = 60
_WIDE = 4
_SURE_NOTES = 2
_DATE = (
    r"(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4} | \d{1,2}\.?\ ?(st|nd|rd|th)?\ [^\W\d]{3,10}\.?,?\ \d{4}"
    r"| [^\W\d]{3,10}\ \d{1,2},?\ \d{4})"
)


def _pattern(text: str) -> Callable[[str], re.Match[str] | None]:
    """The search for a pattern that is compiled when it is first used: most files need none of them."""

    @cache
    def compiled() -> re.Pattern[str]:
        return re.compile(text, re.IGNORECASE | re.VERBOSE)

    return lambda line: compiled().search(line)


_MARK = _pattern(
    r"""^\W* (sources?|notes?|nb|n\.b\.|footnotes?|remarks?|disclaimer|quellen?|hinweise?|anmerkung(en)?|fuentes?|notas?
    |remarques?|bemerkung(en)?) \b \ ? [\d(]* \s* [:\u2013] \s* (?P<said>.*)$"""
)
_FOOTNOTE = _pattern(r"^([*\u2020\u2021\xa7\xb9\xb2\xb3\xa9] | \([0-9a-z]\)\ | \[[0-9a-z]\]\ | [0-9]{1,2}[.:)]\ +\D)")
_SAYS_IT_IS_ONE = (
    _pattern(  # who made the report, and when
        r"""^ ([\w.-]+\ ){0,3} (generated|exported|printed|created|downloaded|extracted|produced|prepared|erstellt
        |exportiert|gedruckt|g\xe9n\xe9r\xe9|generado) (\ (on|at|by|from|am|von|vom|le|par|por|el))?
        \s* (: | \b .* \d)"""
    ),
    _pattern(rf"^ (report\ |run\ |export\ |print\ )? (date|datum|fecha|stand|as\ of|data\ as\ of) \s* :? \s* {_DATE}"),
    _pattern(r"confidential\b .* \b(information|distribut\w+|internal|only) \b"),
    _pattern(
        r"\b do\ not\ (distribute|copy|forward|share) \b | \b all\ rights\ reserved \b | \b for\ internal\ use\ only"
    ),
    _pattern(r"^ (copyright|\xa9|\(c\)) .* \b (19|20)\d\d \b"),
    _pattern(
        r"""^ [\W_]* (end\ of\ (the\ )?(report|file|list|data|export|document|table|results?)|ende\ (des|der)\ \w+
        |fin\ (del?|du|de\ la)\ \w+ | eof) [\W_]* $"""
    ),
    _pattern(r"^ [-=_*~#+]{3,} $"),
    _pattern(
        r"""^ (total|number|count|sum|anzahl|summe|gesamt|nombre|record|row)s? \b [^:=\d]{0,40} [:=] \s* \d[\d.,'\ ]*
        (\ \w+)? $"""
    ),
    _pattern(r"^ (grand\ |sub-?)? totals? \s* \( \s* \d[\d.,]* \ [\w\ ]+ \) $"),
)
_PAGE = _pattern(
    r"^ [\W_]* (page|seite|p\xe1gina|pagina|p\xe1g\.) \s* \d+ (\s* (of|von|de|di|/|sur) \s* \d+)? [\W_]* $"
)
_COUNT = _pattern(
    r"""^ (?P<open>[\W_]*) (?P<number>\d[\d.,]*) \s+ (rows?|records?|results?|entries|items|lines|contacts|companies
    |accounts|datens\xe4tze|zeilen|eintr\xe4ge|registros|lignes|enregistrements)
    (?P<verb> \s+ (selected|affected|returned|exported|found|in\ set|total|listed) \b .* )? [\W_]* $"""
)
_TOTAL = _pattern(
    r"""^ (grand\ |sub-?|net\ |overall\ )? (totals?|summe|gesamt(summe)?|somme|suma|totale|totaal|razem
    |total\ g\xe9n\xe9ral) \s* :? $"""
)
_FIGURE = _pattern(r"^ (sum|count|average|avg\.?|mean|durchschnitt|mittelwert|moyenne) \s* :? $")
_PRINTED = _pattern(
    rf"""^ ([^\W\d]{{3,10}},?\ )? {_DATE},? \ \d{{1,2}}:\d\d(:\d\d)? (\ ?[AP]\.?M\.?)?
    (\ ? (GMT|UTC|Z|[A-Z]{{3,4}})? ([+-]\d\d:?\d\d)?)? $"""
)
"""The day and time at which a report was printed."""
_SENTENCE = _pattern(r"^ \S+ (\s+ \S+){4,} \s+ [^\W\d_]*[a-z\xdf-\xff]{3,}[.!]$")


@dataclass(frozen=True)
class Line:
    """A line of a table with its row number, its cells as they were cut, and whether a blank line stands before it."""

    row_number: int
    cells: Sequence[str]
    after_blank: bool = False

    @property
    def filled(self) -> int:
        """How many cells hold text."""
        return sum(1 for cell in self.cells if cell and cell.strip())

    @property
    def words(self) -> str:
        """What the line says, however it is cut into cells."""
        return words_of(self.cells)

    def text(self, delimiter: str) -> str:
        """The line as it was written, without the delimiters that only fill it up."""
        return delimiter.join(cell or "" for cell in self.cells).strip(delimiter + " ")


def notes_below(
    lines: Sequence[Line], width: int, rows: Sequence[int], above: frozenset[str] = frozenset()
) -> dict[int, str]:
    """Which of the last lines of a table are no rows.

    Args:
        lines: The last lines, up to `MOST_NOTES` of them.
        width: How many cells a row of the table has.
        rows: How many rows the table has down to here: in all, and below its last header.
        above: The lines above the table's header, as `comparable` writes them: a page repeats them.

    Returns:
        Row number → why it is no row; lines without text between and around notes go with them.
    """
    block = _block_of_notes(lines, width)
    if block is not None:
        return block
    end = len(lines)
    while end and _may_be_note(lines[end - 1], width, above):
        end -= 1
    evidence = _Evidence(lines, end, width, rows, above)
    found: dict[int, str] = {}
    blanks: list[int] = []
    for place in range(end, len(lines)):
        number = lines[place].row_number
        if not lines[place].filled:
            blanks.append(number)
            continue
        reason = evidence.of(place, bool(found))
        if reason is None:
            found, blanks = {}, []  # a row stands below what looked like notes
        else:
            found[number] = reason
    return found | dict.fromkeys(blanks, BLANK) if found else {}


def _block_of_notes(lines: Sequence[Line], width: int) -> dict[int, str] | None:
    """The last lines where, below a blank line, all are one cell of a wide table and two at least say they are notes.

    A report writes its title, its author and its terms so: what stands between them belongs to them.
    """
    begin = len(lines)
    while begin and len(lines[begin - 1].cells) == 1 and lines[begin - 1].filled:
        begin -= 1
    block = lines[begin:]
    if width < _WIDE or not block or not block[0].after_blank:
        return None
    said = [text for line in block if (text := _said(line, width)) is not None]
    sure = sum(any(says(text) for says in _SAYS_IT_IS_ONE) for text in said)
    return {line.row_number: NOTE for line in block} if sure >= _SURE_NOTES else None


def words_of(cells: Sequence[str]) -> str:
    """The texts of a line, one behind the other."""
    return " ".join(cell.strip() for cell in cells if cell and cell.strip())


def comparable(text: str) -> str:
    """A line of a page's head as it is compared: without the figures, which differ from page to page."""
    return re.sub(r"\d+", "0", text).strip().casefold()


def _may_be_note(line: Line, width: int, above: frozenset[str]) -> bool:
    return (
        not line.filled
        or _said(line, width) is not None
        or _is_figures(line)
        or (bool(above) and comparable(line.words) in above)
    )


class _Evidence:
    """What the lines above say about whether a line is a row. Those before `end` surely are rows."""

    def __init__(self, lines: Sequence[Line], end: int, width: int, rows: Sequence[int], above: frozenset[str]) -> None:
        self.lines = lines
        self.width = width
        self.rows = rows
        self.above = above
        rows_above = [line.cells for line in lines[:end] if line.filled > 1]
        self.always = (
            {place for place in range(1, width) if all(_cell(cells, place) for cells in rows_above)}
            if len(rows_above) > 1
            else set()
        )
        self.first_kinds = [kind_of(_cell(line.cells, 0)) for line in lines[:-1] if _cell(line.cells, 0)]
        self._block = False
        """Whether the lines stand below a note that stands below a blank line."""

    def of(self, place: int, below_note: bool) -> str | None:
        """Why a line is no row; None if it is one, or if that is not sure."""
        line = self.lines[place]
        below_blank = line.after_blank or (place > 0 and not self.lines[place - 1].filled)
        self._block = self._block and below_note
        text = _said(line, self.width)
        if comparable(line.words) in self.above:
            return PAGE_HEADER
        if self.width == 1 and not (below_blank or self._block or self._has_values()):
            return None  # in a column of texts anything may be a value
        if text is not None and _PAGE(text):
            return PAGE_HEADER
        sure = self._is_total(line, below_blank) if text is None else self._is_note(line, text, below_blank, below_note)
        if not sure:
            return None
        self._block = self._block or below_blank
        return NOTE

    def _has_values(self) -> bool:
        return bool(self.first_kinds) and all(kind in TYPED or kind == "code" for kind in self.first_kinds)

    def _is_note(self, line: Line, text: str, below_blank: bool, below_note: bool) -> bool:
        if self._block or any(says(text) for says in _SAYS_IT_IS_ONE):
            return True
        if mark := _MARK(text):
            words = len(mark["said"].split())
            return below_blank or words >= (2 if len(line.cells) < self.width else 3)
        if count := _COUNT(text):
            number = int(re.sub(r"\D", "", count["number"]))
            return bool(count["open"] or count["verb"]) or number in self._counts(line)
        if _TOTAL(text):
            return below_blank or self._is_sparse(line)
        if kind_of(text) in ("date", "datetime") or _PRINTED(text):
            of_column = sum(group_of(kind) == "moment" for kind in self.first_kinds)
            return of_column * 2 < max(1, len(self.first_kinds)) and (below_blank or self._is_sparse(line))
        if _is_prose(text):
            return below_blank or (below_note and bool(_FOOTNOTE(text)))
        return below_note and bool(_FOOTNOTE(text))

    def _counts(self, line: Line) -> set[int]:
        """How many rows stand above a line, however one counts."""
        below = [other for other in self.lines if other.row_number >= line.row_number]
        blank = sum(not other.filled for other in self.lines if other.row_number < line.row_number)
        return {count - len(below) - without for count in self.rows for without in (0, blank)}

    def _is_total(self, line: Line, below_blank: bool) -> bool:
        first = next(cell.strip() for cell in line.cells if cell and cell.strip())
        if not (_TOTAL(first) or _FIGURE(first)):
            return False
        return below_blank or self._block or self._is_sparse(line)

    def _is_sparse(self, line: Line) -> bool:
        """Whether the line has nothing where all rows above it have something."""
        return any(not _cell(line.cells, place) for place in self.always)


def _cell(cells: Sequence[str], place: int) -> str:
    return (cells[place] or "").strip() if place < len(cells) else ""


def _said(line: Line, width: int) -> str | None:
    """What a line says that has text in its first cell alone, or is prose cut at its commas; None for others."""
    if line.filled == 1:
        return next(cell.strip() for cell in line.cells if cell and cell.strip()) if _cell(line.cells, 0) else None
    rest = line.cells[1:]
    if 1 < len(line.cells) < width and all(cell[:1] == " " and cell.strip() for cell in rest):
        return ",".join(line.cells).strip()
    return None


def _is_figures(line: Line) -> bool:
    """Whether a line has a word and else nothing but numbers."""
    texts = [cell.strip() for cell in line.cells if cell and cell.strip()]
    if not texts or not (_TOTAL(texts[0]) or _FIGURE(texts[0])):
        return False
    return len(texts) == 1 or all(group_of(kind_of(text)) == "number" for text in texts[1:])


def _is_prose(text: str) -> bool:
    return (len(text) >= _LONG and len(text.split()) >= 6) or bool(_SENTENCE(text))
