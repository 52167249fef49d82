"""Several hosts on one machine, for tests and benchmarks: one with `up`, and workers, each in a home of its own.

Where the machine allows it, each host has a name of its own (a UTS namespace). All they share are PostgreSQL, the
bucket, the broker and the record stores.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from import_pipeline.home import Home
from import_pipeline.settings import Settings
from import_pipeline_tests.servers import BrokerServer, PostgresServer, S3Server, free_ports

CELERY = "dagster.celery.yaml"


@dataclass
class Host:
    """A host: its name, its home, and what runs on it."""

    name: str
    home: Path
    environment: dict[str, str] = field(repr=False)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list, repr=False)

    @property
    def settings(self) -> Settings:
        """The settings of the host, in this process."""
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self.environment)
        try:
            return Settings()
        finally:
            os.environ.clear()
            os.environ.update(before)

    def open(self) -> Home:
        """The home, in this process."""
        return Home(self.settings)

    @property
    def log(self) -> Path:
        """What its processes print."""
        return self.home.parent / f"{self.name}.log"

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Run a command of the program on it."""
        command = [sys.executable, "-m", "import_pipeline", *arguments]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*_named(self.name), *command],
                env=self.environment,
                cwd=self.home.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def run(self, *arguments: str) -> str:
        """Run a command of the program on it to its end; gives what it printed."""
        command = [*_named(self.name), sys.executable, "-m", "import_pipeline", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=self.home.parent, capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    def kill(self) -> None:
        """Let all its processes die at once, as where its power is cut."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def stop(self) -> None:
        """Ask its processes to end, and wait for it."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
        self.kill()


class Cluster:
    """Hosts that share PostgreSQL, bucket and broker.

    Args:
        folder: Where homes and logs lie.
        postgres: Gets a database for the registry and one for Dagster.
        s3: Its bucket.
        broker: The broker.
        slots: How many runs all workers take together.
        more: Further settings of all hosts.
    """

    def __init__(
        self,
        folder: Path,
        postgres: PostgresServer,
        s3: S3Server,
        broker: BrokerServer,
        slots: int,
        more: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.hosts: dict[str, Host] = {}
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("IMPORT_PIPELINE_", "DAGSTER"))
        }
        self.shared = kept | {
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "IMPORT_PIPELINE_REGISTRY_URL": postgres.new_database(),
            "IMPORT_PIPELINE_DAGSTER_STORAGE_URL": postgres.new_database(),
            "IMPORT_PIPELINE_BROKER_URL": broker.url,
            "IMPORT_PIPELINE_RUN_SLOTS": str(slots),
            "IMPORT_PIPELINE_BUCKET_URL": f"s3://{s3.bucket}/{secrets.token_hex(8)}",
            "IMPORT_PIPELINE_BUCKET_ENDPOINT": s3.endpoint,
            "IMPORT_PIPELINE_BUCKET_KEY": s3.key,
            "IMPORT_PIPELINE_BUCKET_SECRET": s3.secret,
            "IMPORT_PIPELINE_SIGNING_KEY": secrets.token_hex(32),
            "IMPORT_PIPELINE_LAUNCH_FOLDERS": "[]",
            "IMPORT_PIPELINE_SETTLE_SECONDS": "0",
            **(more or {}),
        }

    def host(self, name: str) -> Host:
        """A host of this name, with an empty home that has the shared dagster.yaml."""
        home = self.folder / name / "home"
        (home / "dagster").mkdir(parents=True)
        config = files("import_pipeline.orchestration").joinpath(CELERY).read_text("utf-8")
        (home / "dagster" / "dagster.yaml").write_text(config)
        (self.folder / "records").mkdir(exist_ok=True)
        (home / "records").symlink_to(self.folder / "records")
        made = Host(name, home, self.shared | {"IMPORT_PIPELINE_HOME": str(home)})
        self.hosts[name] = made
        return made

    def control(self) -> Host:
        """The host with code server, daemon and UI."""
        made = self.host("control")
        (port,) = free_ports(1)
        made.start("up", "--port", str(port))
        return made

    def worker(self, name: str, slots: int = 1) -> Host:
        """A host with a worker."""
        made = self.hosts.get(name) or self.host(name)
        made.start("worker", "--slots", str(slots))
        return made

    def stop(self) -> None:
        """End everything."""
        for host in reversed(self.hosts.values()):
            host.stop()


def wait_until(done: Callable[[], bool], seconds: float, what: str, every: float = 0.3) -> float:
    """Wait for something; gives how long that took."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"Not within {seconds:g} s: {what}.")
        time.sleep(every)
    return time.monotonic() - began


@contextlib.contextmanager
def cluster(
    folder: Path, postgres: PostgresServer, s3: S3Server, broker: BrokerServer, slots: int, **more: str
) -> Iterator[Cluster]:
    """A cluster whose hosts all end with the block."""
    made = Cluster(folder, postgres, s3, broker, slots, more)
    try:
        yield made
    finally:
        made.stop()


def _named(name: str) -> Sequence[str]:
    """How a command is begun under a host name of its own, where the machine allows it."""
    script = 'hostname "$0" && exec "$@"'
    return ("unshare", "--uts", "sh", "-c", script, name) if _may_name() else ()


def _may_name() -> bool:
    return subprocess.run(["unshare", "--uts", "true"], capture_output=True, check=False).returncode == 0
