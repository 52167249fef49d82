"""`up`: processes on loopback that start and stop together."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from import_pipeline.errors import MisuseError
from import_pipeline.orchestration.up import up
from import_pipeline.settings import Settings
from import_pipeline_tests.ports import free_ports

PROCESSES = Path("/proc")
CODE = """
import sys
from import_pipeline.orchestration.up import up
from import_pipeline.settings import Settings
sys.exit(up(int(sys.argv[1]), Settings(), lambda line: print(line, flush=True), int(sys.argv[2])))
"""


def processes_of(home: str) -> list[int]:
    """Processes whose environment names this home."""
    found = []
    for folder in PROCESSES.iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                names = (folder / "environ").read_bytes().split(b"\0")
                if f"IMPORT_PIPELINE_HOME={home}".encode() in names:
                    found.append(int(folder.name))
    return found


@pytest.mark.skipif(not (PROCESSES / "self").is_dir(), reason="looks for processes in /proc")
def test_one_signal_stops_all_that_up_started(tmp_path):
    home, port, api_port = str(tmp_path / "home"), free_ports(1)[0], free_ports(1)[0]
    environment = {**os.environ, "IMPORT_PIPELINE_HOME": home}
    command = [sys.executable, "-c", CODE, str(port), str(api_port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, b"")
        assert any(b"Open http://127.0.0.1" in line for line in lines)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/server_info")
        assert connection.getresponse().status == 200
        connection = http.client.HTTPConnection("127.0.0.1", api_port, timeout=30)
        connection.request("GET", "/v1/imports")
        assert connection.getresponse().status == 401
        assert len(processes_of(home)) >= 5

        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=60) == 0
    assert processes_of(home) == []


def test_a_port_that_is_taken_is_refused_before_anything_starts(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(MisuseError, match="--port"):
            up(taken.getsockname()[1], Settings(home=tmp_path / "home"))

    assert not (tmp_path / "home").exists()
