"""A file that is read before its import begins: what is stored and told is what it would be anyway."""

from collections.abc import Callable
from typing import Any

import pytest

from import_pipeline.service.reading_ahead import is_worth_reading_ahead, read_ahead
from import_pipeline.stores.workspace import SMALL_BYTES, payload_path
from import_pipeline_tests.importing import Importing

_HEADER = "External ID,First name,Email,City\n"
_ROWS = [f"C{number},Ada,ada{number}@example.com,{'x' * 200}\n" for number in range(SMALL_BYTES // 200)]
_FILE = _HEADER + "".join(_ROWS) + _ROWS[0] + "bad,Bo,bo(at)example.com,\n" + ",,,\n"


def _ahead(importing: Importing, import_id: str) -> dict[str, Any]:
    assert is_worth_reading_ahead(importing.home, import_id)
    with read_ahead(importing.home, import_id):
        done = importing.go(import_id)
    assert not payload_path(importing.settings, import_id).exists()
    return done


def test_a_file_that_is_read_ahead_becomes_the_same_records_and_defects(importing: Importing) -> None:
    import_id = importing.begin(_FILE, organization="ahead")
    ahead = _ahead(importing, import_id)
    usual = importing.run(_FILE, organization="usual")
    counts = [{name: one[name] for name in one if name.endswith("_count")} for one in (ahead, usual)]
    assert counts[0] == counts[1]
    assert counts[0]["failed_count"] == 1
    assert ahead["details"]["reading"] == usual["details"]["reading"]
    assert importing.defects(import_id) == importing.defects(usual["id"])
    assert importing.stored(organization="ahead") == importing.stored(organization="usual")


@pytest.mark.parametrize("broken", [lambda text: text.replace(",", ',"', 9), lambda _: "\0" * (SMALL_BYTES + 1)])
def test_what_is_wrong_with_a_file_is_told_by_phase_1_alone(importing: Importing, broken: Callable[[str], str]) -> None:
    text = broken(_FILE)
    told = []
    for go in (lambda import_id: _ahead(importing, import_id), importing.go):
        import_id = importing.begin(text)
        try:
            found = go(import_id)
        except Exception as error:  # whatever it is, both ways have to end with it
            found = {"error": type(error).__name__, "text": str(error).replace(import_id, "ID")}
        told.append((found.get("status"), found.get("error"), found.get("text"), importing.defects(import_id)))
    assert told[0] == told[1]
