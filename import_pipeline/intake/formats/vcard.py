"""vCards, as address books export them: one card is one row."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from import_pipeline.errors import LimitExceededError
from import_pipeline.intake import encoding, vcards
from import_pipeline.intake.csv_exact import lines_of
from import_pipeline.intake.reading import Findings, Reading, StructuralDefect
from import_pipeline.intake.structural_defects import TRUNCATED
from import_pipeline.intake.table import Payload, Rows, Table
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.settings import Settings
from import_pipeline.words import DefectLevel

NAME = "vcard"
PRIORITY = 60

_BLOCK_ROWS = 5_000
_BEGIN = "BEGIN:VCARD"


def recognises(head: bytes, payload: Payload) -> bool:
    """Whether the text begins as a vCard does."""
    text = encoding.of_head(head) or head[:100].decode("latin-1")
    return text.lstrip("\ufeff \t\r\n")[: len(_BEGIN)].upper() == _BEGIN


def open_table(payload: Payload, options: ReadOptions, settings: Settings) -> Table:
    """Find the columns: all that a card has.

    Raises:
        PayloadError: The file is not written in one encoding throughout.
        LimitExceededError: There are too many columns.
    """
    text = encoding.named(options.encoding) if options.encoding else encoding.of_file(payload.path, payload.head())

    def read() -> Iterator[vcards.Card]:
        return vcards.cards(lines_of(payload.path, text), settings.max_cell_bytes)

    found: dict[str, None] = {}
    binary: Counter[str] = Counter()
    for card in read():
        found |= dict.fromkeys(card.cells)
        binary.update(card.binary)
        if len(found) > settings.max_columns:
            raise LimitExceededError("columns", len(found), settings.max_columns, "IMPORT_PIPELINE_MAX_COLUMNS")
    names = (*(name for name in vcards.ORDER if name in found), *(name for name in found if name not in vcards.ORDER))
    findings = Findings()
    if binary:
        counts = ", ".join(f"{name} ({count:,})" for name, count in binary.items())
        findings.note(f"Pictures, sounds and keys of the vCards were not read: {counts}.")
    return Table(
        Reading(format=NAME, encoding=text.name), names, len(names), partial(_blocks, read, names, findings), findings
    )


def _blocks(read: Callable[[], Iterator[vcards.Card]], names: tuple[str, ...], findings: Findings) -> Iterator[Rows]:
    block: Rows = []
    for number, card in enumerate(read(), start=1):
        for line in card.broken:
            message = "A line of the vCard is no property and was left out."
            findings.add(StructuralDefect(number, "broken_line", message, line[:1000], DefectLevel.WARNING))
        if not card.is_whole:
            findings.add(StructuralDefect(number, "truncated_row", "The vCard has no end: it is cut off."))
            message = "The end of the file is cut off: its last vCard has no end. Export it again, whole."
            findings.add(StructuralDefect(None, TRUNCATED, message))
        block.append([card.cells.get(name, "") for name in names])
        if len(block) >= _BLOCK_ROWS:
            yield block
            block = []
    if block:
        yield block
