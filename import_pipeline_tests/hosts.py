"""Several hosts on one machine, for tests and benchmarks: one with `up`, and workers, each in a home of its own.

Where the machine allows it, each host has a name of its own (a UTS namespace), and a network that can be cut. All they
share are PostgreSQL, the bucket and the broker; their record stores are on PostgreSQL, too.
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

import psutil

from import_pipeline.home import Home
from import_pipeline.settings import Settings
from import_pipeline_tests.networks import Network
from import_pipeline_tests.ports import free_ports
from import_pipeline_tests.servers import BrokerServer, PostgresServer, S3Server

CELERY = "dagster.celery.yaml"


@dataclass
class Host:
    """A host: its name, its home, and what runs on it."""

    name: str
    home: Path
    environment: dict[str, str] = field(repr=False)
    is_named: bool = True
    network: Network | None = field(default=None, repr=False)
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
                [*self._prefix(), *command],
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
        command = [*self._prefix(), sys.executable, "-m", "import_pipeline", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=self.home.parent, capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    def has(self, owner: str | None) -> bool:
        """Whether a process, as leases name it, is one of its own."""
        pid = int((owner or "").split(":")[1] or 0) if owner else 0
        with contextlib.suppress(ProcessLookupError):
            return os.getsid(pid) in {process.pid for process in self.processes}
        return False

    def is_at_work(self) -> bool:
        """Whether a process of its worker has used its processor within the last half second."""
        children = [
            child for process in self.processes for child in psutil.Process(process.pid).children(recursive=True)
        ]
        before = sum(sum(child.cpu_times()[:2]) for child in children)
        time.sleep(0.5)
        return sum(sum(child.cpu_times()[:2]) for child in children if child.is_running()) - before > 0.01

    def _prefix(self) -> Sequence[str]:
        """How a command is begun under the name of the host and in its network, where the machine allows it."""
        script = 'hostname "$0" && exec "$@"'
        named = ("unshare", "--uts", "sh", "-c", script, self.name) if self.is_named and _may_name() else ()
        return (*(self.network.within(self.name) if self.network else ()), *named)

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
        postgres: Gets databases for the registry, the record stores and Dagster.
        s3: Its bucket.
        broker: The broker.
        slots: How many runs all workers take together.
        more: Further settings of all hosts.
        are_named: Whether hosts have names of their own. A death is then noticed when the leases run out, else at once.
        network: The network that they are joined to; without one, all are in that of this machine.
    """

    def __init__(
        self,
        folder: Path,
        postgres: PostgresServer,
        s3: S3Server,
        broker: BrokerServer,
        slots: int,
        more: dict[str, str] | None = None,
        *,
        are_named: bool = True,
        network: Network | None = None,
    ) -> None:
        self.folder = folder
        self.network = network
        self._are_named = are_named
        self.hosts: dict[str, Host] = {}
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("IMPORT_PIPELINE_", "DAGSTER"))
        }
        self.shared = kept | {
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "IMPORT_PIPELINE_REGISTRY_URL": postgres.new_database(),
            "IMPORT_PIPELINE_STORE_URL": postgres.new_database().replace("+psycopg", ""),
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
        if self.network is not None:
            self.network.join(name)
        environment = self.shared | {"IMPORT_PIPELINE_HOME": str(home)}
        made = Host(name, home, environment, self._are_named, self.network)
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
            if self.network is not None:
                self.network.leave(host.name)


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
    folder: Path,
    postgres: PostgresServer,
    s3: S3Server,
    broker: BrokerServer,
    slots: int,
    *,
    are_named: bool = True,
    network: Network | None = None,
    **more: str,
) -> Iterator[Cluster]:
    """A cluster whose hosts all end with the block; `more` are further settings."""
    made = Cluster(folder, postgres, s3, broker, slots, more, are_named=are_named, network=network)
    try:
        yield made
    finally:
        made.stop()


def _may_name() -> bool:
    return subprocess.run(["unshare", "--uts", "true"], capture_output=True, check=False).returncode == 0
