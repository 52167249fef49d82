"""The tables `review_operations` and `corrections`: what persons did in the review of an import, step by step.

A cell says what the latest step says that was not undone: nothing that one person does is lost by what another one does
at the same time. Steps are bounded in number and size, and go with their import. Phase 1 applies them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from import_pipeline.errors import LaterStepError, MisuseError, NotFoundError, StateError
from import_pipeline.stores import import_rows
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import corrections as table
from import_pipeline.stores.tables import imports, in_chunks
from import_pipeline.stores.tables import review_operations as operations
from import_pipeline.words import ReviewKind, Status

if TYPE_CHECKING:
    import pyarrow

MOST_CELLS = 1_000_000
"""So many texts of cells may be kept for one import; more are quicker corrected in the file."""
MOST_CHARACTERS = 100_000_000
"""So long may they be in all."""
WHOLE_ROW = ""
"""In the place of a column's name, which is never empty: what is said of the row itself."""
LEFT_OUT = "left_out"
"""The text of a row that is left out."""
_AT_ONCE = 50_000
_CELL = (table.c.operation, table.c.row_number, table.c.column_name, table.c.text)
_STANDS = operations.c.undone_at.is_(None)


@dataclass(frozen=True)
class Operation:
    """One step of a review.

    Attributes:
        number: Names it within its import; later steps have higher numbers.
        kind: What it does.
        text: The same for people.
        cells: So many cells were given a text, or rows left out or taken in again.
        rows: In so many rows.
        created_by: Who did it.
        created_at: Epoch seconds.
    """

    number: int
    kind: ReviewKind
    text: str
    cells: int
    rows: int
    created_by: str | None
    created_at: int


@dataclass(frozen=True)
class Changes:
    """What was done or undone since one looked last.

    Attributes:
        last: Up to which change this goes.
        done: The numbers of new operations.
        undone: The numbers of those that were undone.
    """

    last: int
    done: list[int]
    undone: list[int]


def lock_review(connection: Connection, import_id: str, wanted: str) -> None:
    """Let nobody else change the review of an import, nor let the import go on, until the transaction ends.

    What it was previewed with changes now, so that its preview counts no more.

    Raises:
        StateError: The import does not need review.
    """
    status = connection.scalar(select(imports.c.status).where(imports.c.id == import_id).with_for_update())
    if status != Status.NEEDS_REVIEW:
        raise StateError(import_id, str(status), wanted, [])
    outdated = import_rows.present_import(connection, import_id).without_preview
    if outdated:
        import_rows.set_import(connection, import_id, outdated)


def changes_since(connection: Connection, import_id: str, seen: int) -> Changes:
    """What was done or undone in the review of an import after a certain change; 0 is before the first."""
    found = connection.execute(
        select(operations.c.number, operations.c.changed, operations.c.undone_at)
        .where(operations.c.import_id == import_id, operations.c.changed > seen)
        .order_by(operations.c.changed)
    ).all()
    return Changes(
        max((row.changed for row in found), default=seen),
        [row.number for row in found if row.undone_at is None],
        [row.number for row in found if row.undone_at is not None],
    )


def texts_of(connection: Connection, import_id: str, numbers: Sequence[int] | None = None) -> "pyarrow.Table":
    """The texts that operations gave cells: operation, row_number, column_name, text.

    Args:
        connection: In a transaction.
        import_id: The import.
        numbers: Only those of these operations.
    """
    import pyarrow

    schema = pyarrow.schema(
        [
            ("operation", pyarrow.int64()),
            ("row_number", pyarrow.int64()),
            ("column_name", pyarrow.string()),
            ("text", pyarrow.string()),
        ]
    )
    batches = [
        pyarrow.RecordBatch.from_arrays(
            [pyarrow.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)],
            schema=schema,
        )
        for rows in _rows(connection, import_id, numbers)
    ]
    return pyarrow.Table.from_batches(batches, schema)


def _rows(connection: Connection, import_id: str, numbers: Sequence[int] | None) -> Iterator[Sequence[Any]]:
    every = select(*_CELL).where(table.c.import_id == import_id)
    chunks = [every] if numbers is None else [every.where(table.c.operation.in_(some)) for some in in_chunks(numbers)]
    for wanted in chunks:
        yield from connection.execute(wanted, execution_options={"yield_per": _AT_ONCE}).partitions()


def of_imports(registry: Registry, import_ids: Sequence[str]) -> "dict[str, pyarrow.Table]":
    """Read what `texts_of` gives of some imports; imports of which nothing was corrected are left out."""

    def work(connection: Connection) -> "dict[str, pyarrow.Table]":
        corrected = [
            import_id
            for chunk in in_chunks(import_ids)
            for import_id in connection.scalars(
                select(operations.c.import_id).where(operations.c.import_id.in_(chunk), _STANDS).distinct()
            )
        ]
        return {import_id: texts_of(connection, import_id) for import_id in corrected}

    return registry.read(work)


