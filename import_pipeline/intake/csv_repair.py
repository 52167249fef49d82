"""Reading one broken line of a delimited text in the way that bends the dialect least.

A line that breaks the dialect has several readings: a quote is text, a delimiter is missing beside a quote, the
last quote was never closed. Each costs something; the cheapest reading with the table's number of cells is taken.
"""

import re
from dataclasses import dataclass
from functools import cache

_LITERAL_OPENING = 1.0
_LITERAL_INSIDE = 1.0
_LITERAL_IN_PLAIN = 0.6
_SPACE_BESIDE_QUOTE = 0.2
_APOSTROPHE = 0.1
_MISSING_DELIMITER = 1.1
_UNCLOSED = 1.4
_MOST_STEPS = 300_000
_FEW_STEPS = 3_000
_STEPS_IN_ALL = 2_000_000

_START, _PLAIN, _QUOTED, _CLOSED, _DOUBLED = range(5)


@dataclass(frozen=True)
class Repaired:
    """The cells of a line, what this reading cost, and what was irregular (codes of defects)."""

    cells: list[str]
    cost: float
    irregular: tuple[str, ...]


@dataclass(slots=True)
class _Path:
    """One way to read the line so far: a chain of decisions, each of which adds a piece of text to the open cell.

    The pieces are put together only for the reading that is taken: a line may have as many as it has characters.
    """

    cost: float
    before: "_Path | None" = None
    piece: str = ""
    ends: bool = False
    """Whether the cell ends behind the piece."""
    last: str = ""
    """The last character of the open cell."""
    irregular: str | None = None


class Effort:
    """How much may be spent on the long broken lines of one file; short ones are always read."""

    def __init__(self, steps: int = _STEPS_IN_ALL) -> None:
        self._left = steps

    def allows(self, steps: int) -> bool:
        """Whether a line that takes so many steps is read; they are then spent."""
        if steps > _FEW_STEPS:
            if steps > self._left:
                return False
            self._left -= steps
        return True


def repair(line: str, delimiter: str, quote: str, width: int, effort: Effort | None = None) -> Repaired | None:
    """Read one line, with as many cells as the table has if that can be done cheaply.

    Args:
        line: The line without its end.
        delimiter: One character.
        quote: One character, or empty.
        width: How many cells a row of the table has.
        effort: What may be spent on the lines of the file.

    Returns:
        The cheapest reading; its number of cells can still differ from `width`. None if that would take too long.
    """
    marks = list(re.finditer(f"[{re.escape(delimiter + quote)}]", line))
    most = width + 3
    steps = len(marks) * min(most, len(marks))
    if steps > _MOST_STEPS or not (effort or Effort()).allows(steps):
        return None
    paths = {(_START, 0): _Path(0.0)}
    at = 0
    for mark in marks:
        after = line[mark.end() : mark.end() + 64]
        paths = _step(paths, line[at : mark.start()], mark[0] == quote, mark[0], after, delimiter, most)
        at = mark.end()
    best: tuple[float, _Path] | None = None
    for (state, count), path in paths.items():
        end = _end(state, path, line[at:])
        if end is not None:
            off = abs(count + 1 - width)
            cost = end.cost + (1.0 + 0.2 * off if off else 0.0)
            if best is None or cost < best[0]:
                best = (cost, end)
    return _unwound(best[1], best[0]) if best else None


def reads_in_one_way(line: str, delimiter: str, quote: str) -> bool:
    """Whether a line can surely be read in no other way that is cheap, so that no repair needs to be looked for.

    All its quotes are beside delimiters and none is within a cell. To take one for text costs as much as a second one,
    but where a delimiter, or nothing, stands beside it on its inner side, too.
    """
    return (
        quote == '"'
        and len(delimiter) == 1
        and delimiter != " "
        and _in_one_way(delimiter).fullmatch(line.rstrip("\r\n")) is not None
    )


