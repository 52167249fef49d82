"""Organizations take turns at what a server has few of: its workers, and its memory for large bodies."""

import json
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from import_pipeline.api.turns import Ticket, Turns
from import_pipeline_tests.api.serving import Client, Served


def joined(turns: Turns, organization: str) -> Ticket:
    ticket = turns.join(organization)
    assert ticket is not None
    return ticket


def test_whoever_asked_for_many_places_does_not_keep_another_waiting():
    turns = Turns(1, each=1, waiting=20, waiting_each=10)
    waiting = [("greedy", joined(turns, "greedy")) for _ in range(4)]
    waiting += [("late", joined(turns, "late")), ("last", joined(turns, "last"))]
    served: list[str] = []
    while waiting:
        [has_place] = [one for one in waiting if one[1].done()]
        waiting.remove(has_place)
        served.append(has_place[0])
        turns.leave(*has_place)
    assert served == ["greedy", "late", "last", "greedy", "greedy", "greedy"]


def test_an_organization_holds_as_many_places_as_it_may_and_waits_for_as_many():
    turns = Turns(3, each=1, waiting=4, waiting_each=2)
    first, second, third = (joined(turns, "greedy") for _ in range(3))
    assert [first.done(), second.done(), third.done()] == [True, False, False]
    assert turns.join("greedy") is None
    assert joined(turns, "other").done()
    turns.leave("greedy", second)
    turns.leave("greedy", first)
    assert third.done()


def test_places_are_never_more_than_there_are_whoever_comes_and_goes():
    turns = Turns(2, each=2, waiting=1_000, waiting_each=1_000)
    lock, held, most = threading.Lock(), [0], [0]

    def come_and_go(number: int) -> None:
        organization = f"org{number % 3}"
        for _ in range(50):
            ticket = joined(turns, organization)
            ticket.result(30)
            with lock:
                held[0] += 1
                most[0] = max(most[0], held[0])
            time.sleep(0)
            with lock:
                held[0] -= 1
            turns.leave(organization, ticket)

    with ThreadPoolExecutor(9) as threads:
        list(threads.map(come_and_go, range(9)))
    assert (held[0], most[0]) == (0, 2)
    assert joined(turns, "org0").done()


def imported(client: Client, rows: int) -> float:
    """Import rows while waiting for them; gives the moment when they were."""
    people = [{"email": f"p{number}@example.com", "first_name": f"P{number}"} for number in range(rows)]
    answer = client.post("/v1/imports", {"resource": "contact", "upload_mode": "sync", "data": people})
    assert answer["status"] == "completed", json.dumps(answer)
    return time.monotonic()


def test_an_import_that_is_waited_for_does_not_wait_behind_all_imports_of_another_organization(served_local: Served):
    greedy, neighbour = served_local.client(), served_local.client()
    with ThreadPoolExecutor(7) as threads:
        many = [threads.submit(imported, greedy, 2_000) for _ in range(6)]
        wait(many, return_when=FIRST_COMPLETED)  # one is done, some are at work, and the others wait
        own = threads.submit(imported, neighbour, 10).result()
        ends = [one.result() for one in many]
    assert own < max(ends)
