"""Several persons at one review, by two servers: nothing is refused, nothing is lost, each sees what others did."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from import_pipeline_tests.api.reviewing import Reviewed, waiting
from import_pipeline_tests.api.serving import Client, Served, serving

ROWS = 60


@pytest.fixture(scope="module")
def other_server(served_local: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A second server of the same home."""
    with serving(served_local.settings, tmp_path_factory.mktemp("other"), creates_per_minute="100000") as served:
        yield served


@pytest.fixture
def both(served_local: Served, other_server: Served) -> tuple[Reviewed, Reviewed]:
    """One review with sixty failing rows, by either server."""
    lines = "".join(f"guest {number} at,Guest {number},2\n" for number in range(1, ROWS + 1))
    here = waiting(served_local, f"Email,Name,Seats\n{lines}")
    client = Client(httpx.Client(base_url=other_server.url, timeout=90), here.client.token, here.client.organization)
    return here, Reviewed(other_server, client, here.import_id)


def test_what_is_done_at_one_server_is_seen_at_the_other(both: tuple[Reviewed, Reviewed]) -> None:
    here, there = both
    here.cells()
    there.correct({"row_number": 1, "cells": {"Email": "one@example.com"}}, {"row_number": 2, "left_out": True})
    assert here.cells()[1]["Email"] == "one@example.com"
    assert here.numbers(state="left_out") == [2]
    step = here.client.post(f"{here.path}/operations", {"kind": "set", "text": "3", "columns": ["Seats"]})
    assert step["cells"] == ROWS - 1
    assert there.cells()[60]["Seats"] == "3"
    there.client.post(f"{there.path}/operations/{step['operation_id']}/undo")
    assert here.cells()[60]["Seats"] == "2"
    assert [one["id"] for one in here.summary()["operations"]] == [1]


def test_persons_at_two_servers_lose_nothing_and_are_never_refused(both: tuple[Reviewed, Reviewed]) -> None:
    def edit(number: int) -> int:
        return both[number % 2].correct({"row_number": number, "cells": {"Email": f"{number}@example.com"}}).status_code

    def replace(number: int) -> int:
        body = {"kind": "replace", "find": "guest", "replace": f"Person {number},", "columns": ["Name"]}
        return both[number % 2].client.call("POST", f"{both[0].path}/operations", body).status_code

    def look(number: int) -> int:
        return both[number % 2].client.call("GET", f"{both[0].path}/rows?q=example").status_code

    with ThreadPoolExecutor(8) as pool:
        given = [pool.submit(edit, number) for number in range(1, ROWS + 1)]
        given += [pool.submit(replace, number) for number in range(6)]
        given += [pool.submit(look, number) for number in range(20)]
        assert {one.result() for one in given} == {200}
    here, there = (review.cells() for review in both)
    assert here == there
    assert [here[number]["Email"] for number in here] == [f"{number}@example.com" for number in range(1, ROWS + 1)]
    assert len({cells["Name"].split(",")[0] for cells in here.values() if cells["Name"]}) == 1, (
        "the first one found all"
    )
    done = both[0].submit()
    assert (done["status"], done["created_count"]) == ("completed", ROWS)


def test_a_step_reckons_with_what_another_one_wrote_the_moment_before(both: tuple[Reviewed, Reviewed]) -> None:
    here, there = both

    def add(review: Reviewed, sign: str) -> None:
        for _ in range(10):
            review.client.post(
                f"{review.path}/operations",
                {
                    "kind": "replace",
                    "find": "Guest",
                    "replace": f"{sign}Guest",
                    "columns": ["Name"],
                    "row_numbers": [1],
                },
            )

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(add, here, "+"), pool.submit(add, there, "-")]:
            done.result()
    name = here.cells()[1]["Name"] or ""
    assert sorted(name.removesuffix("Guest 1")) == ["+"] * 10 + ["-"] * 10, "each replacement went upon the one before"


def test_what_was_done_is_there_when_a_server_died(served_local: Served, tmp_path: Path) -> None:
    with serving(served_local.settings, tmp_path, creates_per_minute="100000") as dying:
        here = waiting(served_local, "Email,Name,Seats\nbob@,Bob,2\n")
        client = Client(httpx.Client(base_url=dying.url, timeout=90), here.client.token, here.client.organization)
        Reviewed(dying, client, here.import_id).correct({"row_number": 1, "cells": {"Email": "bob@example.com"}})
        dying.process.kill()
    assert here.cells()[1]["Email"] == "bob@example.com"
    assert here.submit()["created_count"] == 1
