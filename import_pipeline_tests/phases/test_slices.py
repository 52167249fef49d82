"""Rows that do not fit into memory at once: what becomes of them, and what is told of it, is as of those that do."""

from typing import Any

import pytest

from import_pipeline.phases import slices
from import_pipeline.service import queries
from import_pipeline_tests.importing import Importing, counts
from import_pipeline_tests.stored import rows_of


@pytest.mark.parametrize("bytes_of_cell", [slices.BYTES_OF_CELL, 50_000_000, 10**12])
def test_rows_that_do_not_fit_into_memory_at_once_change_the_records_that_they_mean(
    importing: Importing, monkeypatch: pytest.MonkeyPatch, bytes_of_cell: int
):
    monkeypatch.setattr(slices, "BYTES_OF_CELL", bytes_of_cell)
    importing.run("external_id,first_name\n" + "".join(f"{number},Ann\n" for number in range(1, 21)))
    changed = importing.run("external_id,last_name\n" + "".join(f"{number},N{number}\n" for number in range(3, 23)))
    assert counts(changed) == {"created": 2, "updated": 18}
    stored = {record.pop("external_id"): record for record in importing.stored()}
    names = {str(number): {"first_name": "Ann"} for number in range(1, 21)}
    for number in range(3, 23):
        names.setdefault(str(number), {})["last_name"] = f"N{number}"
    assert stored == names
    images = "SELECT count(DISTINCT external_id), count(*) FROM contacts_history WHERE operation = 'updated'"
    assert rows_of(importing.settings, images) == [(18, 18)]


@pytest.mark.parametrize("action", ["merge", "overwrite"])
def test_rows_that_do_not_fit_into_memory_at_once_are_told_of_as_those_that_do(
    importing: Importing, monkeypatch: pytest.MonkeyPatch, action: str
):
    importing.run("external_id,name\nA,Acme\n", record_type="company")
    importing.run("external_id,first_name,company_external_id\n1,Ada,A\n90,Zoe,A\n91,Yan,\n")
    file = "external_id,first_name,email,company_external_id\n1,Eva,,\n" + "".join(
        f"{n},N{n},,A\n" for n in range(2, 9)
    )
    file += "9,Tom,no address,A\n"

    def told(bytes_of_cell: int) -> list[dict[str, Any]]:
        monkeypatch.setattr(slices, "BYTES_OF_CELL", bytes_of_cell)
        done = importing.run(file, action=action, dry_run=True)["id"]
        rows = queries.rows(importing.home, done, limit=100)
        return [{name: value for name, value in row.items() if name != "record_id"} for row in rows]

    whole = told(slices.BYTES_OF_CELL)
    assert [row["row_number"] for row in whole][:9] == list(range(1, 10))
    assert [row["outcome"] for row in whole] == (
        ["updated", *["created"] * 7, "failed"] + (["deleted"] * 2 if action == "overwrite" else [])
    )
    assert {"field": "company_external_id", "before": None, "after": "A"} in whole[1]["changes"]
    assert told(50_000_000) == whole
    assert told(10**12) == whole
