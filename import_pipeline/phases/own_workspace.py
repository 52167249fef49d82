"""The workspace of one import of a batch of several: what the batch found of it, numbered as in its file."""

from dataclasses import replace

from import_pipeline.phases import p1_prevalidation as p1
from import_pipeline.phases import p3_transforming
from import_pipeline.phases.batch import Member, Members
from import_pipeline.phases.linking import tables_of_links
from import_pipeline.phases.names import explicit_fields
from import_pipeline.phases.work import Work, record_prefix
from import_pipeline.sql import literal, quote


def give_its_own(work: Work, member: Member, own: str) -> Work:
    """Put what one import has in the workspace of several into its own.

    Args:
        work: The batch, whose connection stands in its workspace.
        member: The import.
        own: The name of the attached database that is its own workspace.

    Returns:
        The work of that import; the connection stands in its workspace.
    """
    (shared,) = work.execute("SELECT current_database()").fetchone() or ("",)
    selects = {
        "source_text": f"SELECT * FROM {{}} WHERE rowid >= {member.before} AND rowid < {member.last}",
        "source_columns": "SELECT * FROM {}",
        "overwritten": "SELECT * FROM {}",
    }
    prefix = record_prefix(work.spec.organization, work.record_type.name, member.import_id)
    of_rows = f"SELECT * REPLACE (row_number - {member.before} AS row_number) FROM {{}}"
    of_rows += f" WHERE row_number > {member.before} AND row_number <= {member.last}"
    of_import = f"SELECT * FROM {{}} WHERE prefix = {literal(prefix)}"
    selects |= dict.fromkeys(tables_of_links(work), of_import)
    if explicit_fields(work):
        selects["reference_names"] = "SELECT * FROM {}"
    selects |= dict.fromkeys(("typed_rows", "defects", "left_out", "plan", "before"), of_rows)
    work.execute(f"USE {quote(own)}")
    work.execute("BEGIN TRANSACTION")
    for table, select in selects.items():
        work.execute(f"CREATE TABLE {table} AS {select.format(f'{quote(shared)}.main.{table}')}")
    alone = replace(work, import_id=member.import_id, members=Members())
    p1.show_rows(alone)
    p3_transforming.add_tags_and_groups(alone)
    work.execute("COMMIT")
    return alone
