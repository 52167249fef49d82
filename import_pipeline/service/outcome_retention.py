"""Keeping house in record stores: rows that changed nothing are forgotten, and what many small writes left is joined.

Of imports that cannot be undone any more, a store keeps what they wrote.
The table `row_outcomes` gets a line for each row of every import. Those of created, updated and deleted records stay
with their history for ever, for changes are read from them (`stores/record_changes.py`). What was unchanged, skipped or
failed is counted in the registry, and is needed only while the import can still be finished, looked at row by row, or
undone.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from import_pipeline.errors import StoreError
from import_pipeline.sql import literal
from import_pipeline.stores import retention
from import_pipeline.stores.record_stores.extensions import new_instance
from import_pipeline.stores.records import attached_store, keep_in_order, organizations, store_table, transaction
from import_pipeline.words import Outcome

if TYPE_CHECKING:
    import duckdb

    from import_pipeline.home import Home
    from import_pipeline.service.retention import House

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 1_000_000
"""About so many lines go in one transaction, so that nobody waits long for the store; those of one import at least."""
_KEPT = (Outcome.CREATED, Outcome.UPDATED, Outcome.DELETED)


def clear_outcomes(home: "Home", house: "House") -> None:
    """Remove the lines of rows that changed nothing, of imports that ended more than `undo_days` ago.

    Then each store is brought into order, where its kind needs that. A store that is in use, or does not open, is left
    for the next round.
    """
    for organization in organizations(house.settings):
        if not house.has_time():
            return
        try:
            _clear_store(home, house, organization)
            if not house.dry_run:
                keep_in_order(house.settings, organization)
        except StoreError as error:
            log.warning("The record store of %s is left for the next round: %s", organization, error.message)
            house.unfinished = True


def _clear_store(home: "Home", house: "House", organization: str) -> None:
    with new_instance() as connection:
        with attached_store(connection, house.settings, organization):
            found = _imports_with_such_lines(connection, house)
        over = _over(home, house, [import_id for import_id, _ in found])
        cleared = house.cleared["outcomes"]
        for imports, lines in _portions([one for one in found if one[0] in over]):
            if not house.has_time():
                return
            cleared.add(lines)
            if not house.dry_run:
                with attached_store(connection, house.settings, organization, write=True):
                    _delete(connection, imports)


def _imports_with_such_lines(connection: "duckdb.DuckDBPyConnection", house: "House") -> list[tuple[str, int]]:
    """Imports written before undoing ends that have lines of rows that changed nothing, with their number, in order."""
    before = datetime.fromtimestamp(house.now - house.settings.undo_days * 86_400, UTC).replace(tzinfo=None)
    return connection.execute(
        f"""
        SELECT lines.import_id, lines.count
        FROM (
            SELECT import_id, count(*) AS count FROM {store_table("row_outcomes")}
            WHERE {_changed_nothing()}
            GROUP BY import_id
        ) AS lines
        JOIN (
            SELECT import_id, max(sequence) AS sequence, max(applied_at) AS applied_at
            FROM {store_table("applied_imports")}
            GROUP BY import_id
        ) AS marks ON marks.import_id = lines.import_id
        WHERE marks.applied_at < $before
        ORDER BY marks.sequence
        """,
        {"before": before},
    ).fetchall()


def _over(home: "Home", house: "House", import_ids: list[str]) -> set[str]:
    """Those that cannot be undone any more; those that the registry has forgotten were over before."""
    unknown = set(import_ids) - retention.among_known(home.registry, import_ids)
    return unknown | retention.among_overdue(home.registry, import_ids, house.overdue(house.settings.undo_days))


def _portions(found: list[tuple[str, int]]) -> Iterator[tuple[list[str], int]]:
    imports, lines = list[str](), 0
    for import_id, count in found:
        imports.append(import_id)
        lines += count
        if lines >= ROWS_AT_ONCE:
            yield imports, lines
            imports, lines = [], 0
    if imports:
        yield imports, lines


def _delete(connection: "duckdb.DuckDBPyConnection", imports: list[str]) -> None:
    with transaction(connection):
        connection.execute(
            f"""
            DELETE FROM {store_table("row_outcomes")}
            WHERE {_changed_nothing()} AND import_id IN (SELECT unnest($imports::VARCHAR[]))
            """,
            {"imports": imports},
        )


def _changed_nothing() -> str:
    return f"outcome NOT IN ({', '.join(literal(str(outcome)) for outcome in _KEPT)})"
