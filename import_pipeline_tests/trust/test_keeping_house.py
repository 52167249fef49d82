"""What is cleared away and when, what never is, and that it does not matter where a round of keeping house is cut."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from import_pipeline.errors import NotFoundError
from import_pipeline.home import Home
from import_pipeline.intake.object_names import UNFINISHED
from import_pipeline.service import creating, queries, replaying, transitions, undoing
from import_pipeline.service.retention import (
    DAY,
    House,
    clear_imports,
    clear_leftovers,
    clear_payloads,
    clear_workspaces,
)
from import_pipeline.settings import Settings
from import_pipeline.stores import claims, imports
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.workspace import workspace_path
from import_pipeline.words import FINAL_STATUSES, Phase, Source, Status
from import_pipeline_tests.importing import Importing

GOOD, BAD = "external_id,first_name\n1,Ada\n", "external_id,status\n1,lead\n2,Sponsor?\n"


@pytest.fixture
def anywhere(settings: Settings, tmp_path: Path, registry_url: str) -> Importing:
    """An empty settings, once with the registry on SQLite and once on PostgreSQL."""
    return Importing(settings.model_copy(update={"registry_url": SecretStr(registry_url)}), tmp_path)


def round_after(
    importing: Importing, days: float, kept: Mapping[str, int] | None = None, *, dry_run: bool = False
) -> dict[str, int]:
    """Keep house as if so many days had passed; gives how much of each kind went."""
    settings = importing.settings.model_copy(
        update={f"keep_{kind}_days": number for kind, number in (kept or {}).items()}
    )
    house = House(settings, time.monotonic() + 60, dry_run, time.time() + days * DAY)
    home = importing.home
    clear_payloads(home, house)
    clear_workspaces(home, house)
    clear_leftovers(house)
    clear_imports(home, house)
    assert not house.unfinished
    return {kind: cleared.count for kind, cleared in house.cleared.items() if cleared.count}


def files(importing: Importing) -> list[str]:
    """Files and folders of imports in the home, as they lie there."""
    home = importing.settings.home_path
    found = [path for place in ("bucket", "workspaces") for path in (home / place).rglob("*")]
    named = (str(path.relative_to(home)) for path in found if path.name != UNFINISHED)
    return sorted(re.sub(r"/[0-9a-f]{16}\.", "/*.", name) for name in named)


def test_each_kind_goes_after_its_own_time_and_the_rest_stays(anywhere: Importing):
    importing = anywhere
    done = importing.run(BAD, on_bad_optional="fail")["id"]
    home = importing.home
    assert round_after(importing, 29) == {}
    assert round_after(importing, 31) == {"uploads": 1}
    assert not imports.get(home.registry, done).has_upload_file
    assert (len(queries.rows(home, done)), len(queries.defects(home, done))) == (2, 1)
    assert files(importing) == [
        "bucket/payloads",
        "bucket/results",
        f"bucket/results/{done}",
        f"bucket/results/{done}/*.defects.parquet",
        f"bucket/results/{done}/*.rows.parquet",
    ]
    replayed = importing.go(replaying.replay(home, done, value_mappings={"status": {"Sponsor?": "customer"}}).id)
    assert replayed["created_count"] == 1
    assert round_after(importing, 366)["imports"] == 2
    assert imports.list_imports(home.registry).total_count == 0
    assert files(importing) == ["bucket/payloads", "bucket/results"]


def test_records_their_history_and_their_authors_stay_for_ever(importing: Importing):
    done = importing.run(GOOD)["id"]
    round_after(importing, 1_000)
    (one,) = queries.history(importing.home, "contact", importing.ids()[0], "default")
    assert (one["import_id"], one["row_number"], one["file_name"]) == (done, 1, None)
    with pytest.raises(NotFoundError):
        undoing.undo(importing.home, done)


def test_what_can_be_undone_is_not_touched_however_short_the_settings_are(anywhere: Importing):
    importing = anywhere
    done = importing.run(GOOD)["id"]
    before = files(importing)
    at_once = {"uploads": 0, "imports": 0}
    assert round_after(importing, 29, at_once) == {}
    assert files(importing) == before
    undo = undoing.undo(importing.home, done).id
    # Undone, it can still be done again, which takes its row; its files have served.
    assert round_after(importing, 29, at_once) == {"uploads": 1}
    undoing.undo(importing.home, undo)
    assert [record["first_name"] for record in importing.stored()] == ["Ada"]
    assert round_after(importing, 31, at_once)["imports"] == 3


def test_a_dry_run_is_over_at_once_since_there_is_nothing_to_undo(anywhere: Importing):
    importing = anywhere
    dry = importing.run(GOOD, dry_run=True)["id"]
    assert round_after(importing, 1, {"imports": 0, "uploads": 0}) == {"uploads": 1, "imports": 1}
    assert imports.find(importing.home.registry, dry) is None


def in_status(importing: Importing, status: Status) -> str:
    """An import with a file and a workspace, in some status."""
    home = importing.home
    import_id = importing.begin(GOOD)
    importing.go(import_id, until=Phase.PARSING)
    roads = {
        Status.PROCESSING: [],
        Status.QUEUED: [Status.QUEUED],
        Status.REVERTED: [Status.COMPLETED, Status.REVERTED],
    }
    for step in roads.get(status, [status]):
        imports.move(home.registry, import_id, step)
    return import_id


@pytest.mark.parametrize("status", [Status.QUEUED, Status.PROCESSING, Status.NEEDS_REVIEW])
def test_an_import_that_waits_or_works_is_not_touched_after_years(importing: Importing, status: Status):
    import_id = in_status(importing, status)
    before = files(importing)
    assert round_after(importing, 5_000) == {}
    assert files(importing) == before
    assert imports.get(importing.home.registry, import_id).status is status


@pytest.mark.parametrize("status", sorted(FINAL_STATUSES - {Status.EXPIRED}))
def test_an_import_that_ended_goes_whichever_way_it_ended(importing: Importing, status: Status):
    in_status(importing, status)
    assert round_after(importing, 0.9) == {}
    assert round_after(importing, 1.1) == {"workspaces": 1}
    assert round_after(importing, 31) == {"uploads": 1}
    assert round_after(importing, 366) == {"imports": 1}
    assert files(importing) == ["bucket/payloads"]


def test_a_replay_that_waits_keeps_the_errors_file_it_will_read(anywhere: Importing):
    importing = anywhere
    first = importing.run(BAD, on_bad_optional="fail")["id"]
    waiting = replaying.replay(importing.home, first, value_mappings={"status": {"Sponsor?": "customer"}}).id
    round_after(importing, 400)
    assert importing.go(waiting)["created_count"] == 1
    assert round_after(importing, 400)["imports"] == 2


def test_a_dry_round_counts_what_the_next_one_clears(importing: Importing):
    for text in (GOOD, BAD):
        importing.run(text)
    before = files(importing)
    told = round_after(importing, 400, dry_run=True)
    assert told == {"uploads": 2, "imports": 2}
    assert files(importing) == before
    assert round_after(importing, 400) == told


def test_what_crashes_left_goes_after_a_day_and_what_is_at_work_stays(importing: Importing):
    settings, home = importing.settings, importing.home
    at_work = importing.begin(GOOD)
    importing.go(at_work, until=Phase.PARSING)
    done = importing.run(GOOD)["id"]
    unfinished = settings.local_bucket / UNFINISHED / "ab12"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = [
        *(settings.workspaces / name for name in ("unknown.duckdb", "unknown.duckdb.wal", ".ab12.part")),
        *(settings.workspaces / f"{done}.{kind}" for kind in ("payload", "payload.utf8", "errors.csv")),
        settings.home_path / "incoming" / "cd34.duckdb",
        unfinished,
    ]
    kept = [settings.workspaces / f"{at_work}.payload", workspace_path(settings, at_work)]
    for path in left + kept[:1]:
        path.parent.mkdir(exist_ok=True)
        path.write_text("left")
    spills = [settings.workspaces / f"process-{pid}.spill" for pid in (dead.pid, os.getpid())]
    for spill in spills:
        spill.mkdir()
        (spill / "block.tmp").write_text("left")
    assert round_after(importing, 0.9) == {}
    assert all(path.exists() for path in [*left, *kept, *spills])
    assert round_after(importing, 1.1) == {"leftovers": len(left) + 1}
    assert [path for path in [*left, spills[0]] if path.exists()] == []
    assert all(path.exists() for path in [*kept, spills[1]])
    assert imports.get(home.registry, at_work).status is Status.PROCESSING


def test_claims_outlive_their_import_and_only_the_promise_of_a_failed_one_ends(anywhere: Importing):
    importing = anywhere
    registry = importing.home.registry
    done, failed = importing.run(GOOD), importing.begin(BAD, on_bad_optional="fail")
    importing.go(failed, until=Phase.PREVALIDATION)
    transitions.fail(importing.home, {failed: "For this test."})
    keys = {one: f"default/contact/{imports.get(registry, one).checksum}" for one in (done["id"], failed)}
    claims.claim(registry, "object", "uploads/a.csv@1", failed)
    assert round_after(importing, 1_000)["imports"] == 2
    assert claims.claim(registry, "object", "uploads/a.csv@1", "later") == failed
    assert claims.claim(registry, "content", keys[done["id"]], "later") == done["id"]
    assert claims.claim(registry, "content", keys[failed], "later") == "later"


def test_the_same_file_a_year_after_its_import_was_cleared_away_is_not_loaded_again(importing: Importing):
    home = importing.home
    home.bucket.write_text("uploads/default/contact/a.csv", GOOD)
    first = _from_bucket(home, "uploads/default/contact/a.csv")
    assert importing.go(first)["status"] == "completed"
    round_after(importing, 1_000)
    home.bucket.write_text("uploads/default/contact/b.csv", GOOD)
    again = importing.go(_from_bucket(home, "uploads/default/contact/b.csv"))
    assert (again["status"], first in again["reason"]) == ("cancelled", True)
    assert home.bucket.exists("uploads/default/contact/a.csv")


def _from_bucket(home: Home, key: str) -> str:
    from import_pipeline.run_config.spec import ImportSpec

    spec = ImportSpec(record_type="contact")
    return creating.create_from_object(home, home.bucket.stat(key), spec, Source.BUCKET).id


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


def test_a_round_that_is_killed_anywhere_is_made_good_by_the_next(tmp_path: Path):
    moments = [1, 3, 5, 8, 11]
    for moment in moments:
        importing = Importing(Settings(home=tmp_path / f"home{moment}"), tmp_path)
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
    began = time.monotonic()
    assert round_after(importing, 400) == {"imports": 10_000}
    assert time.monotonic() - began < 60
    assert imports.list_imports(registry).total_count == 0
