"""Undoing an import: its own plan over what that import left, carried out in one transaction like phase 6.

Makes `touched(row_number, record_type, of_row, record_id, operation)`: one line for each record that the
undone import created, updated or deleted; for each record table `present_<table>` (those records as they are) and
`image_<table>` (as they were before); and `plan`, with the record type. Which records are kept is `undo_keeping.py`'s
affair. Times and authorship come back with the record: the store is as it was, so earlier imports can be undone too.
"""

from dataclasses import dataclass, replace

from import_pipeline import record_types
from import_pipeline.phases.bookkeeping import keep_before_image
from import_pipeline.phases.ledger import Commit, begin_commit, is_applied, mark_applied
from import_pipeline.phases.names import make_names
from import_pipeline.phases.outcomes import outcome_of_action
from import_pipeline.phases.undo_keeping import keep_what_changed, keep_what_is_needed
from import_pipeline.phases.work import Work
from import_pipeline.record_types.record_type import RecordType
from import_pipeline.sql import literal, quote
from import_pipeline.stores.records import HISTORY_COLUMNS, history_table, store_table, transaction
from import_pipeline.stores.references import names_ever_stored, reference_fields, referring_fields
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import OUTCOME_OF, Phase


@dataclass(frozen=True)
class Undone:
    """The import that is undone.

    Attributes:
        import_id: Its id.
        undid: The import that it undid itself, if it was an undo.
    """

    import_id: str
    undid: str | None = None


def touched_types(work: Work) -> list[RecordType]:
    """The record types of which an import of this one may have written records.

    Its own, those it refers to (create_missing), and those that refer to it (on_referenced clear).
    """
    others = {field.reference or "" for field in reference_fields(work.record_type)}
    others |= {record_type.name for record_type, _ in referring_fields(work.record_type)}
    return [work.record_type, *(record_types.get(name) for name in sorted(others - {work.record_type.name}))]


def plan_undo(work: Work, undone: Undone) -> None:
    """Make the tables and the plan, for the store as it is."""
    if is_applied(work, Phase.PROCESSING):
        _take_from_store(work, undone)
        return
    reset_from(work.connection, Phase.PREVALIDATION)
    _find_touched(work, undone)
    _fetch_images(work, undone)
    work.create(
        "plan",
        """
        SELECT
            row_number,
            CASE operation WHEN 'created' THEN 'delete' WHEN 'updated' THEN 'update' ELSE 'create' END AS action,
            record_id,
            NULL::VARCHAR AS reason,
            record_type
        FROM touched
        """,
    )
    types = touched_types(work)
    keep_what_changed(work, undone.import_id, undone.undid, types)
    keep_what_is_needed(work, types)
    _name_references(work)


def apply_undo(work: Work, undone: Undone) -> None:
    """Plan again under the write lock and carry it out, once."""
    plan_undo(work, undone)
    if is_applied(work, Phase.PROCESSING):
        return
    with transaction(work.connection):
        commit = begin_commit(work)
        for record_type in touched_types(work):
            _write(work, record_type, commit)
        _write_outcomes(work, commit)
        planned = work.counts("SELECT action, count(*) FROM plan GROUP BY action")
        mark_applied(work, Phase.PROCESSING, commit, {work.import_id: planned})
        work.progress.before_commit()


def _find_touched(work: Work, undone: Undone) -> None:
    values = {"undone": undone.import_id}
    selects = []
    for place, record_type in enumerate(touched_types(work)):
        name = literal(record_type.name)
        outcomes = f"SELECT * FROM {store_table('row_outcomes')} WHERE import_id = $undone AND record_type = {name}"
        known = f"SELECT record_id FROM ({outcomes}) WHERE outcome IN ('created', 'updated', 'deleted')"
        selects += [
            f"""
            SELECT {place} AS place, {name} AS record_type, row_number AS of_row, record_id, outcome AS operation
            FROM ({outcomes}) WHERE outcome IN ('created', 'updated', 'deleted')""",
            f"""
            SELECT {place}, {name}, NULL, id, arg_min(operation, mark_sequence) FROM {history_table(record_type)}
            WHERE import_id = $undone AND id NOT IN ({known})
            GROUP BY id""",
        ]
    work.create(
        "touched",
        f"""
        SELECT row_number() OVER (ORDER BY place, of_row NULLS LAST, record_id) AS row_number, * EXCLUDE (place)
        FROM ({" UNION ALL ".join(selects)})
        """,
        values,
    )
    _lay_out_as_source(work)


