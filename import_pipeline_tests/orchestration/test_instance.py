"""Dagster's instance of a home: what it is made of, and that homes keep apart."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import dagster as dg
import pytest

from import_pipeline.orchestration.instance import CONFIG_FILE, instance_config, open_instance, prepare_home
from import_pipeline.orchestration.storage import KeptEventLogStorage
from import_pipeline.settings import Settings
from import_pipeline.words import PARTITIONS

REPOSITORY = Path(__file__).parents[2]


def test_the_repositorys_dagster_yaml_is_the_one_that_the_package_ships():
    assert (REPOSITORY / CONFIG_FILE).read_text() == instance_config()


def test_processes_that_open_a_new_home_at_once_all_get_it(tmp_path):
    code = (
        "import sys; from pathlib import Path; from import_pipeline.settings import Settings\n"
        "from import_pipeline.orchestration.instance import open_instance\n"
        "print(); sys.stdout.flush(); sys.stdin.readline()\n"
        "with open_instance(Settings(home=Path(sys.argv[1]))) as instance: instance.get_runs_count()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "home")]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    processes = [subprocess.Popen(command, text=True, **pipes) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], told


def test_threads_and_containers_that_prepare_a_new_home_at_once_all_get_it(tmp_path):
    at_once = Barrier(4)

    def prepare(number: int) -> None:
        at_once.wait()
        prepare_home(Settings(home=tmp_path / str(number)))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(prepare, (number for number in range(50) for _ in range(4))))
    assert {path.read_text() for path in tmp_path.glob(f"*/dagster/{CONFIG_FILE}")} == {instance_config()}


def test_what_several_processes_make_known_at_once_is_known_once_and_none_of_them_fails(tmp_path):
    settings = Settings(home=tmp_path / "home")
    import_ids = [f"imp_{number}" for number in range(300)]

    def make_known(instance: dg.DagsterInstance) -> None:
        for import_id in import_ids:
            instance.add_dynamic_partitions(PARTITIONS, [import_id])

    with open_instance(settings) as one, open_instance(settings) as other, ThreadPoolExecutor() as threads:
        list(threads.map(make_known, (one, other)))
        assert sorted(one.get_dynamic_partitions(PARTITIONS)) == sorted(import_ids)
        assert sorted(other.get_dynamic_partitions(PARTITIONS)) == sorted(import_ids)


def test_of_a_run_that_two_processes_change_at_once_both_changes_are_kept(tmp_path):
    @dg.job
    def nothing() -> None: ...

    settings, at_once = Settings(home=tmp_path / "home"), Barrier(2)
    with open_instance(settings) as one, open_instance(settings) as other, ThreadPoolExecutor() as threads:
        for _ in range(25):
            run = one.create_run_for_job(nothing)

            def tag(run_id: str = run.run_id) -> None:
                at_once.wait()
                one.add_run_tags(run_id, {"process": "this"})

            def cancel(run: dg.DagsterRun = run) -> None:
                at_once.wait()
                other.report_run_canceling(run)

            list(threads.map(lambda change: change(), (tag, cancel)))
            changed = one.get_run_by_id(run.run_id)
            assert changed is not None
            assert (changed.tags["process"], changed.status) == ("this", dg.DagsterRunStatus.CANCELING)


def test_two_homes_keep_apart_whatever_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("IMPORT_PIPELINE_HOME", str(tmp_path / "elsewhere"))
    one, other = Settings(home=tmp_path / "one"), Settings(home=tmp_path / "other")

    with open_instance(one) as first, open_instance(other) as second:
        first.add_dynamic_partitions(PARTITIONS, ["imp_1"])
        assert second.get_dynamic_partitions(PARTITIONS) == []

    with open_instance(one) as again:
        assert again.get_dynamic_partitions(PARTITIONS) == ["imp_1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


def test_dagster_itself_finds_the_home_of_the_environment_by_the_repositorys_file(tmp_path, monkeypatch):
    monkeypatch.setenv("IMPORT_PIPELINE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    (tmp_path / "scratch").mkdir()
    from dagster._core.instance.ref import InstanceRef

    # As `dagster dev` does it without DAGSTER_HOME: storage in a folder of its own, dagster.yaml of the current folder.
    ref = InstanceRef.from_dir(str(tmp_path / "scratch"), config_dir=str(REPOSITORY))
    with dg.DagsterInstance.from_ref(ref) as instance:
        assert isinstance(instance.event_log_storage, KeptEventLogStorage)
        assert instance.storage_directory().startswith(str(tmp_path / "home" / "dagster"))
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert instance.run_monitoring_enabled
        queue = instance.get_concurrency_config().run_queue_config
        assert queue
        assert queue.max_concurrent_runs == 2
    assert (tmp_path / "home/dagster/events/event_log.db").exists()


def test_a_changed_dagster_yaml_of_a_home_is_kept(tmp_path):
    settings = Settings(home=tmp_path)
    config = prepare_home(settings) / CONFIG_FILE
    config.write_text(instance_config() + "\n# mine\n")

    prepare_home(settings)

    assert config.read_text().endswith("# mine\n")


def test_who_watches_a_run_is_told_of_its_events(shared_runner):
    job = dg.GraphDefinition(name="nothing").to_job()
    seen = []

    result = job.execute_in_process(
        instance=shared_runner.instance, run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    )
    shared_runner.instance.watch_event_logs(result.run_id, None, lambda entry, cursor: seen.append(entry))

    until = time.monotonic() + 30
    while not any(entry.dagster_event and entry.dagster_event.is_job_success for entry in seen):
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("count", [12_000])
def test_thousands_of_partitions_are_added_at_once(shared_runner, count):
    from import_pipeline.orchestration.partitions import add_partitions

    add_partitions(shared_runner.instance, [f"many{number}" for number in range(count)])
    add_partitions(shared_runner.instance, ["many0"])

    assert len(shared_runner.instance.get_dynamic_partitions(PARTITIONS)) >= count
