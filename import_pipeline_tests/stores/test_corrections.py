"""Steps of a review in the registry, on SQLite and PostgreSQL: kept, listed, undone; what an upgrade makes of them."""

from typing import Any

import pyarrow
import pytest
from alembic import command
from sqlalchemy import create_engine, text

from import_pipeline.errors import LaterStepError, MisuseError, NotFoundError, StateError
from import_pipeline.stores import corrections, imports
from import_pipeline.stores.registry import Registry
from import_pipeline.words import ReviewKind
from import_pipeline_tests.migrating import migrate

INSERT = text(
    "INSERT INTO imports (id, status, details, organization, record_type, spec, source, upload_mode, processed_rows, "
    "created_count, updated_count, unchanged_count, skipped_count, deleted_count, failed_count, overwritten_count, "
    "has_upload_file, has_errors_file, attempts, sidecar_refused, created_at, updated_at) VALUES (:id, :status, '{}', "
    "'acme', 'contact', '{}', 'api', 'async', 0, 0, 0, 0, 0, 0, 0, 0, :no, :no, 0, :no, 7, 7)"
)


STATES = {"one": "needs_review", "two": "completed"}


@pytest.fixture
def registry(registry_url: str) -> Any:
    """A registry with an import that waits for review, `one`, and one that has ended, `two`."""
    with Registry(registry_url) as registry:
        rows = [{"id": name, "status": state, "no": False} for name, state in STATES.items()]
        registry.write(lambda connection: connection.execute(INSERT, rows))
        yield registry


def step(
    registry: Registry, *cells: tuple[int, str, str | None], import_id: str = "one", by: str | None = "ann"
) -> int:
    rows, names, texts = zip(*cells, strict=True) if cells else ((), (), ())
    table = pyarrow.table(
        {
            "row_number": pyarrow.array(rows, pyarrow.int64()),
            "column_name": pyarrow.array(names, pyarrow.string()),
            "text": pyarrow.array(texts, pyarrow.string()),
        }
    )

    def work(connection: Any) -> int:
        corrections.lock_review(connection, import_id, "corrected")
        return corrections.add(connection, import_id, ReviewKind.SET, "Set Email", table, by, 9)

    return registry.write(work)


def undo(registry: Registry, number: int) -> int:
    return registry.write(lambda connection: corrections.undo(connection, "one", number, "bob", 10))


def texts(registry: Registry) -> list[tuple[Any, ...]]:
    found = registry.read(lambda connection: corrections.texts_of(connection, "one"))
    return sorted(tuple(row.values()) for row in found.to_pylist())


def test_steps_are_kept_and_listed_the_newest_first(registry: Registry) -> None:
    assert [step(registry, (2, "Email", "a"), (3, "Email", None)), step(registry, (2, "", "left_out"), by=None)] == [
        1,
        2,
    ]
    listed = registry.read(lambda connection: corrections.listed(connection, "one", 50))
    assert [(one.number, one.kind, one.cells, one.rows, one.created_by) for one in listed] == [
        (2, "set", 1, 1, None),
        (1, "set", 2, 2, "ann"),
    ]
    assert texts(registry) == [(1, 2, "Email", "a"), (1, 3, "Email", None), (2, 2, "", "left_out")]
    assert list(corrections.of_imports(registry, ["two", "one"])) == ["one"]


def test_who_looks_again_is_told_what_was_done_and_undone(registry: Registry) -> None:
    step(registry, (2, "Email", "a"))
    step(registry, (3, "Email", "b"))
    first = registry.read(lambda connection: corrections.changes_since(connection, "one", 0))
    assert (first.last, first.done, first.undone) == (2, [1, 2], [])
    assert undo(registry, 1) == 1
    assert step(registry, (2, "Email", "c")) == 4
    then = registry.read(lambda connection: corrections.changes_since(connection, "one", first.last))
    assert (then.last, then.done, then.undone) == (4, [4], [1])
    assert texts(registry) == [(2, 3, "Email", "b"), (4, 2, "Email", "c")]


def test_a_step_is_undone_once_and_not_before_a_later_one_on_its_cells(registry: Registry) -> None:
    step(registry, (2, "Email", "a"), (3, "Email", "a"))
    step(registry, (4, "Email", "b"))
    step(registry, (3, "Email", "c"))
    with pytest.raises(LaterStepError, match="step 3 changed cells of row 3"):
        undo(registry, 1)
    undo(registry, 3)
    assert undo(registry, 1) == 2
    with pytest.raises(NotFoundError):
        undo(registry, 1)
    assert texts(registry) == [(2, 4, "Email", "b")]


def test_steps_are_bounded_by_what_stands_and_refused_where_nothing_waits(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "MOST_CELLS", 2)
    step(registry, (2, "Email", "a"), (3, "Email", "a"))
    with pytest.raises(MisuseError, match="too many"):
        step(registry, (4, "Email", "a"))
    undo(registry, 1)
    step(registry, (4, "Email", "a"))
    with pytest.raises(StateError, match="completed"):
        step(registry, (4, "Email", "a"), import_id="two")


def test_what_was_corrected_before_the_upgrade_is_one_step_and_comes_back(registry_url: str) -> None:
    migrate(registry_url, command.upgrade, "0012")
    engine = create_engine(registry_url)
    insert = text(
        "INSERT INTO corrections (import_id, row_number, column_number, column_name, text, corrected_by, corrected_at) "
        "VALUES ('one', :row, :place, :name, :text, 'ann', :at)"
    )
    with engine.begin() as connection:
        connection.execute(INSERT, {"id": "one", "status": "needs_review", "no": False})
        cells = ((2, 1, "Email", "a@b.de", 5), (2, 2, "Name", "", 6), (3, 1, "Email", None, 4))
        for cell in cells:
            connection.execute(insert, dict(zip(("row", "place", "name", "text", "at"), cell, strict=True)))
    engine.dispose()
    with Registry(registry_url) as registry:
        assert imports.get(registry, "one").status == "needs_review"
        [one] = registry.read(lambda connection: corrections.listed(connection, "one", 50))
        assert (one.number, one.kind, one.cells, one.rows, one.created_by, one.created_at) == (
            1,
            "edit",
            3,
            2,
            "ann",
            6,
        )
        assert texts(registry) == [(1, 2, "Email", "a@b.de"), (1, 2, "Name", None), (1, 3, "Email", None)]
        step(registry, (2, "Email", "c@d.de"), (2, "", "left_out"))
    migrate(registry_url, command.downgrade, "0012")
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT row_number, column_name, text FROM corrections ORDER BY 1, 2")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [(2, "Email", "c@d.de"), (2, "Name", None), (3, "Email", None)]
