"""Phase 6, processing: the plan is carried out in one transaction, with before-images, outcomes and the mark.

With the mark present it writes nothing. Where the store changed since it was matched, the phases 3 to 5 run again
first, under the same lock, so that what is written is right for the store as it is.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from import_pipeline import record_types
from import_pipeline.phases import p3_transforming, p4_parsing, p5_validation
from import_pipeline.phases.merging import EXTRA, changed_fields
from import_pipeline.phases.result_files import outcome_of_action
from import_pipeline.phases.work import Work
from import_pipeline.record_types.identity import identity_sql
from import_pipeline.sql import Parameters, literal, quote, quoted_list
from import_pipeline.stores.digests import DIGEST, digest_sql
from import_pipeline.stores.records import history_table, record_columns, roll_back, store_table
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import OUTCOME_OF, Phase, PlannedAction

_CHANGED = ("updated_at", "updated_by_import")
_BOOKKEEPING = ("created_at", "created_by_import", *_CHANGED)


def run(work: Work) -> None:
    """Carry out the plan, once."""
    if is_applied(work, Phase.PROCESSING):
        _take_plan_from_store(work)
        return
    if p3_transforming.store_version(work) != work.number("SELECT sequence FROM store_version"):
        _plan_again(work)
        p5_validation.ask_for_review(work)
    write(work)


def write(work: Work) -> None:
    """Write what is planned, in one transaction. The store is as it was when the plan was made."""
    now = datetime.now(UTC).replace(tzinfo=None)
    planned = work.counts("SELECT action, count(*) FROM plan GROUP BY action")
    work.progress.part(0.0, 0.1)
    work.execute("BEGIN TRANSACTION")
    try:
        _create_missing_references(work, now)
        work.progress.part(0.1, 0.5)
        if planned.get(PlannedAction.UPDATE) or planned.get(PlannedAction.DELETE):
            _change_records(work, now)
        work.progress.part(0.5, 0.8)
        if planned.get(PlannedAction.CREATE):
            _create_records(work, now)
        work.progress.part(0.8, 1.0)
        _write_outcomes(work)
        if work.shared:
            _mark_each(work, now)
        else:
            mark_applied(work, Phase.PROCESSING, now, planned)
        work.progress.last_moment()
        work.execute("COMMIT")
    except BaseException:
        roll_back(work.connection)
        raise


def is_applied(work: Work, phase: Phase) -> bool:
    """Whether the store holds this import's mark for a phase."""
    table = store_table("applied_imports")
    mark = {"import_id": work.import_id, "phase": str(phase)}
    return bool(work.execute(f"SELECT 1 FROM {table} WHERE import_id = $import_id AND phase = $phase", mark).fetchone())


def mark_applied(work: Work, phase: Phase, now: datetime, counts: Mapping[str, int]) -> None:
    """Leave the mark that says this phase of this import is in the store, with how many records it wrote by action."""
    work.execute(
        f"""
        INSERT INTO {store_table("applied_imports")} BY NAME
        SELECT
            (SELECT coalesce(max(sequence), 0) + 1 FROM {store_table("applied_imports")}) AS sequence,
            $import_id AS import_id,
            $record_type AS record_type,
            $phase AS phase,
            $now::TIMESTAMP AS applied_at,
            $created AS created,
            $updated AS updated,
            $deleted AS deleted,
            version() AS engine
        """,
        {
            "import_id": work.import_id,
            "record_type": work.record_type.name,
            "phase": str(phase),
            "now": now,
            "created": counts.get(PlannedAction.CREATE, 0),
            "updated": counts.get(PlannedAction.UPDATE, 0),
            "deleted": counts.get(PlannedAction.DELETE, 0),
        },
    )


def _mark_each(work: Work, now: datetime) -> None:
    """Leave the marks of several imports, in their order."""
    counts = ", ".join(
        f"count(*) FILTER (plan.action = {literal(str(action))}) AS {column}"
        for action, column in (
            (PlannedAction.CREATE, "created"),
            (PlannedAction.UPDATE, "updated"),
            (PlannedAction.DELETE, "deleted"),
        )
    )
    marks = store_table("applied_imports")
    work.execute(
        f"""
        INSERT INTO {marks} BY NAME
        SELECT
            (SELECT coalesce(max(sequence), 0) FROM {marks}) + row_number() OVER (ORDER BY first_row) AS sequence,
            $record_type AS record_type,
            $phase AS phase,
            $now::TIMESTAMP AS applied_at,
            version() AS engine,
            * EXCLUDE (first_row)
        FROM (
            SELECT numbering.import_id, min(plan.row_number) AS first_row, {counts}
            FROM plan
            JOIN numbering ON numbering.row_number = plan.row_number
            GROUP BY numbering.import_id
        )
        """,
        {"record_type": work.record_type.name, "phase": str(Phase.PROCESSING), "now": now},
    )


