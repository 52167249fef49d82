"""What is cleared away and when, what never is, and that it does not matter where a round of keeping house is cut."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from import_pipeline.errors import NotFoundError
from import_pipeline.home import Home
from import_pipeline.intake.object_names import UNFINISHED
from import_pipeline.service import creating, queries, replaying, transitions, undoing
from import_pipeline.settings import Settings
from import_pipeline.stores import claims, imports
from import_pipeline.stores.workspace import workspace_path
from import_pipeline.words import FINAL_STATUSES, Phase, Source, Status
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.moving import move
from import_pipeline_tests.trust.housekeeping import BAD, GOOD, files, round_after


@pytest.fixture
def anywhere(settings: Settings, tmp_path: Path, registry_url: str) -> Importing:
    """An empty settings, once with the registry on SQLite and once on PostgreSQL."""
    return Importing(settings.model_copy(update={"registry_url": SecretStr(registry_url)}), tmp_path)


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
        move(home.registry, import_id, step)
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
