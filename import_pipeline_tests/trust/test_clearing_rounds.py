"""A round of clearing that is cut short or killed is made good by the next, and goes through thousands in seconds."""

import subprocess
import sys
import time

import pytest

from import_pipeline.service.retention import (
    DAY,
    House,
    clear_imports,
    clear_payloads,
)
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import NewImport
from import_pipeline.words import Phase, Source, Status
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.trust.housekeeping import BAD, GOOD, files, round_after


def test_a_round_that_runs_out_of_time_says_so_and_the_next_one_goes_on(importing: Importing):
    importing.run(GOOD)
    house = House(importing.settings, time.monotonic() - 1, now=time.time() + 400 * DAY)
    clear_payloads(importing.home, house)
    clear_imports(importing.home, house)
    assert house.unfinished
    assert round_after(importing, 400) == {"uploads": 1, "imports": 1}


KILLED = """
import os, signal, sys, time
from pathlib import Path
from import_pipeline.home import Home
from import_pipeline.intake.bucket import Bucket
from import_pipeline.service import retention
from import_pipeline.settings import Settings
from import_pipeline.stores import retention as stored

home, moment, calls = sys.argv[1], int(sys.argv[2]), 0

def counted(original):
    def call(*args, **kwargs):
        global calls
        result = original(*args, **kwargs)
        calls += 1
        if calls == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

Bucket.delete = counted(Bucket.delete)
retention._remove = counted(retention._remove)
for name in ("forget_payloads", "forget_imports"):
    setattr(stored, name, counted(getattr(stored, name)))
home = Home(Settings(home=home))
house = retention.House(home.settings, time.monotonic() + 60, now=time.time() + 400 * retention.DAY)
retention.clear_payloads(home, house)
retention.clear_workspaces(home, house)
retention.clear_imports(home, house)
print(calls)
"""


@pytest.mark.parametrize("moment", [1, 3, 5, 8, 11])
def test_a_round_that_is_killed_anywhere_is_made_good_by_the_next(importing: Importing, moment: int):
    for text in (GOOD, BAD):
        importing.run(text)
    waiting = importing.begin(GOOD)
    importing.go(waiting, until=Phase.PARSING)
    command = [sys.executable, "-c", KILLED, str(importing.settings.home), str(moment)]
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == -9
    round_after(importing, 400)
    assert [record.id for record in imports.list_imports(importing.home.registry).items] == [waiting]
    assert files(importing) == [
        "bucket/payloads",
        f"bucket/payloads/{waiting}",
        f"bucket/payloads/{waiting}/payload",
        "bucket/results",
        f"workspaces/{waiting}.duckdb",
    ]
    assert importing.go(waiting, since=Phase.VALIDATION)["status"] == "completed"


def test_ten_thousand_imports_that_are_over_go_within_seconds(importing: Importing):
    registry = importing.home.registry
    new = [
        NewImport(id=f"old{number}", organization="default", record_type="contact", source=Source.BUCKET)
        for number in range(10_000)
    ]
    for start in range(0, len(new), 2_000):
        imports.create_many(registry, new[start : start + 2_000])
    from sqlalchemy import update

    from import_pipeline.stores.tables import imports as imports_table

    ended = update(imports_table).values(status=Status.COMPLETED.value, ended_at=int(time.time()))
    registry.write(lambda connection: connection.execute(ended))
    began = time.process_time()
    assert round_after(importing, 400) == {"imports": 10_000}
    assert time.process_time() - began < 60
    assert imports.list_imports(registry).total_count == 0
