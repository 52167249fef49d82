"""The text of a delimited file: its encoding found, and what makes it no plain text of a table taken away beforehand.

What was done to it is told. The dialect is found afterwards, as of any other text.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from import_pipeline.intake import encoding, quoted_lines
from import_pipeline.intake.csv_exact import lines_of
from import_pipeline.intake.encoding import Encoding
from import_pipeline.intake.reading import Findings
from import_pipeline.intake.structural_defects import MIXED_ENCODING, QUOTED_LINES, UNSURE_ENCODING
from import_pipeline.intake.table import Payload
from import_pipeline.run_config.spec import ReadOptions

SAMPLE_LINES = 1_500
_SAMPLE_CHARACTERS = 400_000
_UNSURE = 0.55
_SHOWN = 40
_NAMES = {"cp1252": "windows-1252", "cp1250": "windows-1250", "cp1251": "windows-1251", "mac_roman": "mac-roman"}

Told = tuple[str, str, str | None]
"""Code, message and an example."""


@dataclass
class TextSource:
    """Where the text of a table is read from.

    Attributes:
        path: The file, or the copy of it that takes its place.
        text: Its encoding.
        written_in: The name of the encoding that the payload was written in.
        notes: What a person should know of how it is read.
        first: Its first lines, and whether it goes on behind them.
    """

    path: Path
    text: Encoding
    written_in: str
    notes: list[Told] = field(default_factory=list)
    first: tuple[list[str], bool] = ([], False)

    def tell(self, findings: Findings) -> None:
        """Put what should be known of the text among the findings."""
        for code, message, value in self.notes:
            findings.tell(code, message, value)

    def sample(self, begin: int, most: int = SAMPLE_LINES) -> tuple[list[str], bool]:
        """The lines from a place on, as many as are looked at, and whether the text goes on behind them."""
        taken: list[str] = []
        size = 0
        for line in lines_of(self.path, self.text, begin):
            taken.append(line)
            size += len(line)
            if len(taken) >= most or (size > _SAMPLE_CHARACTERS and len(taken) > 20):
                return taken, True
        return taken, False


def open_text(payload: Payload, options: ReadOptions) -> TextSource:
    """Find the encoding of a payload and make its lines those of a table.

    Raises:
        PayloadError: It cannot be decoded.
    """
    if options.encoding:
        text = encoding.named(options.encoding)
    else:
        text = encoding.of_file(payload.path, payload.head(encoding.HEAD_BYTES))
    source = TextSource(payload.path, text, text.name)
    if text.other is not None:
        _read_line_by_line(source, payload.copy, text.other)
    elif not options.encoding and text.confidence < _UNSURE and text.runner_up:
        _tell_unsure(source, text.runner_up)
    source.first = source.sample(0)
    if options.quote in (None, '"') and quoted_lines.are_quoted_lines(source.first[0], is_sample=source.first[1]):
        _take_out_of_quotes(source, payload.copy)
        source.first = source.sample(0)
    return source


def _read_line_by_line(source: TextSource, copy: Path, other: str) -> None:
    from import_pipeline.intake import mixed_encoding

    repaired = mixed_encoding.transcode(source.path, other, copy)
    source.path, source.text = copy, Encoding(source.text.name, source.text.confidence)
    if repaired.count:
        were = "line is" if repaired.count == 1 else "lines are"
        source.notes.append(
            (
                MIXED_ENCODING,
                f"{repaired.count:,} {were} not written in UTF-8 as the rest of the file, and read as {_named(other)}: "
                f"{repaired.in_words()}. Look at the letters there, and name the encoding if they are wrong.",
                None,
            )
        )


def _tell_unsure(source: TextSource, runner_up: str) -> None:
    """Tell that letters may be others, with the first line on which that shows."""
    name = source.text.name
    own = lines_of(source.path, source.text)
    other = _lines_as(source.path, Encoding(runner_up))
    line, rival = next(((one, two) for one, two in zip(own, other, strict=False) if one != two), ("", ""))
    place = next((i for i, (one, two) in enumerate(zip(line, rival, strict=False)) if one != two), 0)
    shown: Callable[[str], str] = lambda text: text[max(0, place - _SHOWN // 2) : place + _SHOWN // 2].strip()  # noqa: E731
    source.notes.append(
        (
            UNSURE_ENCODING,
            f"The encoding is not sure: {_named(name)} was taken, in which a line reads {shown(line)!r}; in "
            f"{_named(runner_up)} it would be {shown(rival)!r}. Name the encoding if the letters are wrong.",
            shown(line),
        )
    )


def _lines_as(path: Path, text: Encoding) -> Iterator[str]:
    """The lines in an encoding that may not be that of all of them."""
    with path.open(encoding=text.for_reading, errors="replace", newline="") as handle:
        yield from handle


def _take_out_of_quotes(source: TextSource, copy: Path) -> None:
    count = quoted_lines.take_out(lines_of(source.path, source.text), copy)
    source.path, source.text = copy, Encoding("utf-8", source.text.confidence)
    source.notes.append(
        (
            QUOTED_LINES,
            f"Each line is quoted as a whole, as if it were one cell: the quotes around the {count:,} lines were taken "
            "off, and what is within them was read as the rows of the table.",
            None,
        )
    )


def _named(name: str) -> str:
    return _NAMES.get(name, name.replace("_", "-"))
