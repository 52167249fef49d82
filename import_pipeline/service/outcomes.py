"""What became, or would become, of every row of an import, with the differences field by field. Read only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import MisuseError
from import_pipeline.run_config.declared import record_type_of
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.settings import Settings
from import_pipeline.sql import literal
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.workspace import has_table, open_workspace, workspace_path
from import_pipeline.words import Outcome

if TYPE_CHECKING:
    from import_pipeline.phases.work import Work

HEADER = "row_number,record_id,outcome,reason,field,before,after\n"


def rows(
    settings: Settings, record: ImportRecord, limit: int = 100, after: int = 0, outcome: str | None = None
) -> list[dict[str, Any]]:
    """The rows of an import with their outcome, record and changed fields: predicted for a dry run, else what was done.

    Args:
        settings: Gives the home.
        record: The import.
        limit: How many at most.
        after: How many to pass over.
        outcome: Only rows with this outcome.

    Returns:
        Dictionaries of row_number (None for a record that an overwrite deletes), record_id, outcome, reason and
        changes: dictionaries of field, before, after as text. Nothing where the import has no plan, or no more.

    Raises:
        MisuseError: There is no such outcome.
    """
    wanted = _outcome(outcome)
    with _planned(settings, record) as work:
        return work.dictionaries(_select(work, wanted, limit, after)) if work is not None else []


def write_rows_csv(settings: Settings, record: ImportRecord, to: Path, outcome: str | None = None) -> int:
    """Write the rows of an import as CSV, a line for each changed field, or one for a row without changes.

    Returns:
        The number of lines written.
    """
    from import_pipeline.phases.differences import csv_of_changes

    wanted = _outcome(outcome)
    with _planned(settings, record) as work:
        if work is None:
            to.write_text(HEADER, encoding="utf-8")
            return 0
        lines = csv_of_changes(_select(work, wanted, None, 0))
        copied = work.execute(f"COPY ({lines}) TO {literal(str(to))} (FORMAT csv, HEADER true)").fetchone()
        return int(copied[0]) if copied else 0


def _select(work: "Work", outcome: Outcome | None, limit: int | None, after: int) -> str:
    from import_pipeline.phases.differences import rows_with_changes

    return rows_with_changes(work, outcome, limit, after)


def _outcome(name: str | None) -> Outcome | None:
    if name is None:
        return None
    if name not in list(Outcome):
        raise MisuseError(f"There is no outcome {name!r}. Use one of: {', '.join(Outcome)}.")
    return Outcome(name)


@contextmanager
def _planned(settings: Settings, record: ImportRecord) -> Iterator["Work | None"]:
    """The import's work, or None where it has no plan: it did not come so far, or its retention is over."""
    from import_pipeline.phases.work import Work

    if not workspace_path(settings, record.id).exists():
        yield None
        return
    with open_workspace(settings, record.id) as connection:
        spec = ImportSpec.model_validate(record.spec)
        known = has_table(connection, "plan") and any(has_table(connection, one) for one in ("overwritten", "touched"))
        yield Work(connection, record.id, spec, record_type_of(spec), settings) if known else None
