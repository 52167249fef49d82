"""Which dialects come into question for a sample of a text.

A delimiter is a candidate if it occurs, a quote if it opens or closes something, a backslash if it stands before
quotes.
"""

import re
from collections.abc import Sequence
from statistics import mode

from import_pipeline.intake.dialect.dialect import Dialect
from import_pipeline.run_config.spec import ReadOptions

_COMMON = (",", ";", "\t", "|", ", ", "; ", ":", " ")
_RARE = ("\x1f", "\x01", "||", "\t\t", "~", "^", "::", "|~|", "\\t", "¬", "§")
_QUOTES = ('"', "'")


def candidates(lines: Sequence[str], options: ReadOptions) -> list[Dialect]:
    """The dialects to try, those told by hand first; never none."""
    text = "".join(lines)
    declared = declared_delimiter(lines)
    if options.delimiter is not None:
        delimiters: tuple[str, ...] = (options.delimiter,)
    elif declared:
        delimiters = (declared,)
    else:
        # a comma that doesn't occur stands for one column and no delimiter
        delimiters = _occurring(text)
        delimiters += () if "," in text else (",",)
    found = []
    for delimiter in delimiters:
        for quote in (options.quote,) if options.quote is not None else _quotes(text, delimiter):
            for escape in (options.escape,) if options.escape is not None else _escapes(text, quote):
                found.append(Dialect(delimiter, quote, escape if quote else ""))
    return found


def declared_delimiter(lines: Sequence[str]) -> str | None:
    """The delimiter that Excel's line `sep=;` declares."""
    first = lines[0].strip("\r\n").strip('"') if lines else ""
    if first[:4].lower() == "sep=" and len(first) in (5, 6):
        return first[4:]
    return None


def _occurring(text: str) -> tuple[str, ...]:
    """The delimiters that occur, without those that only occur as a part of a longer one."""
    counts = {mark: text.count(mark) for mark in _COMMON + _RARE if mark in text}
    parts = {
        part
        for longer, count in counts.items()
        for part in set(longer) - {" "}
        if len(longer) > 1 and counts.get(part) == count * longer.count(part)
    }
    return tuple(mark for mark in counts if mark not in parts)


def _quotes(text: str, delimiter: str) -> list[str]:
    near = re.escape(delimiter)
    found = [
        quote
        for quote in _QUOTES
        if quote != delimiter
        and quote in text
        and re.search(rf"(^|{near}|[\r\n]) ?{quote}|{quote} ?({near}|[\r\n]|$)", text)
    ]
    if "'" in found and not _closes_apostrophes(text, delimiter):
        found.remove("'")
    return found + ([""] if '"' not in found else []) if found else ['"']


def _closes_apostrophes(text: str, delimiter: str) -> bool:
    """Whether half of the cells that begin with an apostrophe end with one: sheets write it before text of figures."""
    near = re.escape(delimiter)
    opens, ends = rf"(?:^|{near}|[\r\n]) ?'", rf"' ?(?={near}|[\r\n]|$)"
    opened = len(re.findall(opens, text))
    closed = len(re.findall(rf"{opens}(?:(?!{near} ?')[^\r\n])*?{ends}", text))
    if opened > closed * 2:
        closed += _closed_below(text, delimiter, opens, ends)
    return 0 < opened <= closed * 2


def _closed_below(text: str, delimiter: str, opens: str, ends: str) -> int:
    """How many cells end on a line below the one they begin on, and hold less than the cells of a whole row."""
    inside = r"[^'\\\r\n]|\\.|''"
    found = re.findall(rf"{opens}((?:{inside})*[\r\n](?:{inside}|[\r\n])*){ends}", text)
    if not found:
        return 0
    counts = [count for line in text.splitlines() if (count := line.count(delimiter))]
    return sum(cell.count(delimiter) < mode(counts or [1]) for cell in found)


def _escapes(text: str, quote: str) -> list[str]:
    if not quote or "\\" + quote not in text:
        return [quote]
    # where quotes also stand bare inside words, nothing was escaped
    bare = len(re.findall(rf"\w{quote}\w", text))
    return [quote, "\\"] if text.count("\\" + quote) >= bare else [quote]
