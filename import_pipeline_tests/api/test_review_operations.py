"""Steps over many cells of a review over HTTP: counted, taken, undone, and what ends up stored."""

from typing import Any

import pytest

from import_pipeline_tests.api.reviewing import Reviewed, waiting
from import_pipeline_tests.api.serving import Served

GUESTS = (
    "Email,Name,Seats\n"
    "ann at example.com,Ann,2\n"
    "bob AT example.com, Bob ,2\n"
    "eve@example.com,,2\n"
    "cyd.at@,Cyd,n\n"
    "dan@example.com,Dan,4\n"
)


def operate(review: Reviewed, **body: Any) -> dict[str, Any]:
    return review.client.post(f"{review.path}/operations", body)


def test_find_and_replace_is_counted_taken_and_stored(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    asked = {"kind": "replace", "find": " at ", "replace": "@", "columns": ["Email"]}
    dry = operate(review, **asked, dry_run=True)
    assert (dry["operation_id"], dry["cells"], dry["rows"]) == (None, 2, 2)
    assert dry["samples"] == [
        {"row_number": 1, "column": "Email", "before": "ann at example.com", "after": "ann@example.com"},
        {"row_number": 2, "column": "Email", "before": "bob AT example.com", "after": "bob@example.com"},
    ]
    assert review.summary()["corrected_cells"] == 0, "nothing was changed by asking"
    assert operate(review, **asked, match_case=True, dry_run=True)["cells"] == 1
    assert operate(review, **asked)["cells"] == 2
    assert operate(review, **asked) == {"operation_id": None, "cells": 0, "rows": 0, "samples": []}
    done = review.submit(invalid_data="remove_rows")
    assert done["created_count"] == 3
    assert review.stored() == [
        ("ann@example.com", "Ann", 2),
        ("bob@example.com", "Bob", 2),
        ("dan@example.com", "Dan", 4),
    ]


def test_cells_are_set_emptied_and_trimmed_where_a_filter_says(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    assert operate(review, kind="set", text="Nobody", columns=["Name"], filter={"code": "missing_value"})["cells"] == 1
    assert operate(review, kind="clear", columns=["Seats"], row_numbers=[4])["cells"] == 1
    assert operate(review, kind="trim")["samples"] == [
        {"row_number": 2, "column": "Name", "before": " Bob ", "after": "Bob"}
    ]
    assert operate(review, kind="replace", find="2", replace="3", whole_cell=True, filter={"q": "EVE"})["cells"] == 1
    assert review.cells() == {
        1: {"Email": "ann at example.com", "Name": "Ann", "Seats": "2"},
        2: {"Email": "bob AT example.com", "Name": "Bob", "Seats": "2"},
        3: {"Email": "eve@example.com", "Name": "Nobody", "Seats": "3"},
        4: {"Email": "cyd.at@", "Name": "Cyd", "Seats": None},
    }
    assert operate(review, kind="replace", find="", replace="1", whole_cell=True, columns=["Seats"])["cells"] == 1
    assert review.cells()[4]["Seats"] == "1"


def test_what_is_sought_is_a_text_and_no_pattern(served_local: Served) -> None:
    review = waiting(served_local, "Email,Name,Seats\na.b*c\\d@,x.*y\\1 ÄÖ,1\n")
    assert operate(review, kind="replace", find="X.*Y\\1 äö", replace="\\0$1\\", dry_run=True)["samples"] == [
        {"row_number": 1, "column": "Name", "before": "x.*y\\1 ÄÖ", "after": "\\0$1\\"}
    ]
    assert operate(review, kind="replace", find="a-b", replace="", dry_run=True)["cells"] == 0


def test_rows_are_left_out_by_filter_and_taken_in_again_by_undoing(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    left = operate(review, kind="leave_out", filter={"column": "Email"})
    assert (left["cells"], left["rows"]) == (3, 3)
    assert review.numbers(state="left_out") == [1, 2, 4]
    assert operate(review, kind="set", text="x", columns=["Name"], dry_run=True)["cells"] == 1, "not in rows left out"
    assert review.client.post(f"{review.path}/operations/{left['operation_id']}/undo") == {"cells": 3}
    assert review.numbers(state="left_out") == []
    operate(review, kind="leave_out")
    done = review.submit()
    assert (done["status"], done["created_count"], done["skipped_count"]) == ("completed", 1, 4)


def test_a_step_is_undone_after_those_that_came_later_on_its_cells(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    former = review.cells()
    first = operate(review, kind="set", text="0", columns=["Seats"])["operation_id"]
    second = review.correct({"row_number": 2, "cells": {"Seats": "7"}}).json()["operation_id"]
    refused = review.client.call("POST", f"{review.path}/operations/{first}/undo")
    assert refused.status_code == 409
    assert f"Undo step {second} first" in refused.json()["error"]["message"]
    assert review.client.post(f"{review.path}/operations/{second}/undo") == {"cells": 1}
    assert {cells["Seats"] for cells in review.cells().values()} == {"0"}
    assert review.client.post(f"{review.path}/operations/{first}/undo") == {"cells": 4}
    assert review.cells() == former
    assert review.summary()["operations"] == []
    assert review.client.call("POST", f"{review.path}/operations/{first}/undo").status_code == 404


def test_a_step_is_undone_even_after_the_import_was_validated_with_it(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    step = operate(review, kind="set", text="Nobody", columns=["Name"])["operation_id"]
    review.submit()
    assert {cells["Name"] for cells in review.cells().values()} == {"Nobody"}
    assert review.rows(state="corrected")["rows"] == []
    review.client.post(f"{review.path}/operations/{step}/undo")
    assert [cells["Name"] for cells in review.cells().values()] == ["Ann", " Bob ", "Cyd"]
    assert review.rows(state="corrected")["matching_rows"] == 3, "they say something else than when last validated"
    operate(review, kind="replace", find=" at ", replace="@")
    review.submit(invalid_data="remove_rows")
    assert ("bob@example.com", "Bob", 2) in review.stored()


def test_a_step_that_is_sent_twice_under_one_key_is_taken_once(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    path, body = f"{review.path}/operations", {"kind": "replace", "find": "a", "replace": "aa", "columns": ["Name"]}
    first, second = (review.client.post(path, body, Idempotency_Key="once") for _ in range(2))
    assert (first["operation_id"], first["cells"], first["rows"]) == (1, 1, 1)
    assert second == first | {"samples": []}
    assert review.cells()[1]["Name"] == "aann"
    undone = [review.client.post(f"{path}/1/undo", Idempotency_Key="back") for _ in range(2)]
    assert undone == [{"cells": 1}, {"cells": 1}]
    nothing = [review.client.post(path, body | {"find": "zz"}, Idempotency_Key="none")["cells"] for _ in range(2)]
    assert nothing == [0, 0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "replace", "find": "a"}, 422),
        ({"kind": "set"}, 422),
        ({"kind": "clear", "text": "a"}, 422),
        ({"kind": "replace", "find": "", "replace": "a"}, 400),
        ({"kind": "trim", "columns": ["Mail"]}, 400),
        ({"kind": "set", "text": "a\x00"}, 400),
        ({"kind": "edit"}, 422),
    ],
)
def test_a_step_that_cannot_be_meant_is_refused(served_local: Served, body: dict[str, Any], status: int) -> None:
    review = waiting(served_local, GUESTS)
    assert review.client.call("POST", f"{review.path}/operations", body).status_code == status


def test_a_step_changes_nothing_for_readers_strangers_and_ended_imports(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    path, step = f"{review.path}/operations", {"kind": "clear"}
    assert served_local.client().call("POST", path, step).status_code == 404
    assert served_local.client(review.client.organization, "read").call("POST", path, step).status_code == 403
    review.submit(invalid_data="remove_rows")
    assert review.client.call("POST", path, step).status_code == 409
    assert review.client.call("POST", path, step | {"dry_run": True}).status_code == 409