def _lay_out_as_source(work: Work) -> None:
    """The records that were touched are the rows of this import."""
    columns = ("record_type", "record_id", "operation")
    named = ", ".join(f"{name} AS c{place}" for place, name in enumerate(columns, start=1))
    work.create("source_text", f"SELECT {named} FROM touched ORDER BY row_number")
    lines = ", ".join(f"({place}, {literal(name)}, 'c{place}', NULL)" for place, name in enumerate(columns, start=1))
    work.create(
        "source_columns",
        f"""
        SELECT position::INTEGER AS position, name, column_name, field::VARCHAR AS field
        FROM (VALUES {lines}) AS given (position, name, column_name, field)
        """,
    )


def _fetch_images(work: Work, undone: Undone) -> None:
    for record_type in touched_types(work):
        work.create(
            present(record_type),
            f"""
            SELECT touched.row_number, stored.*
            FROM {store_table(record_type.table)} AS stored
            JOIN touched ON touched.record_id = stored.id AND touched.record_type = {literal(record_type.name)}
            """,
        )
        work.create(image(record_type), _images(record_type), {"import_id": undone.import_id})


def _name_references(work: Work) -> None:
    tables = [
        (table(record_type), record_type, [field.name for field in reference_fields(record_type)])
        for record_type in touched_types(work)
        for table in (present, image)
    ]
    if any(fields for _, _, fields in tables):
        make_names(work, tables, names=names_ever_stored)


def _images(record_type: RecordType) -> str:
    """SELECT of the before-images that an import left of the records that are touched: the first of each."""
    return f"""
        SELECT touched.row_number, history.* EXCLUDE ({", ".join(HISTORY_COLUMNS)})
        FROM {history_table(record_type)} AS history
        JOIN touched ON touched.record_id = history.id AND touched.record_type = {literal(record_type.name)}
        WHERE history.import_id = $import_id AND history.operation <> 'created'
        QUALIFY row_number() OVER (PARTITION BY history.id ORDER BY history.mark_sequence) = 1
        """


def present(record_type: RecordType) -> str:
    """The quoted name of the table of touched records as they are."""
    return quote(f"present_{record_type.table}")


def image(record_type: RecordType) -> str:
    """The quoted name of the table of touched records as they were before the import that is undone."""
    return quote(f"image_{record_type.table}")


def _write(work: Work, record_type: RecordType, commit: Commit) -> None:
    """Give the records of one type back what they were; `INSERT BY NAME` takes bookkeeping and digest along."""
    table, of_type = store_table(record_type.table), f"record_type = {literal(record_type.name)}"
    for action, operation in (("update", "updated"), ("delete", "deleted")):
        rows = f"SELECT row_number FROM plan WHERE action = '{action}' AND {of_type}"
        select = f"SELECT * FROM {present(record_type)} WHERE row_number IN ({rows})"
        keep_before_image(replace(work, record_type=record_type), select, operation, commit)
    gone = f"SELECT record_id FROM plan WHERE action IN ('update', 'delete') AND {of_type}"
    work.execute(f"DELETE FROM {table} WHERE id IN ({gone})")
    back = f"SELECT row_number FROM plan WHERE action IN ('update', 'create') AND {of_type}"
    images = f"SELECT * EXCLUDE (row_number) FROM {image(record_type)} WHERE row_number IN ({back})"
    work.execute(f"INSERT INTO {table} BY NAME {images}")


def _write_outcomes(work: Work, commit: Commit) -> None:
    work.execute(
        f"""
        INSERT INTO {store_table("row_outcomes")} BY NAME
        SELECT $sequence AS mark_sequence, $import_id AS import_id, record_type, row_number,
            {outcome_of_action()} AS outcome, record_id, reason
        FROM plan
        """,
        {"sequence": commit.first, "import_id": work.import_id},
    )


def _take_from_store(work: Work, undone: Undone) -> None:
    """After a crash between the commit and its report: what the store says is what happened."""
    own = {"import_id": work.import_id}
    actions = ", ".join(f"{literal(str(outcome))}: {literal(str(action))}" for action, outcome in OUTCOME_OF.items())
    work.create(
        "plan",
        f"""
        SELECT row_number, MAP {{{actions}}}[outcome] AS action, record_id, reason, record_type
        FROM {store_table("row_outcomes")} WHERE import_id = $import_id
        """,
        own,
    )
    operations = "MAP {'create': 'deleted', 'update': 'updated', 'delete': 'created'}"
    work.create(
        "touched",
        f"SELECT row_number, record_type, record_id, {operations}[action] AS operation FROM plan",
    )
    _lay_out_as_source(work)
    for record_type in touched_types(work):
        work.create(present(record_type), _images(record_type), own)
        work.create(image(record_type), _images(record_type), {"import_id": undone.import_id})
    _name_references(work)