def keep_before_image(work: Work, select: str, operation: str, now: datetime) -> None:
    """Copy stored records into the history before they change.

    Args:
        work: The import at work.
        select: SELECT of row_number and all columns of the record table.
        operation: updated or deleted.
        now: The moment of the change, UTC without zone.
    """
    work.execute(
        f"""
        INSERT INTO {history_table(work.record_type)} BY NAME
        SELECT
            {work.import_of("image.row_number")} AS import_id,
            {work.row_in_file("image.row_number")} AS row_number,
            $operation AS operation,
            $now::TIMESTAMP AS changed_at,
            image.* EXCLUDE (row_number)
        FROM ({select}) AS image
        """,
        {"operation": operation, "now": now},
    )


def _plan_again(work: Work) -> None:
    """Match again what was matched against an older store; rows that no longer can be are named for what they are."""
    work.create("former_plan", "SELECT row_number, action FROM plan")
    reset_from(work.connection, Phase.TRANSFORMING)
    p3_transforming.run(work)
    p4_parsing.run(work)
    p5_validation.run(work)
    changed = """
        row_number IN (
            SELECT plan.row_number FROM plan JOIN former_plan USING (row_number)
            WHERE plan.action = 'fail' AND former_plan.action <> 'fail'
        )"""
    work.execute(f"""
        UPDATE defects SET
            code = 'changed_since_plan',
            phase = 'processing',
            message = 'The stored records changed while this import was planned. ' || message
        WHERE level = 'error' AND phase <> 'prevalidation' AND {changed}
        """)
    work.execute(f"UPDATE plan SET reason = 'changed_since_plan' WHERE {changed}")
    work.execute("DROP TABLE former_plan")


def _take_plan_from_store(work: Work) -> None:
    """After a crash between the commit and its report: what the store says is what happened."""
    outcomes = ", ".join(f"{literal(str(outcome))}: {literal(str(action))}" for action, outcome in OUTCOME_OF.items())
    work.create(
        "plan",
        f"""
        SELECT row_number, MAP {{{outcomes}}}[outcome] AS action, record_id, reason
        FROM {store_table("row_outcomes")}
        WHERE import_id = $import_id
        """,
        Parameters(import_id=work.import_id),
    )
    images = f"SELECT * EXCLUDE (import_id, operation, changed_at) FROM {history_table(work.record_type)}"
    work.create(
        "before",
        f"{images} WHERE import_id = $import_id AND row_number IS NOT NULL",
        Parameters(import_id=work.import_id),
    )
    # What was found anew, in a store that holds this import already, is not what was found before it was written.
    gone_in = "SELECT row_number FROM plan WHERE action NOT IN ('fail', 'skip')"
    for table in ("defects", "left_out"):
        work.execute(f"DELETE FROM {table} WHERE phase <> 'prevalidation' AND row_number IN ({gone_in})")


