"""The review over HTTP: summary, pages, corrections, rows left out; what ends up stored after it is submitted."""

from import_pipeline_tests.api.reviewing import waiting
from import_pipeline_tests.api.serving import Served

GUESTS = (
    "Email,Name,Seats\nann@example.com,Ann,2\nbob@,Bob,0\neve@example.com,,many\ncyd@,Cyd,1\ndan@example.com,Dan,4\n"
)


def test_the_summary_tells_what_is_wrong_in_how_many_rows(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    found = review.summary()
    assert (found["failing_rows"], found["corrected_cells"], found["left_out_rows"]) == (3, 0, 0)
    assert [(one["column"], one["code"], one["rows"]) for one in found["groups"]] == [
        ("Email", "invalid_email", 2),
        ("Name", "missing_value", 1),
        ("Seats", "invalid_integer", 1),
        ("Seats", "out_of_bounds", 1),
    ]
    assert all(one["title"] for one in found["groups"])
    assert found["operations"] == []


def test_rows_are_paged_and_filtered_by_what_is_wrong_and_what_they_say(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    page = review.rows(offset=1, limit=1)
    assert (page["columns"], page["offset"]) == (["Email", "Name", "Seats"], 1)
    assert (page["matching_rows"], page["failing_rows"]) == (3, 3)
    assert [row["row_number"] for row in page["rows"]] == [3]
    assert page["rows"][0]["cells"] == {"Email": "eve@example.com", "Name": None, "Seats": "many"}
    assert {one["code"] for one in page["rows"][0]["defects"]} == {"missing_value", "invalid_integer"}
    assert review.numbers(column="Email") == [2, 4]
    assert review.numbers(column="Seats", code="out_of_bounds") == [2]
    assert review.numbers(q="CYD") == [4]
    assert review.numbers(q="", code="", column="") == [2, 3, 4]
    assert review.numbers(q="%") == [], "a search is for the text, not for a pattern"
    assert review.client.call("GET", f"{review.path}/rows?column=Mail").status_code == 400


def test_a_corrected_cell_is_shown_and_found_as_it_stands_now(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    answer = review.correct({"row_number": 2, "cells": {"Email": "bob@example.com", "Seats": "3"}}).json()
    assert (answer["corrected_cells"], answer["operation_id"]) == (2, 1)
    [row] = review.rows(q="bob@example")["rows"]
    assert (row["row_number"], row["corrected"]) == (2, ["Email", "Seats"])
    assert review.numbers(state="corrected") == [2]
    assert review.numbers(state="open") == [3, 4]
    assert review.numbers(q="bob@,") == []
    review.correct({"row_number": 2, "cells": {"Seats": "0"}})
    assert review.rows(state="corrected")["rows"][0]["corrected"] == ["Email"], "it says again what it said"
    found = review.summary()
    assert (found["failing_rows"], found["corrected_cells"]) == (3, 1)
    assert [(one["id"], one["kind"], one["cells"], one["text"]) for one in found["operations"]] == [
        (2, "edit", 1, "Edited Seats of row 2"),
        (1, "edit", 2, "Edited Email, Seats of row 2"),
    ]


def test_a_row_that_is_left_out_is_skipped_with_its_reason_in_all_counts(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    review.correct({"row_number": 2, "left_out": True}, {"row_number": 3, "left_out": True})
    review.correct({"row_number": 3, "left_out": False, "cells": {"Name": "Eve", "Seats": "5"}})
    assert review.numbers(state="left_out") == [2]
    assert review.summary()["left_out_rows"] == 1
    again = review.submit()
    assert (again["status"], again["failed_count"]) == ("needs_review", 1)
    assert review.numbers() == [2, 4], "what was left out stays in sight"
    assert [row["left_out"] for row in review.rows()["rows"]] == [True, False]
    assert review.numbers(state="open") == [4]
    review.correct({"row_number": 4, "cells": {"Email": "cyd@example.com"}})
    done = review.submit()
    assert done["status"] == "completed"
    assert (done["created_count"], done["skipped_count"], done["failed_count"]) == (4, 1, 0)
    assert done["total_rows"] == done["processed_rows"] == 5
    assert "1 row was left out in the review." in done["reason"]
    assert review.stored() == [
        ("ann@example.com", "Ann", 2),
        ("cyd@example.com", "Cyd", 1),
        ("dan@example.com", "Dan", 4),
        ("eve@example.com", "Eve", 5),
    ]


def test_a_row_that_was_left_out_comes_back_before_the_import_goes_on(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    review.correct({"row_number": 2, "left_out": True})
    review.submit()
    review.correct({"row_number": 2, "left_out": False, "cells": {"Email": "bob@example.com", "Seats": "1"}})
    assert review.numbers(state="corrected") == [2]
    done = review.submit(invalid_data="remove_rows")
    assert (done["created_count"], done["skipped_count"], done["failed_count"]) == (3, 0, 2)
    assert ("bob@example.com", "Bob", 1) in review.stored()


def test_a_row_of_a_correction_says_something(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    assert review.correct({"row_number": 2}).status_code == 422
    assert review.correct({"row_number": 2, "cells": {"Name": "a\x00b"}}).status_code == 400
    assert review.correct({"row_number": 9, "left_out": True}).status_code == 400


def test_another_organization_does_not_see_the_review(served_local: Served) -> None:
    review, other = waiting(served_local, GUESTS), served_local.client()
    for path in ("summary", "rows"):
        assert other.call("GET", f"{review.path}/{path}").status_code == 404
