"""What a person does with an import that needs review: correct cells, leave rows out, take steps back, and submit.

Every step is kept in the registry and put into the rows again whenever the file is read; a submitted import is
validated from the beginning. What a person sees meanwhile is in `review_pages.py`, steps over many cells at a time are
in `review_operations.py`. Deciding by other means (a mapping, a confirmation) is `confirming.confirm`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from import_pipeline.errors import MisuseError, StateError
from import_pipeline.nearest import did_you_mean
from import_pipeline.service import confirming, published
from import_pipeline.stores import corrections
from import_pipeline.stores.corrections import LEFT_OUT, WHOLE_ROW
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.words import ReviewKind, Status

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.settings import Settings

MOST_CELLS = 10_000
_NAMED_COLUMNS = 5
Texts = Mapping[int, Mapping[str, str | None]]
"""Row number → column of the file → text, or None for an empty cell."""


def correct(
    home: "Home",
    record: ImportRecord,
    rows: Texts,
    corrected_by: str | None = None,
    left_out: Mapping[int, bool] | None = None,
) -> int:
    """Give cells another text, or leave rows out; it counts from the next validation on.

    Args:
        home: The home.
        record: An import that needs review.
        rows: The new texts.
        corrected_by: Who corrects.
        left_out: Row number → whether the row is left out of the import.

    Returns:
        The number of this step of the review.

    Raises:
        StateError: It does not need review.
        MisuseError: There is no such row or column, or the cells are too many.
    """
    import pyarrow

    left_out = left_out or {}
    check_waits(record, "corrected")
    count = sum(len(cells) for cells in rows.values()) + len(left_out)
    if count > MOST_CELLS:
        raise MisuseError(f"{count} cells are too many for one call: send at most {MOST_CELLS} at a time.")
    _check_places(home, record, rows, left_out)
    cells = [(row_number, name, text or None) for row_number, texts in rows.items() for name, text in texts.items()]
    cells += [(row_number, WHOLE_ROW, LEFT_OUT if is_out else None) for row_number, is_out in left_out.items()]
    table = pyarrow.table(
        {
            "row_number": pyarrow.array([cell[0] for cell in cells], pyarrow.int64()),
            "column_name": pyarrow.array([cell[1] for cell in cells], pyarrow.string()),
            "text": pyarrow.array([cell[2] for cell in cells], pyarrow.string()),
        }
    )
    told = _told(rows, left_out)

    def work(connection: Connection) -> int:
        corrections.lock_review(connection, record.id, "corrected")
        now = home.registry.now()
        return corrections.add(connection, record.id, ReviewKind.EDIT, told, table, corrected_by, now)

    return home.registry.write(work, repeatable=False)


def undo(home: "Home", record: ImportRecord, number: int, undone_by: str | None = None) -> int:
    """Take one step of a review back: its cells say what they said before it.

    Args:
        home: The home.
        record: An import that needs review.
        number: The step.
        undone_by: Who takes it back.

    Returns:
        The number of its cells.

    Raises:
        StateError: The import does not need review, or a later step changed one of the cells.
        NotFoundError: There is no such step, or it was taken back.
    """
    check_waits(record, "corrected")

    def work(connection: Connection) -> int:
        corrections.lock_review(connection, record.id, "corrected")
        return corrections.undo(connection, record.id, number, undone_by, home.registry.now())

    return home.registry.write(work, repeatable=False)


def submit(home: "Home", record: ImportRecord, **changes: Any) -> ImportRecord:
    """Let a reviewed import go on: it is queued, and validated from the beginning with what was corrected.

    Args:
        home: The home.
        record: An import that needs review.
        **changes: Parts of the spec that the person decided otherwise, as for `confirm`.

    Raises:
        StateError: It does not need review.
    """
    check_waits(record, "submitted")
    return confirming.confirm(home, record.id, accepts=False, **changes)


def check_waits(record: ImportRecord, wanted: str) -> None:
    """Refuse what only an import allows that needs review.

    Raises:
        StateError: It does not.
    """
    if record.status is not Status.NEEDS_REVIEW:
        raise StateError(record.id, record.status, wanted, [])


def _check_places(home: "Home", record: ImportRecord, rows: Texts, left_out: Mapping[int, bool]) -> None:
    found = published.find(home, record)
    columns = [name for name, correctable in found[0].columns if correctable] if found is not None else []
    total = found[0].total_rows if found is not None else 0
    unknown = [name for texts in rows.values() for name in texts if name not in columns]
    if unknown:
        message = f"The file has no column {unknown[0]!r}. {did_you_mean(unknown[0], columns)}"
        raise MisuseError(message, column=unknown[0])
    beyond = [row_number for row_number in (*rows, *left_out) if not 1 <= row_number <= total]
    if beyond:
        raise MisuseError(f"The file has no row {beyond[0]}: rows count from 1 to {total}.", row_number=beyond[0])
    for texts in rows.values():
        check_texts(home.settings, texts.values())


def check_texts(settings: "Settings", texts: Iterable[str | None]) -> None:
    """Refuse what no cell may hold.

    Raises:
        MisuseError: One of the texts holds a NUL character, which not every registry can keep, or is too long.
    """
    for text in texts:
        if text and "\x00" in text:
            raise MisuseError("A cell cannot hold a NUL character. Leave it out.")
        if text and len(text.encode()) > settings.max_cell_bytes:
            raise MisuseError(f"A cell cannot hold more than {settings.max_cell_bytes:,} bytes. Shorten the text.")


def in_words(columns: Sequence[str]) -> str:
    """Columns for people."""
    return ", ".join(columns[:_NAMED_COLUMNS]) + (" …" if len(columns) > _NAMED_COLUMNS else "")


def _told(rows: Texts, left_out: Mapping[int, bool]) -> str:
    """What a step does, for people."""
    told = []
    if rows:
        told.append(f"Edited {in_words(sorted({name for texts in rows.values() for name in texts}))}")
    for is_out, done in ((True, "left out"), (False, "taken in again")):
        count = sum(value is is_out for value in left_out.values())
        if count:
            told.append(f"{count} {'row' if count == 1 else 'rows'} {done}")
    numbers = {*rows, *left_out}
    where = f" of row {next(iter(numbers))}" if len(numbers) == 1 else ""
    return "; ".join(told) + where
