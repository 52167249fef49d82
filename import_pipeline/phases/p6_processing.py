"""Phase 6, processing: the plan is carried out in one transaction, with before-images, outcomes and the mark.

With the mark present it writes nothing. Where the store changed since it was matched, the phases 2 to 5 run again
first, under the same lock, so that what is written is right for the store as it is.
"""

from datetime import datetime

from import_pipeline.phases import p2_preparsing, p3_transforming, p4_parsing, p5_validation
from import_pipeline.phases.batch_conflicts import leave_conflicting
from import_pipeline.phases.before_images import keep_before
from import_pipeline.phases.bookkeeping import BOOKKEEPING, CHANGED, bookkeeping, keep_before_image
from import_pipeline.phases.counts import count_each
from import_pipeline.phases.ledger import Commit, begin_commit, is_applied, mark_applied
from import_pipeline.phases.linking import incoming
from import_pipeline.phases.matching import store_version
from import_pipeline.phases.merging import EXTRA, changed_fields
from import_pipeline.phases.missing_records import create_missing_records
from import_pipeline.phases.outcomes import CHANGED_SINCE_PLAN, outcome_of_action
from import_pipeline.phases.referring import clear_references, clears
from import_pipeline.phases.review import ask_for_review
from import_pipeline.phases.slices import slices
from import_pipeline.phases.work import Work
from import_pipeline.sql import Parameters, literal, quote, quoted_list
from import_pipeline.stores.digests import DIGEST, digest_sql
from import_pipeline.stores.records import HISTORY_COLUMNS, history_table, record_columns, store_table, transaction
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import OUTCOME_OF, Action, Phase, PlannedAction


def run(work: Work) -> None:
    """Carry out the plan, once."""
    if work.several is None and is_applied(work, Phase.PROCESSING):
        _take_plan_from_store(work)
        return
    if store_version(work) != work.number("SELECT sequence FROM store_version"):
        _plan_again(work)
        ask_for_review(work)
    if work.import_ids():
        write(work)


def write(work: Work) -> None:
    """Write what is planned, in one transaction. The store is as it was when the plan was made."""
    found = count_each(work, "plan", "action")
    counts = {import_id: dict(found[import_id]) for import_id in work.import_ids()}
    planned = {action for of_import in counts.values() for action in of_import}
    work.progress.part(0.0, 0.1)
    with transaction(work.connection):
        commit = begin_commit(work)
        create_missing_records(work, commit)
        work.progress.part(0.1, 0.5)
        if planned & {PlannedAction.UPDATE, PlannedAction.DELETE}:
            _change_records(work, commit)
        work.progress.part(0.5, 0.8)
        if PlannedAction.CREATE in planned:
            _create_records(work, commit.now)
        work.progress.part(0.8, 1.0)
        _write_outcomes(work, commit)
        mark_applied(work, Phase.PROCESSING, commit, counts)
        work.progress.before_commit()


def _plan_again(work: Work) -> None:
    """Match again what was matched against an older store; rows that no longer can be are named for what they are."""
    work.create("former_plan", "SELECT row_number, action FROM plan")
    reset_from(work.connection, Phase.PREPARSING)
    if work.several is not None:
        leave_conflicting(work)
    p2_preparsing.run(work)
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
            code = '{CHANGED_SINCE_PLAN}',
            phase = 'processing',
            message = 'The stored records changed while this import was planned. ' || message
        WHERE level = 'error' AND phase <> 'prevalidation' AND {changed}
        """)
    work.execute(f"UPDATE plan SET reason = '{CHANGED_SINCE_PLAN}' WHERE {changed}")
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
    books = quoted_list([name for name in HISTORY_COLUMNS if name != "row_number"])
    images = f"SELECT * EXCLUDE ({books}) FROM {history_table(work.record_type)}"
    keep_before(
        work,
        f"{images} WHERE import_id = $import_id AND row_number IS NOT NULL",
        ["*"],
        Parameters(import_id=work.import_id),
    )
    # What was found anew, in a store that holds this import already, is not what was found before it was written.
    gone_in = "SELECT row_number FROM plan WHERE action NOT IN ('fail', 'skip')"
    for table in ("defects", "left_out"):
        work.execute(f"DELETE FROM {table} WHERE phase <> 'prevalidation' AND row_number IN ({gone_in})")


def _change_records(work: Work, commit: Commit) -> None:
    """Update and delete, with before-images.

    An update is a deletion and an insertion: for a value changed in place DuckDB rewrites its whole column chunk.
    """
    for action, operation in (("update", "updated"), ("delete", "deleted")):
        rows = f"SELECT row_number FROM plan WHERE action = {literal(action)}"
        keep_before_image(work, f"SELECT * FROM before WHERE row_number IN ({rows})", operation, commit)
    if work.spec.action is Action.DELETE and clears(work):
        clear_references(work, "SELECT record_id FROM plan WHERE action = 'delete'", commit)
    table = store_table(work.record_type.table)
    work.execute(f"DELETE FROM {table} WHERE id IN (SELECT record_id FROM plan WHERE action IN ('update', 'delete'))")
    after = changed_fields(work)
    replaced = "".join(f", {sql} AS {quote(name)}" for name, sql in after.items())
    for part in slices(work):
        work.execute(
            f"""
            INSERT INTO {table} BY NAME
            SELECT *, {digest_sql(record_columns(work.record_type))} AS digest
            FROM (
                SELECT
                    stored.* EXCLUDE ({quoted_list(["row_number", *after, *CHANGED, DIGEST])}){replaced},
                    {bookkeeping(work.import_of("stored.row_number"), *CHANGED)}
                FROM before AS stored
                JOIN {incoming(work)} AS incoming ON incoming.row_number = stored.row_number
                WHERE stored.row_number IN (SELECT row_number FROM plan WHERE action = 'update')
                    AND {part.holds("incoming.row_number")}
            )
            """,
            {"now": commit.now},
        )


def _create_records(work: Work, now: datetime) -> None:
    present = set(work.columns_of("transformed"))
    columns = [field.name for field in work.record_type.fields if field.name in present]
    columns += [EXTRA] if EXTRA in present else []
    cells = "".join(f"incoming.{quote(name)}, " for name in columns)
    for part in slices(work):
        work.execute(
            f"""
            INSERT INTO {store_table(work.record_type.table)} BY NAME
            SELECT *, {digest_sql(["id", *columns, *BOOKKEEPING])} AS digest
            FROM (
                SELECT plan.record_id AS id, {cells}{bookkeeping(work.import_of("plan.row_number"), *BOOKKEEPING)}
                FROM {incoming(work)} AS incoming
                JOIN plan ON plan.row_number = incoming.row_number AND plan.action = 'create'
                WHERE {part.holds("incoming.row_number")}
            )
            """,
            {"now": now},
        )


def _write_outcomes(work: Work, commit: Commit) -> None:
    work.execute(
        f"""
        INSERT INTO {store_table("row_outcomes")} BY NAME
        SELECT
            {commit.sequence_of(work, "plan.row_number")} AS mark_sequence,
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