def _create_missing_references(work: Work, now: datetime) -> None:
    """Create the records that rows refer to and the spec's create_missing allows."""
    targets = work.execute(
        """
        SELECT DISTINCT target, field FROM unknown_references
        WHERE row_number IN (SELECT row_number FROM plan WHERE action IN ('create', 'update'))
            AND list_contains($creatable::VARCHAR[], target)
        ORDER BY ALL
        """,
        {"creatable": sorted(work.spec.create_missing)},
    ).fetchall()
    for target, field in targets:
        target_type = record_types.get(target)
        named = work.record_type.field(field).reference_field or "external_id"
        names = _name_of_missing(work, named)
        creator = work.import_of("unknown_references.row_number")
        earlier = f"(SELECT count(*) FROM {store_table(target_type.table)} WHERE created_by_import = import_id)"
        number = f"{earlier} + row_number() OVER (PARTITION BY import_id ORDER BY first_row, comparable)"
        work.execute(
            f"""
            INSERT INTO {store_table(target_type.table)} BY NAME
            SELECT *, {digest_sql(["id", named, *names, *_BOOKKEEPING])} AS digest
            FROM (
                SELECT
                    {work.record_prefix("missing.first_row")} || {literal(target + "_")} || ({number}) AS id,
                    key AS {quote(named)},
                    {"".join(f"{quote(name)}, " for name in names)}
                    {_bookkeeping("import_id", *_BOOKKEEPING)}
                FROM (
                    SELECT
                        comparable,
                        {creator} AS import_id,
                        min(row_number) AS first_row,
                        min(key) AS key
                        {"".join(f", {sql} AS {quote(name)}" for name, sql in names.items())}
                    FROM unknown_references
                    WHERE target = $target AND field = $field
                        AND row_number IN (SELECT row_number FROM plan WHERE action IN ('create', 'update'))
                    GROUP BY ALL
                ) AS missing
                WHERE comparable NOT IN (
                    SELECT {identity_sql(target_type.field(named), quote(named))}
                    FROM {store_table(target_type.table)}
                    WHERE created_by_import = missing.import_id AND {quote(named)} IS NOT NULL
                )
            )
            """,
            {"now": now, "target": target, "field": field},
        )


def _name_of_missing(work: Work, named: str) -> dict[str, str]:
    """A company created by its external id gets the name that stands beside it in the row."""
    if named == "external_id" and "company_name" in work.row_fields():
        name = "min((SELECT company_name FROM rows WHERE rows.row_number = unknown_references.row_number))"
        return {"name": name}
    return {}


def _bookkeeping(import_id: str, *columns: str) -> str:
    """SQL of what the store itself notes on a record that is written now, by an import whose id is SQL."""
    return ", ".join(f"{'$now::TIMESTAMP' if name.endswith('_at') else import_id} AS {name}" for name in columns)


def _change_records(work: Work, now: datetime) -> None:
    """Update and delete, with before-images.

    An update is a deletion and an insertion: for a value changed in place DuckDB rewrites its whole column chunk.
    """
    for action, operation in (("update", "updated"), ("delete", "deleted")):
        rows = f"SELECT row_number FROM plan WHERE action = {literal(action)}"
        keep_before_image(work, f"SELECT * FROM before WHERE row_number IN ({rows})", operation, now)
    table = store_table(work.record_type.table)
    work.execute(f"DELETE FROM {table} WHERE id IN (SELECT record_id FROM plan WHERE action IN ('update', 'delete'))")
    after = changed_fields(work)
    replaced = "".join(f", {sql} AS {quote(name)}" for name, sql in after.items())
    work.execute(
        f"""
        INSERT INTO {table} BY NAME
        SELECT *, {digest_sql(record_columns(work.record_type))} AS digest
        FROM (
            SELECT
                stored.* EXCLUDE ({quoted_list(["row_number", *after, *_CHANGED, DIGEST])}){replaced},
                {_bookkeeping(work.import_of("stored.row_number"), *_CHANGED)}
            FROM before AS stored
            JOIN transformed AS incoming ON incoming.row_number = stored.row_number
            WHERE stored.row_number IN (SELECT row_number FROM plan WHERE action = 'update')
        )
        """,
        {"now": now},
    )


def _create_records(work: Work, now: datetime) -> None:
    present = set(work.columns_of("transformed"))
    columns = [field.name for field in work.record_type.fields if field.name in present]
    columns += [EXTRA] if EXTRA in present else []
    cells = "".join(f"{quote(name)}, " for name in columns)
    work.execute(
        f"""
        INSERT INTO {store_table(work.record_type.table)} BY NAME
        SELECT *, {digest_sql(["id", *columns, *_BOOKKEEPING])} AS digest
        FROM (
            SELECT plan.record_id AS id, {cells}{_bookkeeping(work.import_of("plan.row_number"), *_BOOKKEEPING)}
            FROM transformed
            JOIN plan ON plan.row_number = transformed.row_number AND plan.action = 'create'
        )
        """,
        {"now": now},
    )


def _write_outcomes(work: Work) -> None:
    work.execute(
        f"""
        INSERT INTO {store_table("row_outcomes")} BY NAME
        SELECT
            {work.import_of("plan.row_number")} AS import_id,
            $record_type AS record_type,
            {work.row_in_file("plan.row_number")} AS row_number,
            {outcome_of_action()} AS outcome,
            record_id,
            reason
        FROM plan
        """,
        {"record_type": work.record_type.name},
    )
