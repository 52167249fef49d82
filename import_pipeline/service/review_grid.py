"""The grid of a review: the failing rows of an import in their order, kept in memory with their cells as they stand.

Made of what was published of the import, and brought up to date by the steps of its review that the registry knows,
whichever process took them. Which grids a process keeps is in `kept_grids.py`, what is asked of them in
`review_pages.py` and `review_operations.py`.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from import_pipeline.intake.structural_defects import LEFT_OUT as REASON_LEFT_OUT
from import_pipeline.phases.results import DEFECTS
from import_pipeline.service import published
from import_pipeline.sql import parquet
from import_pipeline.stores import corrections
from import_pipeline.stores.corrections import WHOLE_ROW
from import_pipeline.stores.published import Published
from import_pipeline.stores.workspace import instance_config, lock_down
from import_pipeline.words import DefectLevel

if TYPE_CHECKING:
    from pathlib import Path

    from import_pipeline.home import Home

ROW = 0
"""The place of what is said of a row as a whole; columns count from 1."""
IS_ERROR = f"level = '{DefectLevel.ERROR}'"
LEFT_OUT_ROWS = f"SELECT row_number FROM latest WHERE place = {ROW} AND text IS NOT NULL"
"""SELECT of the rows that are left out now."""
CHANGED_CELLS = f"""
    SELECT latest.row_number, latest.place
    FROM latest JOIN lines USING (row_number)
    WHERE latest.place <> {ROW} AND latest.text IS DISTINCT FROM lines.cells[latest.place]"""
"""SELECT of the cells that say something else than when they were last validated."""
_TABLES = f"""
    CREATE TABLE texts (operation BIGINT, row_number BIGINT, place INTEGER, text VARCHAR);
    CREATE TABLE latest (row_number BIGINT, place INTEGER, text VARCHAR);
    CREATE TABLE groups AS
        SELECT "column", field, code, count(DISTINCT row_number) AS rows FROM faults WHERE {IS_ERROR}
        GROUP BY ALL ORDER BY rows DESC, "column" NULLS LAST, code;