def add(
    connection: Connection,
    import_id: str,
    kind: ReviewKind,
    told: str,
    cells: "pyarrow.Table",
    by: str | None,
    now: int,
) -> int:
    """Keep a new step of a review that is locked.

    Args:
        connection: In a transaction that holds the lock of the review.
        import_id: The import.
        kind: What the step does.
        told: The same for people.
        cells: row_number, column_name and text, each cell once; no text for an empty cell.
        by: Who does it.
        now: Epoch seconds.

    Returns:
        The number of the step.

    Raises:
        MisuseError: There would be too many, or too long, texts.
    """
    rows, names, texts = (cells.column(name).to_pylist() for name in ("row_number", "column_name", "text"))
    characters = sum(len(one) for one in texts if one)
    sums = func.coalesce(func.sum(operations.c.cells), 0), func.coalesce(func.sum(operations.c.characters), 0)
    kept, long = connection.execute(select(*sums).where(operations.c.import_id == import_id, _STANDS)).one()
    if kept + len(rows) > MOST_CELLS or long + characters > MOST_CHARACTERS:
        raise MisuseError(
            f"{kept + len(rows):,} corrected cells with {long + characters:,} characters are too many for one import: "
            f"at most {MOST_CELLS:,} cells with {MOST_CHARACTERS:,} characters. Correct the file itself, and import "
            "that."
        )
    number = _next_change(connection, import_id)
    connection.execute(
        insert(operations).values(
            import_id=import_id,
            number=number,
            changed=number,
            kind=str(kind),
            text=told,
            cells=len(rows),
            rows=len(set(rows)),
            characters=characters,
            created_by=by,
            created_at=now,
        )
    )
    _insert_texts(connection, import_id, number, rows, names, texts)
    return number


def _insert_texts(
    connection: Connection,
    import_id: str,
    number: int,
    rows: list[int],
    names: list[str],
    texts: list[str | None],
) -> None:
    """The quickest way that each database has: tens of thousands of rows may come at a time."""
    columns = "INSERT INTO corrections (import_id, operation, row_number, column_name, text)"
    if connection.dialect.name == "postgresql":
        given = "unnest(CAST(:rows AS bigint[])), unnest(CAST(:names AS text[])), unnest(CAST(:texts AS text[]))"
        values = {"import_id": import_id, "number": number, "rows": rows, "names": names, "texts": texts}
        connection.execute(text(f"{columns} SELECT :import_id, :number, {given}"), values)
    elif rows:
        given = [(import_id, number, *cell) for cell in zip(rows, names, texts, strict=True)]
        connection.exec_driver_sql(f"{columns} VALUES (?, ?, ?, ?, ?)", given)


def undo(connection: Connection, import_id: str, number: int, by: str | None, now: int) -> int:
    """Take a step of a review back that is locked; its cells say what they said before it.

    Args:
        connection: In a transaction that holds the lock of the review.
        import_id: The import.
        number: The step.
        by: Who takes it back.
        now: Epoch seconds.

    Returns:
        The number of its cells.

    Raises:
        NotFoundError: There is no such step, or it was taken back.
        LaterStepError: A later step changed one of its cells.
    """
    this = (operations.c.import_id == import_id, operations.c.number == number)
    cells = connection.scalar(select(operations.c.cells).where(*this, _STANDS))
    if cells is None:
        raise _no_such_step(number)
    own, later = table.alias("own"), table.alias("later")
    found = connection.execute(
        select(later.c.operation, later.c.row_number)
        .join(own, (own.c.row_number == later.c.row_number) & (own.c.column_name == later.c.column_name))
        .where(own.c.import_id == import_id, own.c.operation == number)
        .where(later.c.import_id == import_id, later.c.operation > number)
        .order_by(later.c.operation.desc())
        .limit(1)
    ).first()
    if found is not None:
        raise LaterStepError(import_id, number, found.operation, found.row_number)
    changed = _next_change(connection, import_id)
    connection.execute(update(operations).where(*this).values(changed=changed, undone_by=by, undone_at=now))
    connection.execute(delete(table).where(table.c.import_id == import_id, table.c.operation == number))
    return cells


def find(connection: Connection, import_id: str, number: int) -> tuple[int, int]:
    """The numbers of cells and rows of a step, undone or not.

    Raises:
        NotFoundError: There is no such step.
    """
    this = (operations.c.import_id == import_id, operations.c.number == number)
    found = connection.execute(select(operations.c.cells, operations.c.rows).where(*this)).first()
    if found is None:
        raise _no_such_step(number)
    return found.cells, found.rows


def _no_such_step(number: int) -> NotFoundError:
    return NotFoundError("step of this review", str(number), "Those that can be undone are in its summary.")


def listed(connection: Connection, import_id: str, limit: int) -> list[Operation]:
    """The latest steps of a review that were not undone, the newest first."""
    columns = [operations.c[name] for name in Operation.__dataclass_fields__]
    wanted = select(*columns).where(operations.c.import_id == import_id, _STANDS)
    found = connection.execute(wanted.order_by(operations.c.number.desc()).limit(limit))
    return [
        Operation(one.number, ReviewKind(one.kind), one.text, one.cells, one.rows, one.created_by, one.created_at)
        for one in found
    ]


def _next_change(connection: Connection, import_id: str) -> int:
    last = connection.scalar(select(func.max(operations.c.changed)).where(operations.c.import_id == import_id))
    return (last or 0) + 1
