"""Rows of a review are checked over HTTP as they would be, before anything is kept."""

from typing import Any

import httpx
import pytest

from import_pipeline_tests.api.reviewing import Reviewed, waiting
from import_pipeline_tests.api.serving import Client, Served

GUESTS = "Email,Name,Seats\nann@example.com,Ann,2\nbob@,Bob,0\neve@example.com,,many\ncyd@,Cyd,1\n"


def check(review: Reviewed, *rows: dict[str, Any]) -> dict[int, list[str]]:
    found = review.client.post(f"{review.path}/check", {"rows": list(rows)})["rows"]
    return {row["row_number"]: [f"{one['column']} {one['code']}" for one in row["defects"]] for row in found}


def test_a_row_is_checked_as_it_would_be_and_nothing_is_kept(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    assert check(review, {"row_number": 2}) == {2: ["Email invalid_email", "Seats out_of_bounds"]}
    assert check(review, {"row_number": 2, "cells": {"Email": "bob@example.com", "Seats": "3"}}) == {2: []}
    assert check(review, {"row_number": 2, "cells": {"Seats": "x"}}, {"row_number": 3, "cells": {"Name": "Eve"}}) == {
        2: ["Email invalid_email", "Seats invalid_integer"],
        3: ["Seats invalid_integer"],
    }
    assert check(review, {"row_number": 4, "cells": {"Name": ""}}) == {4: ["Email invalid_email", "Name missing_value"]}
    assert review.summary()["corrected_cells"] == 0


def test_a_row_is_checked_with_the_corrections_it_has(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    review.correct({"row_number": 2, "cells": {"Email": "bob@example.com"}}, {"row_number": 4, "left_out": True})
    assert check(review, {"row_number": 2}, {"row_number": 4}) == {2: ["Seats out_of_bounds"], 4: []}
    review.correct({"row_number": 2, "cells": {"Seats": "1"}})
    assert check(review, {"row_number": 2}) == {2: []}
    assert review.submit(invalid_data="remove_rows")["created_count"] == 2


def test_what_the_file_itself_has_wrong_stays(served_local: Served) -> None:
    review = waiting(served_local, 'Email,Name,Seats\nann@example.com,Ann,2\nbob@,"Bob,1\n')
    mended = {"Email": "bob@example.com", "Seats": "1", "Name": "Bob"}
    assert check(review, {"row_number": 2, "cells": mended}) == {2: ["None truncated_row", "None unclosed_quote"]}


def contacts(served: Served, csv: str, **asked: Any) -> Reviewed:
    client: Client = served.client()
    body = {"resource": "contact", "upload_mode": "async", "file_name": "c.csv"} | asked
    created = client.post("/v1/imports", body)
    assert httpx.put(created["_upload_url"], content=csv).is_success
    served.run_queued(created["id"])
    return Reviewed(served, client, created["id"])


def test_dates_are_read_as_the_whole_file_writes_them(served_local: Served) -> None:
    lines = "".join(f"{number},{number}@example.com,{13 + number}/01/1990\n" for number in range(1, 9))
    review = contacts(served_local, f"External ID,Email,Birthday\n{lines}9,nine@,02/03/1990\n")
    assert check(review, {"row_number": 9}) == {9: ["Email invalid_email"]}
    [row] = review.rows()["rows"]
    assert row["row_number"] == 9


@pytest.mark.parametrize(
    "row", [{"row_number": 1}, {"row_number": 99}, {"row_number": 2, "cells": {"Mail": "x"}}], ids=str
)
def test_only_cells_of_the_review_can_be_checked(served_local: Served, row: dict[str, Any]) -> None:
    review = waiting(served_local, GUESTS)
    assert review.client.call("POST", f"{review.path}/check", {"rows": [row]}).status_code == 400


def test_a_reader_may_check_and_a_stranger_may_not(served_local: Served) -> None:
    review = waiting(served_local, GUESTS)
    body = {"rows": [{"row_number": 2}]}
    reader = served_local.client(review.client.organization, "read")
    assert reader.call("POST", f"{review.path}/check", body).status_code == 200
    assert served_local.client().call("POST", f"{review.path}/check", body).status_code == 404
