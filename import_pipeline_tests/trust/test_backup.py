"""A copy of a home that is taken while imports run becomes a home in which every import ends right."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from import_pipeline.home import Home
from import_pipeline.service import backups, queries
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.service.reconciling import reconcile
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import ImportRecord
from import_pipeline.stores.record_stores.choosing import organizations
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Status
from import_pipeline_tests.cli.terminal import Terminal
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.servers import PostgresServer
from import_pipeline_tests.stored import rows_of
from import_pipeline_tests.trust.uploads import A, X, first_names, import_all, put

ROWS, PEOPLE = 100, 150
NO_SERVER = "`backup` copies homes with files; what lies on servers is copied by their own means"
IMPORTING = f"""
import random, sys
from pathlib import Path
from import_pipeline.settings import Settings
from import_pipeline_tests.importing import Importing

organizations, folder = sys.argv[1].split(","), Path(sys.argv[2])
importing = Importing(Settings(), folder)
chance, number = random.Random(sys.argv[1]), 0
while True:
    number += 1
    for organization in organizations[: 1 + number // 3]:
        people = chance.sample(range({PEOPLE}), {ROWS})
        name = f"{{organization}}-{{number}}"
        rows = "".join(f"{{one}},p{{one}}@example.com,{{name}}\\n" for one in people)
        importing.run("External ID,Email,Last name\\n" + rows, organization=organization, name=name)
"""


def rows_in(record: ImportRecord, home: Home) -> dict[str, str]:
    """Who is in an import's file, and with which name."""
    assert record.object_key is not None
    text = home.bucket.read_bytes(record.object_key, 10_000_000).decode()
    lines = [line.split(",") for line in text.splitlines()[1:]]
    return {external_id: name for external_id, _, name in lines}


def must_be_right(settings: Settings) -> int:
    """Bring on what was left, then hold the records against the files of all imports in the order of their marks.

    Returns:
        How many imports there are.
    """
    importing = Importing(settings, settings.home)
    home = importing.home
    import_all(importing)
    listed = imports.list_imports(home.registry, limit=1_000).items
    # Whose file had not come yet stays without one, whose process had not begun yet stays so; neither writes anything.
    assert {record.status for record in listed} <= {Status.COMPLETED, Status.REQUESTED, Status.UPLOADED}
    found = [record for record in listed if record.status is Status.COMPLETED]
    by_id = {record.id: record for record in found}
    for organization in organizations(settings):
        marks = rows_of(
            settings,
            "SELECT import_id FROM applied_imports WHERE phase = 'processing' ORDER BY sequence",
            organization=organization,
        )
        stored = rows_of(settings, "SELECT external_id, last_name FROM contacts", organization=organization)
        of_organization = {one.id for one in found if one.organization == organization}
        assert sorted(import_id for (import_id,) in marks) == sorted(of_organization)
        right: dict[str, str] = {}
        for (import_id,) in marks:
            record, rows = by_id[import_id], rows_in(by_id[import_id], home)
            assert record.created_count == len(rows.keys() - right.keys())
            assert record.created_count + record.updated_count == record.total_rows == ROWS
            right |= rows
        assert len(stored) == len(right)
        assert dict(stored) == right
    return len(found)


@contextlib.contextmanager
def importing_all_the_time(settings: Settings, folder: Path) -> Iterator[None]:
    """Two processes import for many organizations while the block runs; then they are killed at their work.

    Args:
        settings: Say with the environment where to.
        folder: Where their files lie.
    """
    others = [f"org{number}" for number in range(20)]  # they get their records one after the other, also in the copy
    processes = []
    for names in ("acme", ",".join(others)):
        (folder / names[:4]).mkdir()
        command = [sys.executable, "-c", IMPORTING, names, str(folder / names[:4])]
        processes.append(subprocess.Popen(command, env=os.environ | {"IMPORT_PIPELINE_HOME": str(settings.home_path)}))
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGKILL)
            process.wait()


def completed_at_least(home: Home, count: int) -> None:
    deadline = time.monotonic() + 120
    while imports.count_by_status(home.registry)[Status.COMPLETED] < count and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.mark.file_store(reason=NO_SERVER)
@pytest.mark.timeout(900)  # two processes import beside it, on however busy a machine
def test_a_copy_that_is_taken_while_imports_run_restores_to_a_right_state(settings: Settings, tmp_path: Path) -> None:
    with importing_all_the_time(settings, tmp_path):
        home, taken = Home(settings), []
        completed_at_least(home, 4)
        for number in range(2):
            taken.append(imports.count_by_status(home.registry)[Status.COMPLETED])
            backups.take(home, tmp_path / f"copy{number}")
            time.sleep(0.2)
    at_work = 0
    for number, completed in enumerate(taken):
        restored = Settings(home=tmp_path / f"restored{number}")
        done = backups.restore(Home(restored), tmp_path / f"copy{number}")
        assert done.errors == {}
        assert must_be_right(restored) >= completed >= 4
        at_work += len(done.done)
    assert at_work > 0, "no copy was taken while an import was at work"


