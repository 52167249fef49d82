"""What a team would write without the pipeline: pandas, Pandera and a merge without loops, into the same store.

`python -m import_pipeline_tests.benchmarks.with_pandas FILE STORE` prints the counts of outcomes as JSON. It is written
with care, not as a straw man: only the keys of the stored records are read, and only matched records are read whole.
Frames and series are Any, for by pandas' own annotations nearly every result may be either.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pandera.pandas as pa

from import_pipeline_tests.benchmarks.data import COUNTS, FIELDS, MAPPING

IMPORT_ID = "imp_pandas"
EMAIL = r"[A-Za-z0-9_+-]+(?:[.][A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*[.])+[A-Za-z]{2,}"
PHONE = r"[ (]*[+]?(?:[ ()./-]*[0-9]){3,20}[ ()./-]*(?:(?:x|ext|ext[.]|X|Ext|Ext[.]|EXT) ?[0-9]{1,6})?"


def schema() -> pa.DataFrameSchema:
    """The same rules as everywhere: e-mail, phone, lengths."""
    rules: dict[str, list[pa.Check]] = {field: [pa.Check.str_length(max_value=255)] for field in FIELDS}
    rules["notes"] = [pa.Check.str_length(max_value=65_535)]
    rules["email"].append(pa.Check(lambda cells: cells.str.fullmatch(EMAIL), name="invalid_email"))
    rules["phone"].append(pa.Check(lambda cells: cells.str.fullmatch(PHONE), name="invalid_phone"))
    return pa.DataFrameSchema({field: pa.Column(str, checks, nullable=True) for field, checks in rules.items()})


def run(file: Path, store: Path) -> dict[str, int]:
    """Import the file into the store.

    Returns:
        Outcome → rows.
    """
    rows: Any = pd.read_csv(file, dtype=str, keep_default_na=False).rename(columns=MAPPING)[list(FIELDS)]
    rows = rows.apply(lambda column: column.str.strip())
    rows = rows.mask(rows == "")
    rows.index = pd.RangeIndex(1, len(rows) + 1, name="row_number")

    defects: Any = pd.DataFrame(columns=["index", "column", "check", "failure_case"])
    try:
        schema().validate(rows, lazy=True)
    except pa.errors.SchemaErrors as found:
        defects = found.failure_cases
    failed = pd.Index(defects["index"].dropna().astype("int64").unique())
    good: Any = rows.drop(index=failed)
    good["email_key"] = good["email"].str.lower()
    good["phone_key"] = phone_key(good["phone"])

    identity = ("x" + good["external_id"]).fillna("e" + good["email_key"]).fillna("p" + good["phone_key"])
    repeated = identity.duplicated(keep=False)
    skipped = good.index[repeated]
    good = good[~repeated]

    with duckdb.connect(store) as connection:
        keys: Any = connection.sql("SELECT id, external_id, lower(email) AS email_key, phone FROM contacts").df()
        keys["phone_key"] = phone_key(keys.pop("phone"))
        ids: Any = match(good, keys, "external_id")
        for key in ("email_key", "phone_key"):
            ids = pd.concat([ids, match(good.drop(index=ids.index), keys, key)])
        del keys

        wanted = ids.to_frame("id").reset_index()  # noqa: F841 - DuckDB reads it by its name
        stored: Any = connection.sql("SELECT w.row_number, c.* FROM contacts AS c JOIN wanted AS w ON w.id = c.id").df()
        stored = stored.set_index("row_number")
        incoming = good.loc[stored.index, list(FIELDS)]
        after = stored.copy()
        merged = incoming.fillna(stored[list(FIELDS)])
        after[list(FIELDS)] = merged
        differs = (merged.fillna("") != stored[list(FIELDS)].fillna("")).any(axis=1)
        now = pd.Timestamp.now()
        after = after[differs].assign(updated_at=now, updated_by_import=IMPORT_ID)
        before = stored[differs].assign(import_id=IMPORT_ID, operation="updated", changed_at=now).reset_index()  # noqa: F841

        fresh = good.drop(index=ids.index)[list(FIELDS)]
        fresh = fresh.assign(
            id=f"rec_{IMPORT_ID}_" + fresh.index.astype(str),
            created_at=now,
            updated_at=now,
            created_by_import=IMPORT_ID,
            updated_by_import=IMPORT_ID,
        )
        outcomes: Any = pd.concat(
            [
                outcome(fresh.index, "created", fresh["id"]),
                outcome(after.index, "updated", after["id"]),
                outcome(stored.index[~differs], "unchanged", stored.loc[~differs, "id"]),
                outcome(skipped, "skipped", reason="duplicate_in_file"),
                outcome(failed, "failed", reason="invalid"),
            ]
        )
        defects.to_csv(store.with_suffix(".errors.csv"), index=False)

        connection.begin()
        connection.sql("INSERT INTO contacts_history BY NAME SELECT * FROM before")
        connection.sql("DELETE FROM contacts WHERE id IN (SELECT id FROM after)")
        connection.sql("INSERT INTO contacts BY NAME SELECT * FROM after")
        connection.sql("INSERT INTO contacts BY NAME SELECT * FROM fresh")
        connection.sql("INSERT INTO row_outcomes BY NAME SELECT * FROM outcomes")
        connection.execute(
            """
            INSERT INTO applied_imports BY NAME
            SELECT
              (SELECT coalesce(max(sequence), 0) + 1 FROM applied_imports) AS sequence,
              $1 AS import_id, 'contact' AS record_type, 'processing' AS phase, now()::TIMESTAMP AS applied_at
            """,
            [IMPORT_ID],
        )
        connection.commit()
    counts: Any = outcomes["outcome"].value_counts()
    return {name: int(counts.get(name, 0)) for name in COUNTS}


def phone_key(phones: Any) -> Any:
    """A phone number as it compares: its digits, after a + where it leads."""
    return phones.str.slice(0, 1).where(phones.str.startswith("+", na=False), "") + phones.str.replace(
        r"[^0-9]", "", regex=True
    )


def match(rows: Any, keys: Any, key: str) -> Any:
    """The id of the stored record that has the same key, by row number; rows without one are left out."""
    known = rows[[key]].dropna().reset_index()
    return known.merge(keys[["id", key]].dropna(), on=key).set_index("row_number")["id"]


def outcome(row_numbers: Any, name: str, ids: Any = None, reason: str | None = None) -> Any:
    """The outcome of some rows, in the columns of the store's table."""
    return pd.DataFrame(
        {
            "import_id": IMPORT_ID,
            "record_type": "contact",
            "row_number": row_numbers,
            "outcome": name,
            "record_id": None if ids is None else ids.to_numpy(),
            "reason": reason,
        }
    )


def main() -> None:
    """Run the import once and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("store", type=Path)
    arguments = parser.parse_args()
    print(json.dumps({"counts": run(arguments.file, arguments.store)}))


if __name__ == "__main__":
    main()
