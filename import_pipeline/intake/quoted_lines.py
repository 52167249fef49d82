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
    """Whether nearly all records are one quoted cell, over as many lines as that takes, and the first one is."""
    quoted: list[bool] = []
    begin = 0
    reader = csv.reader(lines, delimiter=_NONE, quotechar=_QUOTE, strict=True)
    try:
        for _ in reader:
            first = lines[begin].strip()
            begin = reader.line_num
            quoted += [first[0] == _QUOTE] if first else []
    except csv.Error as error:
        if "unexpected end" not in str(error):
            return False
    return bool(quoted) and quoted[0] and sum(quoted) * 10 >= len(quoted) * 9


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
