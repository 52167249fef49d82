"""Phase 3, transforming: tags are added, and each row gets the stored record that it means.

Makes `transformed` (the rows with the import's tags and groups), `matches` (row → every record that it may mean) and
`targets` (row → the one record that it means). Rows without a target are new or, where they carry an id, unknown.
"""

from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.merging import each_once
from import_pipeline.phases.p2_preparsing import comparable
from import_pipeline.phases.work import ALIVE, ID_FIELD, Work
from import_pipeline.sql import Parameters, literal, quote
from import_pipeline.stores.records import store_table
from import_pipeline.words import Phase


def run(work: Work) -> None:
    """Add tags and find the record that each row means."""
    work.create("store_version", f"SELECT {store_version(work)} AS sequence")
    _add_tags_and_groups(work)
    _find_targets(work)
    find_defects(work, Phase.TRANSFORMING)


def store_version(work: Work) -> int:
    """The number of the last change of the store: while it stays, what was matched still stands."""
    return work.number(f"SELECT coalesce(max(sequence), 0) FROM {store_table('applied_imports')}")


def _add_tags_and_groups(work: Work) -> None:
    """Make the view `transformed`: `rows`, with the import's tags and groups on each of them."""
    spec, present = work.spec, work.row_fields()
    known = {field.name for field in work.record_type.fields}
    expressions: dict[str, str] = {}
    if "groups" in known and spec.groups and not spec.import_by_group:
        expressions["groups"] = _joined(_own("groups", present), _list(spec.groups))
    if "tags" in known and (spec.tags or spec.group_tags):
        groups = expressions.get("groups", _own("groups", present))
        pairs = [
            f"CASE WHEN list_contains({groups}, {literal(group)}) THEN {_list(tags)} ELSE []::VARCHAR[] END"
            for group, tags in spec.group_tags.items()
        ]
        expressions["tags"] = _joined(_own("tags", present), _list(spec.tags), *pairs)
    replaced = ", ".join(f"{sql} AS {quote(name)}" for name, sql in expressions.items())
    kept = ", ".join(quote(name) for name in expressions if name in present)
    exclusion = f" EXCLUDE ({kept})" if kept else ""
    work.execute(
        f"CREATE OR REPLACE VIEW transformed AS SELECT *{exclusion}{', ' + replaced if replaced else ''} FROM rows"
    )


def _own(field: str, present: set[str]) -> str:
    return f"coalesce({quote(field)}, []::VARCHAR[])" if field in present else "[]::VARCHAR[]"


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(literal(text) for text in texts) + "]::VARCHAR[]"


def _joined(*lists: str) -> str:
    """SQL of lists one after the other, each entry once, in the order in which it first stands."""
    joined = lists[0]
    for other in lists[1:]:
        joined = f"list_concat({joined}, {other})"
    return each_once(joined)


def _find_targets(work: Work) -> None:
    """Fill `targets` identifier by identifier, strongest first; a row that found its record is settled."""
    identifiers = work.identifiers()
    work.create("matches", "SELECT 0::BIGINT AS row_number, '' AS record_id, '' AS field WHERE false")
    for place, field in enumerate(identifiers):
        unsettled = f"{ALIVE} AND row_number NOT IN (SELECT row_number FROM matches)"
        if place and ID_FIELD in identifiers:
            unsettled += " AND key_0 IS NULL"  # a row that carries an id means that id and nothing else
        bind = Parameters()
        work.execute(
            f"""
            INSERT INTO matches
            SELECT identities.row_number, stored.id, {bind.bind(field)}
            FROM (SELECT * FROM identities WHERE key_{place} IS NOT NULL AND {unsettled}) AS identities
            JOIN {store_table(work.record_type.table)} AS stored
                ON {comparable(work, field, f"stored.{quote(field)}")} = identities.key_{place}
            {_no_stronger_contradicts(work, identifiers[:place])}
            """,
            bind,
        )
    work.create(
        "targets",
        """
        SELECT row_number, min(record_id) AS record_id, min(field) AS field, count(DISTINCT record_id) AS candidates
        FROM matches
        GROUP BY row_number
        """,
    )


def _no_stronger_contradicts(work: Work, stronger: list[str]) -> str:
    """Two records with different e-mail addresses are two, even if they share a phone."""
    conditions = []
    for place, field in enumerate(stronger):
        if field != ID_FIELD:
            stored = comparable(work, field, f"stored.{quote(field)}")
            conditions.append(f"coalesce({stored} = identities.key_{place}, true)")
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""
