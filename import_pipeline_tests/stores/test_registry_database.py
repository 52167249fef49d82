"""The registry's database: made at first use, by several at once, kept through kills, and clear when it is away."""

import multiprocessing
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from import_pipeline.errors import NotFoundError, RegistryError, SettingsError
from import_pipeline.settings import Settings
from import_pipeline.stores import claims, imports, phase_log
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.migrations import HEAD
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Phase, PhaseStatus, Source, Status
from import_pipeline_tests.moving import move
from import_pipeline_tests.processes import run_at_once


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a home, of its own" / "registry.sqlite"


def new(import_id: str) -> NewImport:
    return NewImport(id=import_id, organization="default", record_type="contact", source=Source.TERMINAL)


def child(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_registry_is_made_at_first_use_and_found_again(file: Path) -> None:
    with Registry(f"sqlite:///{file}") as registry:
        assert not file.exists()
        imports.create(registry, new("kept"))
    with Registry(f"sqlite:///{file}") as registry:
        assert imports.get(registry, "kept").status is Status.REQUESTED
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_up_to_date_registry_opens_without_alembic(file: Path) -> None:
    with Registry(f"sqlite:///{file}") as registry:
        imports.create(registry, new("kept"))
    script = """
import sys
from import_pipeline.stores import imports
from import_pipeline.stores.registry import Registry
assert imports.find(Registry(sys.argv[1]), "kept")
print([name for name in sys.modules if name.split(".")[0] == "alembic"])
"""
    opener = child(script, f"sqlite:///{file}")
    assert opener.communicate(timeout=60)[0] == "[]\n"


def test_several_processes_may_make_the_registry_at_once(file: Path) -> None:
    script = """
import sys
from import_pipeline.stores import imports
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Source
print("ready", flush=True)
sys.stdin.readline()
new = NewImport(id=sys.argv[2], organization="default", record_type="contact", source=Source.API)
imports.create(Registry(sys.argv[1]), new)
"""
    run_at_once(script, [(f"sqlite:///{file}", f"by-{number}") for number in range(3)])
    with Registry(f"sqlite:///{file}") as registry:
        assert {one.id for one in imports.list_imports(registry).items} == {"by-0", "by-1", "by-2"}


def test_a_process_killed_inside_a_change_leaves_the_state_before_it(file: Path) -> None:
    with Registry(f"sqlite:///{file}") as registry:
        imports.create(registry, new("one"))
        move(registry, "one", Status.UPLOADED)
        claims.claim(registry, "content", "held", "one")
        before = imports.get(registry, "one")
        script = """
import sys, time
from import_pipeline.stores import claims, import_rows, new_import_rows
from import_pipeline.settings import Settings
from import_pipeline.stores.import_record import NewImport
from import_pipeline.stores.registry import Registry
from import_pipeline.words import Source
registry = Registry(sys.argv[1])
def work(connection):
    import_rows.set_import(connection, "one", {"status": "processing", "run_id": "r1"})
    row = new_import_rows.row_of(
        NewImport(id="two", organization="default", record_type="contact", source=Source.API), 0
    )
    new_import_rows.insert_missing(connection, [row])
    claims.write_claims(connection, "object", {f"key-{number}": "two" for number in range(20_000)}, 0)
    print("inside", flush=True)
    time.sleep(60)
registry.write(work)
"""
        writer = child(script, f"sqlite:///{file}")
        assert writer.stdout is not None
        assert writer.stdout.readline() == "inside\n"
        assert imports.get(registry, "one") == before, "readers do not wait for a writer, and see what is committed"
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=60)

        assert imports.get(registry, "one") == before
        assert imports.find(registry, "two") is None
        assert claims.claim(registry, "object", "key-7", "three") == "three"
        assert move(registry, "one", Status.PROCESSING).status is Status.PROCESSING
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_threads_that_write_at_once_all_get_their_turn(file: Path) -> None:
    with Registry(f"sqlite:///{file}") as registry:
        imports.create_many(registry, (new(f"t{number}") for number in range(6)))
        failures: list[BaseException] = []

        def live(import_id: str) -> None:
            try:
                for phase in Phase:
                    phase_log.start(registry, import_id, phase, total=10)
                    phase_log.progress(registry, import_id, phase, 10)
                    phase_log.end(registry, import_id, phase, PhaseStatus.COMPLETED, success=9)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=live, args=(f"t{number}",)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        for one in imports.list_imports(registry).items:
            assert {(phase.status, phase.success) for phase in one.phases} == {(PhaseStatus.COMPLETED, 9)}