@cache
def _in_one_way(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    cell = rf'(?:"(?!\s*{mark})[^"]*[^"{mark}\s]\s*"|[^"{mark}]*+)'
    return re.compile(f"{cell}(?:{mark}{cell})*+")


def _step(
    paths: dict[tuple[int, int], _Path], text: str, is_quote: bool, mark: str, after: str, delimiter: str, most: int
) -> dict[tuple[int, int], _Path]:
    """All readings one mark (and the text before it) further."""
    found: dict[tuple[int, int], _Path] = {}

    def relax(state: int, count: int, path: _Path) -> None:
        known = found.get((state, count))
        if count < most and (known is None or path.cost < known.cost):
            found[(state, count)] = path

    for (state, count), path in paths.items():
        if state == _DOUBLED:
            relax(_QUOTED, count, _more(path, mark))
            continue
        if state == _CLOSED:
            if not text.strip() and not is_quote:
                relax(_START, count + 1, _ended(path, ""))
            continue
        if not is_quote:
            if state == _QUOTED:
                relax(_QUOTED, count, _more(path, text + mark))
            else:
                relax(_START, count + 1, _ended(path, text))
            continue
        last = text[-1:] or path.last
        if state == _QUOTED:
            doubled = after[:1] == mark
            if doubled:
                relax(_DOUBLED, count, _more(path, text))
            rest = after if delimiter == " " else after.lstrip(" ")
            closes = not rest or rest[0] == delimiter
            if closes:
                beside = 0.0 if rest == after else _SPACE_BESIDE_QUOTE
                relax(_CLOSED, count, _more(path, text, beside))
            elif not doubled:
                relax(_START, count + 1, _ended(path, text, _MISSING_DELIMITER, "missing_delimiter"))
            apostrophe = mark == "'" and last.isalpha() and after[:1].isalpha()
            cost = _APOSTROPHE if apostrophe else _LITERAL_INSIDE
            relax(_QUOTED, count, _more(path, text + mark, cost, None if apostrophe else "stray_quote"))
        elif state == _START and not text.strip():
            relax(_QUOTED, count, _Path(path.cost + (_SPACE_BESIDE_QUOTE if text else 0.0), path))
            relax(_PLAIN, count, _more(path, text + mark, _LITERAL_OPENING, "unclosed_quote"))
        else:
            apostrophe = mark == "'" and last.isalpha()
            cost = _APOSTROPHE if apostrophe else _LITERAL_IN_PLAIN
            relax(_PLAIN, count, _more(path, text + mark, cost, None if apostrophe else "stray_quote"))
            relax(_QUOTED, count + 1, _ended(path, text, _MISSING_DELIMITER, "missing_delimiter"))
    return found


def _more(path: _Path, piece: str, cost: float = 0.0, irregular: str | None = None) -> _Path:
    """The path with more text in its open cell."""
    return _Path(path.cost + cost, path, piece, False, piece[-1:] or path.last, irregular)


def _ended(path: _Path, piece: str, cost: float = 0.0, irregular: str | None = None) -> _Path:
    """The path with its open cell ended behind some text."""
    return _Path(path.cost + cost, path, piece, True, "", irregular)


def _end(state: int, path: _Path, text: str) -> _Path | None:
    if state == _CLOSED:
        return None if text.strip() else _ended(path, "")
    if state in (_QUOTED, _DOUBLED):
        return _ended(path, text, _UNCLOSED, "unclosed_quote")
    return _ended(path, text)


def _unwound(path: _Path, cost: float) -> Repaired:
    cells: list[str] = []
    pieces: list[str] = []
    irregular: list[str] = []
    step: _Path | None = path
    while step is not None:
        if step.ends and step is not path:
            cells.append("".join(reversed(pieces)))
            pieces = []
        pieces.append(step.piece)
        if step.irregular and step.irregular not in irregular:
            irregular.append(step.irregular)
        step = step.before
    cells.append("".join(reversed(pieces)))
    return Repaired(cells[::-1], cost, tuple(irregular[::-1]))
