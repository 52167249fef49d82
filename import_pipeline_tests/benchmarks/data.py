"""Deterministic data of the benchmarks: the contacts file and the record store that it is imported into.

Everything is computed by DuckDB from the row's number, so the same numbers always give the same bytes.
Files are kept in a folder and made once.
"""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from import_pipeline.settings import Settings
from import_pipeline.sql import quote, quoted_list
from import_pipeline.stores.record_stores.file_store import store_path
from import_pipeline.stores.records import attached_store
from import_pipeline.words import DEFAULT_ORGANIZATION

GENERATION = 1
"""Counted up whenever the data changes, so that kept files of before are not used."""

MAPPING = {
    "External ID": "external_id",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Email": "email",
    "Phone": "phone",
    "Company": "company_name",
    "City": "city",
    "Notes": "notes",
}
"""Column of the file → field of a contact."""

FIELDS = tuple(MAPPING.values())
COUNTS = ("created", "updated", "unchanged", "skipped", "failed")

# Prime, so that number * STRIDE % stored visits every stored record once, far from its neighbours in the file.
STRIDE = 1_299_709


@dataclass(frozen=True)
class Work:
    """How much there is to do: `rows` in the file, `stored` records in the store.

    Of 100 rows 3 are bad (an e-mail or a phone that is none), 1 repeats an earlier row; every other row is new, the
    rest meet stored records, a tenth of these by e-mail alone. With `unchanged_every` n, each n-th row that
    meets a record says what is stored already.
    """

    rows: int
    stored: int
    unchanged_every: int = 0

    def __post_init__(self) -> None:
        if self.stored < (self.rows + 1) // 2 or self.stored % STRIDE == 0:
            raise ValueError(
                f"{self.rows} rows need at least {(self.rows + 1) // 2} stored records, not {self.stored}: "
                "half of the rows meet one each."
            )


def contact_columns(number: str) -> dict[str, str]:
    """SQL of the fields of stored contact `number` (an SQL expression of type BIGINT)."""
    return {
        "external_id": f"'C' || lpad(({number})::VARCHAR, 8, '0')",
        "first_name": f"'Fn' || (({number}) % 5003)",
        "last_name": f"'Ln' || (({number}) % 70001)",
        "email": f"'u' || ({number}) || '@m' || (({number}) % 100) || '.example.com'",
        "phone": phone_sql(number, first_area=212),
        "company_name": f"'Firm ' || (({number}) % 20000)",
        "city": f"'City' || (({number}) % 300)",
        "notes": f"'note ' || (({number}) % 97)",
    }


def phone_sql(number: str, first_area: int) -> str:
    """SQL of a phone number that is valid and belongs to `number` alone: 8 million for each area code."""
    return f"'+1' || ({first_area} + ({number}) // 8000000) || (2000000 + ({number}) % 8000000)"


def payload(work: Work, folder: Path) -> Path:
    """Make the contacts file, or find it made.

    Args:
        work: How many rows, and how many records they may meet.
        folder: Where files are kept.

    Returns:
        A CSV file of `work.rows` rows and the eight columns of `MAPPING`, about 87 bytes a row.
    """
    name = f"contacts-{work.rows}-of-{work.stored}-{work.unchanged_every}-v{GENERATION}.csv"
    target = folder / name
    if target.exists():
        return target
    stored = contact_columns("number")
    fresh = {
        "external_id": "'N' || lpad(k::VARCHAR, 8, '0')",
        "first_name": "'Fn' || (k % 4001)",
        "last_name": "'Ln' || (k % 60001)",
        "email": "'n' || k || '@m' || (k % 100) || '.example.org'",
        "phone": phone_sql("k", first_area=412),
        "company_name": "'Firm ' || (k % 20000)",
        "city": "'City' || (k % 300)",
        "notes": "'new ' || (k % 97)",
    }
    changed = {
        "external_id": f"CASE WHEN k % 20 = 8 THEN NULL ELSE {stored['external_id']} END",
        "first_name": f"CASE WHEN k % 50 = 4 THEN ' ' ELSE '' END || {stored['first_name']}",
        "city": f"CASE WHEN as_stored THEN {stored['city']} ELSE 'Town' || (k % 300) END",
        "notes": f"CASE WHEN as_stored THEN {stored['notes']} ELSE 'call ' || (k % 89) END",
    }
    bad = {
        "email": "WHEN bad AND i // 100 % 2 = 0 THEN 'user' || i || ' at example.com'",
        "phone": "WHEN bad AND i // 100 % 2 = 1 THEN 'reception ' || i",
    }
    columns = ",\n    ".join(
        f"CASE {bad.get(field, '')} WHEN meets THEN {changed.get(field, stored[field])} ELSE {fresh[field]} END"
        f" AS {quote(column)}"
        for column, field in MAPPING.items()
    )
    as_stored = f"k // 2 % {work.unchanged_every} = 0" if work.unchanged_every else "false"
    temporary = target.with_suffix(".partial")
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            COPY (
              WITH numbers AS (
                SELECT i, CASE WHEN i % 100 = 50 THEN i - 10 + i // 100 % 2 ELSE i END AS k
                FROM range({work.rows}) AS t(i)
              ),
              kinds AS (
                SELECT *, k % 2 = 0 AS meets, k // 2 * {STRIDE} % {work.stored} AS number,
                  i % 100 IN (7, 38, 69) AS bad, {as_stored} AS as_stored
                FROM numbers
              )
              SELECT {columns}
              FROM kinds
            ) TO '{temporary}' (FORMAT csv, HEADER)
            """
        )
    temporary.rename(target)
    return target


def store(stored: int, folder: Path) -> Path:
    """Make a record store that holds `stored` contacts, or find it made.

    The tables are the ones that the pipeline makes for itself; the fields that the file has no column for are empty.
    """
    target = folder / f"store-{stored}-v{GENERATION}-{_layout(folder)}.duckdb"
    if target.exists():
        return target
    temporary = target.with_suffix(".partial")
    temporary.unlink(missing_ok=True)
    make_tables(temporary)
    columns = {
        "id": "'rec_' || left(md5('benchmark'), 16) || '_' || i",
        **contact_columns("i"),
        "created_at": "TIMESTAMP '2026-01-01 00:00:00'",
        "updated_at": "TIMESTAMP '2026-01-01 00:00:00'",
        "created_by_import": "'imp_benchmark'",
        "updated_by_import": "'imp_benchmark'",
    }
    with duckdb.connect(temporary) as connection:
        connection.execute("SET memory_limit = '2GB'")
        connection.execute(
            f"INSERT INTO contacts ({quoted_list(columns)}) SELECT {', '.join(columns.values())} "
            f"FROM range({stored}) AS t(i)"
        )
        connection.execute("CHECKPOINT")
    temporary.rename(target)
    return target


def _layout(folder: Path) -> str:
    """A short mark of the store's columns: a store that was made for an older layout is not used."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / "layout.duckdb"
        make_tables(path)
        with duckdb.connect(path) as connection:
            columns = connection.execute(
                "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
            ).fetchall()
    return hashlib.sha256(repr(columns).encode()).hexdigest()[:8]


def make_tables(path: Path) -> None:
    """Make an empty record store, by the pipeline's own code."""
    settings = Settings(home=path.parent / f"{path.name}.home")
    made = store_path(settings, DEFAULT_ORGANIZATION)
    with duckdb.connect() as connection, attached_store(connection, settings, DEFAULT_ORGANIZATION, write=True):
        pass
    made.rename(path)
    shutil.rmtree(settings.home)
