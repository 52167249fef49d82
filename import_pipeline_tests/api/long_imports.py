"""Imports that are long at work, and the runs that do them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg
import httpx

from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.stores import imports
from import_pipeline_tests.api.serving import Client, Served

HEADER = "email,first_name,last_name,phone,notes\n"


def people(count: int) -> str:
    """A file that takes some seconds to import."""
    return HEADER + "".join(
        f"p{row}@example.com,First{row},Last{row},+4930{row:07d},notes of {row}\n" for row in range(count)
    )


def begin_async(client: Client, content: str) -> str:
    """An import that waits for its run."""
    asked = client.post("/v1/imports", {"resource": "contact", "upload_mode": "async"})
    assert httpx.put(asked["_upload_url"], content=content.encode(), timeout=60).is_success
    return asked["id"]


@contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Another caller, at work while the block runs."""
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)

    other = threading.Thread(target=guarded)
    other.start()
    try:
        yield
    finally:
        other.join(60)
    assert not other.is_alive()
    assert not failures, failures


def until_processing(client: Client, import_id: str, phase: str = "prevalidation") -> None:
    for _ in range(600):
        phases = client.get(f"/v1/imports/{import_id}")["phases"]
        if any((one["name"], one["status"]) == (phase, "running") for one in phases):
            return
        time.sleep(0.05)
    raise AssertionError(f"{phase} never ran.")


def run_of(served: Served, import_id: str) -> dg.DagsterRun:
    run = served.runner.instance.get_run_by_id(imports.get(served.home.registry, import_id).run_id or "")
    assert run is not None
    return run


def run_status(runner: ImportRunner, run_id: str) -> dg.DagsterRunStatus:
    run = runner.instance.get_run_by_id(run_id)
    assert run is not None
    return run.status
