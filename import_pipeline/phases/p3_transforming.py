"""Phase 3, transforming: tags are added, and each row gets the stored record that it means.

Makes `transformed` (the rows with the import's tags and groups); `matching.py` makes `candidates` (row → every record
that it may mean) and `targets` (row → the one record that it means). Rows without a target are new or, where they carry
an id, unknown.
"""

from import_pipeline.phases import p2_preparsing
from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.explicit import default_column
from import_pipeline.phases.exported_ids import keep_released_ids, release_unknown_ids
from import_pipeline.phases.lists import LIST_TYPE, each_once, has_entry
from import_pipeline.phases.matching import are_all_matched, find_targets, match_anew, note_what_is_matched
from import_pipeline.phases.work import Work
from import_pipeline.sql import literal, quote
from import_pipeline.stores.workspace import reset_from
from import_pipeline.words import Phase


def run(work: Work) -> None:
    """Add tags, find the record that each row means, and leave out the rows that mean none or several."""
    if work.several is None:  # of several imports, what conflicts is found by the store as it was before phase 2
        note_what_is_matched(work)
    if release_unknown_ids(work):
        match_anew(work)
        reset_from(work.connection, Phase.PREPARSING)
        p2_preparsing.run(work)
    keep_released_ids(work)
    if not are_all_matched(work):
        find_targets(work)
    add_tags_and_groups(work)
    find_defects(work, Phase.TRANSFORMING)


def add_tags_and_groups(work: Work) -> None:
    """Make the view `transformed`: `rows`, with the import's tags, groups and default source on each of them."""
    spec, present = work.spec, work.row_fields()
    known = {field.name for field in work.record_type.fields}
    expressions = {
        field.name: f"nullif({each_once(quote(field.name))}, [])"
        for field in work.record_type.fields
        if field.name in present and field.type.sql_type == LIST_TYPE
    }
    if "groups" in known and spec.groups and not spec.import_by_group:
        expressions["groups"] = _joined(_own("groups", present), _list(spec.groups))
    if "tags" in known and (spec.tags or spec.group_tags):
        groups = expressions.get("groups", _own("groups", present))
        pairs = [
            f"CASE WHEN {has_entry(groups, literal(group))} THEN {_list(tags)} ELSE []::VARCHAR[] END"
            for group, tags in spec.group_tags.items()
        ]
        expressions["tags"] = _joined(_own("tags", present), _list(spec.tags), *pairs)
    if "source" in known and spec.default_source is not None:
        own = '"source"' if "source" in present else "NULL"
        expressions |= {
            "source": f"coalesce({own}, {literal(spec.default_source)})",
            default_column("source"): f"{own} IS NULL",
        }
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
    """SQL of lists one after the other, each entry once, in the order in which it first stands; NULL for no entry."""
    joined = lists[0]
    for other in lists[1:]:
        joined = f"list_concat({joined}, {other})"
    return f"nullif({each_once(joined)}, [])"