def test_a_forked_process_uses_connections_of_its_own(file: Path) -> None:
    with Registry(f"sqlite:///{file}") as registry:
        imports.create(registry, new("one"))
        fork = multiprocessing.get_context("fork")
        forked = fork.Process(target=lambda: move(registry, "one", Status.UPLOADED))
        forked.start()
        forked.join(60)
        assert forked.exitcode == 0
        assert move(registry, "one", Status.QUEUED).status is Status.QUEUED


def test_a_registry_that_is_away_for_a_moment_is_waited_for(file: Path) -> None:
    with Registry(f"sqlite:///{file}") as registry:
        imports.create(registry, new("one"))
    away = file.parent.with_name("away")
    file.parent.rename(away)
    file.parent.write_text("in the way")

    def come_back() -> None:
        time.sleep(0.5)
        file.parent.unlink()
        away.rename(file.parent)

    helper = threading.Thread(target=come_back)
    helper.start()
    with Registry(f"sqlite:///{file}") as registry:
        assert move(registry, "one", Status.UPLOADED).status is Status.UPLOADED
    helper.join()


def test_a_registry_that_stays_away_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "registry.sqlite").mkdir()
    with (
        pytest.raises(RegistryError, match=r"registry\.sqlite does not answer: .*Check that its folder") as caught,
        Registry(f"sqlite:///{tmp_path}/registry.sqlite", retry_seconds=0.2) as registry,
    ):
        imports.find(registry, "x")
    assert caught.value.transient


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://someone:s3cret@127.0.0.1:1/registry?password=s3cret"
    with pytest.raises(RegistryError) as caught, Registry(url, retry_seconds=0.1) as registry:
        imports.find(registry, "x")
    assert "127.0.0.1:1/registry" in caught.value.message
    assert "s3cret" not in caught.value.message + str(caught.value.culprits)


def test_a_file_that_is_no_database_is_named(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("This is not a database, but a longer text that was put in its place by mistake. " * 50)
    with pytest.raises(RegistryError, match="not a database"), Registry(f"sqlite:///{file}") as registry:
        imports.find(registry, "x")


def test_a_registry_of_a_newer_program_is_left_alone(file: Path) -> None:
    with Registry(f"sqlite:///{file}") as registry:
        imports.create(registry, new("one"))
        registry.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num=9")))
    with pytest.raises(SettingsError, match="newer import-pipeline"), Registry(f"sqlite:///{file}") as registry:
        imports.get(registry, "one")


@pytest.mark.parametrize(
    "url", ["", "registry", "sqlite://", "sqlite:///:memory:", "mysql://u:s3cret@h/d", "nonsense://u:s3cret@h/d"]
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="IMPORT_PIPELINE_REGISTRY_URL") as caught:
        Registry(url)
    assert "s3cret" not in str(caught.value)


def test_a_failed_change_is_taken_back_wholly(file: Path) -> None:
    with Registry(f"sqlite:///{file}") as registry:
        imports.create(registry, new("one"))
        with pytest.raises(NotFoundError):
            registry.write(
                lambda connection: (
                    connection.execute(text("UPDATE imports SET status = 'queued'")),
                    imports.get(registry, "nobody"),
                )
            )
        assert imports.get(registry, "one").status is Status.REQUESTED


def test_two_registries_know_nothing_of_each_other(tmp_path: Path) -> None:
    with Registry(f"sqlite:///{tmp_path}/1/r.sqlite") as one, Registry(f"sqlite:///{tmp_path}/2/r.sqlite") as other:
        imports.create(one, new("mine"))
        assert imports.find(other, "mine") is None
    assert {path.name for path in tmp_path.iterdir()} == {"1", "2"}


@pytest.mark.parametrize("name", ["a home", "what!", "no #1", "50% off", "[ü] & co+;"])
def test_the_registry_lies_in_its_home_whatever_signs_the_name_of_that_has(tmp_path: Path, name: str) -> None:
    settings = Settings(home=tmp_path / name)
    with Registry(settings.registry_address) as registry:
        imports.create(registry, new("kept"))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "registry.sqlite").is_file()
