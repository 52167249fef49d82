"""Files in which each line as a whole was put into quotes, as programs do that take each line for one cell.

Such a file has one column of texts that are lines of a table themselves; taken out of their quotes they are read as any
other file.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

_DELIMITERS = (",", ";", "\t", "|")
_QUOTE = '"'
_NONE = "\x1f"
_FEWEST_LINES = 2


def are_quoted_lines(lines: Sequence[str], *, is_sample: bool) -> bool:
    """Whether each of the first lines of a file is one quoted cell that holds a row of a table.

    Args:
        lines: The lines with their ends.
        is_sample: Whether the file goes on behind them: the last one may then be cut off.
    """
    if not _are_one_cell(lines):
        return False
    texts = [text for text in _taken_out(iter(lines)) if text.strip()]
    texts = texts[:-1] if is_sample else texts
    if len(texts) < _FEWEST_LINES:
        return False
    return any(_is_table(texts, delimiter) for delimiter in _DELIMITERS)


def take_out(lines: Iterator[str], target: Path) -> int:
    """Write the lines without the quotes around them; tells how many there are."""
    part = target.with_name(target.name + ".part")
    count = 0
    with part.open("w", encoding="utf-8", newline="", errors="surrogatepass") as sink:
        for text in _taken_out(lines):
            sink.write(text + "\n")
            count += bool(text.strip())
    part.replace(target)
    return count


def _are_one_cell(lines: Sequence[str]) -> bool:
    """Whether lines begin and end with quotes, nearly all; a line end within such a line parts it in two."""
    texts = [line.strip() for line in lines if line.strip()]
    whole = sum(len(text) > 1 and text[0] == text[-1] == _QUOTE for text in texts)
    return bool(texts) and whole * 10 >= len(texts) * 9 and texts[0][0] == texts[0][-1] == _QUOTE


def _taken_out(lines: Iterator[str]) -> Iterator[str]:
    """The content of the quoted lines; a line that breaks the rule of quotes stays as it is."""
    for row in csv.reader(lines, delimiter=_NONE, quotechar=_QUOTE):
        yield _NONE.join(row)


def _is_table(texts: Sequence[str], delimiter: str) -> bool:
    """Whether lines, cut at a delimiter, have one number of cells, two at least, nearly all of them."""
    if sum(delimiter in text for text in texts) * 10 < len(texts) * 9:
        return False
    try:
        widths = Counter(len(row) for row in csv.reader(texts, delimiter=delimiter, quotechar=_QUOTE, strict=True))
    except csv.Error:
        return False
    width, times = widths.most_common(1)[0]
    return width > 1 and times * 10 >= sum(widths.values()) * 9