"""
_KEPT_CONDITIONS = 16


@dataclass(frozen=True)
class _Found:
    """The rows that fulfil a condition, as they were found after a certain change of the review."""

    table: str
    rows: int
    seen: int


class Grid:
    """The failing rows of one import, and those that a person left out.

    Tables of its connection: `lines` (position, row_number, is_failing, was_left_out, cells: as they were last
    validated), `faults` (their defects), `groups` (how many rows have which defect), `texts` (what operations gave
    cells; operation 0 is the file), `latest` (what these cells say now).

    Args:
        home: The home.
        about: What the registry says of the results.
        files: The results on this host.
    """

    def __init__(self, home: "Home", about: Published, files: "dict[str, Path]") -> None:
        import duckdb

        self.about = about
        self.columns = {name: place for place, (name, given) in enumerate(about.columns, start=1) if given}
        """The columns whose cells may be corrected: name → place in the file."""
        self._seen = 0
        self._found: dict[tuple[object, ...], _Found] = {}
        self._made = 0
        self.connection = duckdb.connect(config=instance_config(home.settings, f"review-{secrets.token_hex(8)}"))
        try:
            lock_down(self.connection, list(files.values()))
            self._load(files)
            self.cells = len(about.columns) * self.number("SELECT count(*) FROM lines")
        except BaseException:  # an interruption, too, leaves nothing open
            self.connection.close()
            raise

    def _load(self, files: "dict[str, Path]") -> None:
        none = {"rows": published.NO_ROWS, "defects": published.NO_DEFECTS}
        rows, defects = (
            f"SELECT * FROM {parquet(files[name])}" if name in files else none[name] for name in ("rows", "defects")
        )
        known = [name for (name,) in self.connection.execute(f"SELECT column_name FROM (DESCRIBE {rows})").fetchall()]
        uncorrected = "uncorrected" if "uncorrected" in known else "NULL"  # results of earlier versions have none
        self.connection.execute(
            f"""
            CREATE TEMPORARY TABLE failing AS
            SELECT DISTINCT row_number FROM ({defects}) WHERE row_number IS NOT NULL AND {IS_ERROR}
            """
        )
        self.connection.execute(
            f"""
            CREATE TABLE lines AS
            SELECT row_number() OVER (ORDER BY row_number) - 1 AS position, *
            FROM (
                SELECT row_number, row_number IN (SELECT row_number FROM failing) AS is_failing,
                    coalesce(reason = '{REASON_LEFT_OUT}', false) AS was_left_out, cells, {uncorrected} AS uncorrected
                FROM ({rows})
                WHERE row_number IN (SELECT row_number FROM failing) OR reason = '{REASON_LEFT_OUT}'
            )
            ORDER BY row_number
            """
        )
        self.connection.execute(
            f"""
            CREATE TABLE faults AS
            SELECT {DEFECTS} FROM ({defects}) WHERE row_number IN (SELECT row_number FROM lines)
            ORDER BY row_number, field, code
            """
        )
        self.connection.execute(_TABLES)
        self.connection.execute(
            """
            INSERT INTO texts
            SELECT 0, row_number, cell.place, cell.text
            FROM (SELECT row_number, unnest(uncorrected) AS cell FROM lines WHERE uncorrected IS NOT NULL)
            """
        )
        self.connection.execute("ALTER TABLE lines DROP COLUMN uncorrected")
        self.connection.execute("INSERT INTO latest SELECT row_number, place, text FROM texts")

    def close(self) -> None:
        """Let the memory go."""
        self.connection.close()

    def catch_up(self, connection: Connection) -> bool:
        """Take over what was done and undone in the review since, whoever did it.

        Args:
            connection: A transaction of the registry.

        Returns:
            Whether there was anything.
        """
        changes = corrections.changes_since(connection, self.about.import_id, self._seen)
        if changes.last == self._seen:
            return False
        given = corrections.texts_of(connection, self.about.import_id, changes.done) if changes.done else None
        with self._transaction():
            self.connection.execute("CREATE OR REPLACE TEMPORARY TABLE touched (row_number BIGINT, place INTEGER)")
            if changes.undone:
                of_undone = "operation IN (SELECT unnest($numbers::BIGINT[]))"
                numbers = {"numbers": changes.undone}
                taken_back = f"SELECT row_number, place FROM texts WHERE {of_undone}"
                self.connection.execute(f"INSERT INTO touched {taken_back}", numbers)
                self.connection.execute(f"DELETE FROM texts WHERE {of_undone}", numbers)
            if given is not None:
                self._add(given)
            self.connection.execute(
                """
                DELETE FROM latest USING touched
                WHERE latest.row_number = touched.row_number AND latest.place = touched.place
                """
            )
            self.connection.execute(
                """
                INSERT INTO latest
                SELECT row_number, place, text FROM texts SEMI JOIN touched USING (row_number, place)
                QUALIFY row_number() OVER (PARTITION BY row_number, place ORDER BY operation DESC) = 1
                """
            )
        self._seen = changes.last
        return True

    def take_over(self, number: int) -> None:
        """Take over a step that was kept in the registry: what it changed is in `changes`, and nothing came before it.

        Args:
            number: The step.
        """
        with self._transaction():
            self.connection.execute(
                "INSERT INTO texts SELECT $number, row_number, place, text FROM changes", {"number": number}
            )
            self.connection.execute(
                "DELETE FROM latest USING changes "
                "WHERE latest.row_number = changes.row_number AND latest.place = changes.place"
            )
            self.connection.execute("INSERT INTO latest SELECT row_number, place, text FROM changes")
        self._seen = number

    def _add(self, given: Any) -> None:
        """Take over texts of the registry, as far as they are of these rows."""
        self.connection.register("given", given)
        names = {"names": [WHOLE_ROW, *self.columns], "places": [ROW, *self.columns.values()]}
        for table, columns in (("texts", "operation, row_number, place, text"), ("touched", "row_number, place")):
            self.connection.execute(
                f"""
                INSERT INTO {table}
                SELECT {columns}
                FROM given
                JOIN (SELECT unnest($names) AS column_name, unnest($places) AS place) AS named USING (column_name)
                SEMI JOIN lines USING (row_number)
                """,
                names,
            )
        self.connection.unregister("given")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.begin()
        try:
            yield
            self.connection.commit()
        except BaseException:  # an interruption, too, leaves nothing open
            self.connection.rollback()
            raise

    def matching(self, key: tuple[object, ...], condition: str, parameters: dict[str, Any]) -> tuple[str, int]:
        """The rows of `lines` that fulfil a condition, in their order, kept for the pages that follow.

        Args:
            key: Tells this condition, with its values, from others.
            condition: SQL over `lines`.
            parameters: Its values.

        Returns:
            The name of a table with position (among what was found) and row_number, and how many rows it has.
        """
        kept = self._found.pop(key, None)
        if kept is not None and kept.seen == self._seen:
            self._found[key] = kept  # the one that was asked for last
            return kept.table, kept.rows
        forgotten = [kept] if kept is not None else []
        if len(self._found) >= _KEPT_CONDITIONS:
            forgotten.append(self._found.pop(next(iter(self._found))))
        for one in forgotten:
            self.connection.execute(f"DROP TABLE {one.table}")
        self._made += 1
        table = f"matching_{self._made}"
        rows = self.number(
            f"""
            CREATE TABLE {table} AS
            SELECT row_number() OVER (ORDER BY position) - 1 AS position, row_number FROM lines WHERE {condition}
            ORDER BY position
            """,
            parameters,
        )
        self._found[key] = _Found(table, rows, self._seen)
        return table, rows

    def dictionaries(self, select: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a small SELECT as dictionaries."""
        cursor = self.connection.execute(select, parameters or None)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def number(self, select: str, parameters: dict[str, Any] | None = None) -> int:
        """The one number that a statement gives."""
        row = self.connection.execute(select, parameters or None).fetchone()
        return int(row[0]) if row else 0
