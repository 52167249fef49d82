"""What reaches the terminal: results to standard output, everything else to standard error, nothing that could harm it.

Cells of files are shown with control characters made visible. Which tables there are is said in `tables`.
"""

import json
import re
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# Controls, line separators, direction marks and lone surrogates: a terminal acts on them, or cannot print them.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def out() -> "Console":
    """Standard output."""
    return _console(sys.stdout)


def err() -> "Console":
    """Standard error."""
    return _console(sys.stderr)


def _console(file: Any) -> "Console":
    from rich.console import Console

    return Console(file=file, markup=False, emoji=False, highlight=False)


def plain(value: Any) -> str:
    """A value as one line of harmless text; nothing for None, words with commas for a list.

    >>> plain(["a", "b"])
    'a, b'
    """
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)


def say(text: str, *, style: str | None = None) -> None:
    """Write a paragraph to standard output, wrapped at words."""
    out().print(_lines(text), style=style)


def say_line(text: str) -> None:
    """Write a line to standard output as it is, however long, so that it can be copied."""
    out().print(_lines(text), soft_wrap=True)


def remark(text: str) -> None:
    """Write a line to standard error as it is, however long."""
    err().print(_lines(text), soft_wrap=True)


def complain(text: str) -> None:
    """Say on standard error what went wrong."""
    from rich.text import Text

    err().print(Text.assemble(("Error: ", "bold red"), _lines(text)), soft_wrap=not sys.stderr.isatty())


def print_json(value: Any) -> None:
    """Write a value to standard output as JSON; what JSON has no word for becomes text."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def local_time(epoch_seconds: int | None, form: str = "%Y-%m-%d %H:%M:%S %Z") -> str:
    """A point in time as the clock of this machine shows it, with its zone."""
    if epoch_seconds is None:
        return ""
    return datetime.fromtimestamp(epoch_seconds).astimezone().strftime(form)


def duration(seconds: float) -> str:
    """How long something took."""
    return f"{seconds:,.2f} s"


def counted(count: int, noun: str) -> str:
    """A number of things whose plural ends in s.

    >>> counted(1, "row"), counted(1000, "row")
    ('1 row', '1,000 rows')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))
