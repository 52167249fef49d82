"""Two workers share imports by a broker, one of them is killed, and a third home sees what became of them."""

from itertools import count
from pathlib import Path

from import_pipeline.settings import Settings
from import_pipeline.words import Phase
from import_pipeline_tests.benchmarks.host_scenes import (
    Files,
    fingerprint,
    import_here,
    killed_in_a_phase,
    register,
)
from import_pipeline_tests.hosts import cluster
from import_pipeline_tests.servers import PostgresServer, S3Server, broker_server


def test_what_a_killed_worker_had_is_done_by_another_and_seen_from_a_third_home(
    tmp_path: Path, postgres_server: PostgresServer, s3_server: S3Server
) -> None:
    """The short form of `python -m import_pipeline_tests.benchmarks.several_hosts`."""
    organizations, files = ("acme", "other"), Files(tmp_path, rows=300)
    paths = [(files.of(one, 0), one) for one in organizations]
    names = [path.stem for path, _ in paths]
    expected = fingerprint(import_here(Settings(home=tmp_path / "alone"), paths), organizations, names)
    with (
        broker_server(tmp_path / "broker") as broker,
        cluster(tmp_path, postgres_server, s3_server, broker, 2, are_named=False) as hosts,
    ):
        home = hosts.control().open()
        for worker in ("alpha", "beta"):
            hosts.worker(worker)
        ids = [register(home, *one) for one in paths]
        spares = count()
        killed_in_a_phase(
            hosts,
            home,
            Phase.PROCESSING,
            ids,
            lambda: register(home, files.of("spare", next(spares)), "spare"),
            again=False,
        )
        third = hosts.host("third")
        assert fingerprint(third.open(), organizations, names) == expected
        assert "Not an email address" in third.run("defects", names[0])