@pytest.mark.file_store(reason="names a store on PostgreSQL by itself, in the place of one in files")
@pytest.mark.timeout(900)  # two processes import beside it, on however busy a machine
def test_a_copy_of_a_postgresql_server_that_is_taken_while_imports_run_is_one_right_state(
    s3_settings: Settings, postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.ExitStack() as stack:
        urls = {
            f"IMPORT_PIPELINE_{name}_URL": stack.enter_context(postgres_server.temporary_database(name.lower()))
            for name in ("REGISTRY", "STORE")
        }
        for name, url in urls.items():
            monkeypatch.setenv(name, url)
        with importing_all_the_time(Settings(), tmp_path):
            home = Home(Settings())
            completed_at_least(home, 4)
            while True:  # until a copy shows one at work: at some moments both processes are between two imports
                completed = imports.count_by_status(home.registry)[Status.COMPLETED]
                copy = stack.enter_context(postgres_server.copy())
                time.sleep(0.2)
                elsewhere = {name: f"{copy.address}/{url.rsplit('/', 1)[1]}" for name, url in urls.items()}
                with Registry(elsewhere["IMPORT_PIPELINE_REGISTRY_URL"]) as copied:
                    if imports.count_by_status(copied)[Status.PROCESSING]:
                        break
        for name, url in elsewhere.items():
            monkeypatch.setenv(name, url)
        monkeypatch.setenv("IMPORT_PIPELINE_HOME", str(tmp_path / "restored"))
        restored = Settings()
        done = reconcile(Home(restored))
        assert done.errors == {}
        assert done.done
        assert must_be_right(restored) >= completed >= 4


@pytest.mark.file_store(reason=NO_SERVER)
def test_a_copy_holds_what_a_home_needs_and_is_for_its_owner_alone(importing: Importing, terminal: Terminal) -> None:
    done = importing.run("Email,Phone\nada@example.com,+1 212 555 0100\nbob@example,1\n")
    waiting = importing.run("Email\nbad\n", invalid_data="block")
    copy = terminal.home.parent / "copy"
    assert terminal.read("backup", "--to", copy)["organizations"] == ["default"]
    assert [path for path in (copy, *copy.rglob("*")) if path.stat().st_mode & 0o077] == []
    elsewhere = Terminal(terminal.home.parent / "elsewhere")
    assert elsewhere.read("restore", "--from", copy)["errors"] == {}
    assert elsewhere.stored() == terminal.stored()
    assert elsewhere.read("defects", done["id"]) == terminal.read("defects", done["id"])
    assert elsewhere.read("rows", done["id"]) == terminal.read("rows", done["id"])
    assert elsewhere.read("show", waiting["id"])["status"] == "needs_review"
    assert elsewhere.run("undo", done["id"]).exit_code == 0
    assert elsewhere.stored() == []
    assert len(terminal.stored()) == len(queries.records(importing.home, "contact", "default", limit=None)) == 1


@pytest.mark.file_store(reason=NO_SERVER)
def test_what_came_from_the_bucket_is_imported_once_though_its_home_is_a_copy(
    settings: Settings, tmp_path: Path
) -> None:
    importing = Importing(settings.model_copy(update={"settle_seconds": 0.0}), tmp_path)
    put(importing, A, X)
    collect_uploads(importing.home, None)
    [queued] = imports.queued(importing.home.registry, 10)
    backups.take(importing.home, tmp_path / "copy")
    restored = Importing(Settings(home=tmp_path / "restored", settle_seconds=0.0), tmp_path)
    backups.restore(restored.home, tmp_path / "copy")
    for _ in range(2):
        collect_uploads(restored.home, None)
        import_all(restored)
    assert [record.id for record in imports.list_imports(restored.home.registry).items] == [queued.id]
    assert first_names(restored) == ["Ada"]


@pytest.mark.file_store(reason=NO_SERVER)
def test_nothing_is_written_over_and_no_half_copy_is_taken_for_one(importing: Importing, terminal: Terminal) -> None:
    importing.run("Email\nada@example.com\n")
    copy = terminal.home.parent / "copy"
    terminal.read("backup", "--to", copy)
    again = terminal.run("backup", "--to", copy)
    assert (again.exit_code, "exists already" in again.stderr) == (2, True)
    taken = terminal.run("restore", "--from", copy)
    assert (taken.exit_code, "holds registry.sqlite" in taken.stderr) == (2, True)
    (copy / backups.MANIFEST).unlink()
    half = Terminal(terminal.home.parent / "half").run("restore", "--from", copy)
    assert (half.exit_code, "no whole backup" in half.stderr) == (2, True)
    assert len(terminal.stored()) == 1


@pytest.mark.file_store(reason=NO_SERVER)
def test_an_object_whose_name_no_import_can_have_is_copied_like_any_other(importing: Importing) -> None:
    named = "uploads/default/contact/a\nb.csv"
    odd = importing.settings.local_bucket / named
    odd.parent.mkdir(parents=True)
    odd.write_text("email\n")
    copy = importing.settings.home_path.parent / "copy"
    backups.take(importing.home, copy)
    assert (copy / "bucket" / named).read_text() == "email\n"


def test_what_lies_on_a_server_is_not_copied_silently(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMPORT_PIPELINE_REGISTRY_URL", "postgresql://importer:hidden@127.0.0.1:1/registry")
    terminal = Terminal(settings.home_path)
    refused = terminal.run(
        "backup",
        "--to",
        "/tmp/nowhere",
        IMPORT_PIPELINE_REGISTRY_URL="postgresql://importer:hidden@127.0.0.1:1/registry",
    )
    assert (refused.exit_code, "pg_basebackup" in refused.stderr, "hidden" in refused.stderr) == (2, True, False)
    assert not Path("/tmp/nowhere").exists()


@pytest.fixture
def terminal(settings: Settings) -> Terminal:
    """A terminal with an empty home."""
    return Terminal(settings.home_path)
