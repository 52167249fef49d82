"""`up`: webserver, daemon, code server and HTTP API of one home, as child processes, stopped together.

All listen on loopback. UI and API take another address only where a setting names the reverse proxy before them.

Each child leads its own session, so that one Ctrl-C reaches this process alone, which then stops them in order: first
what takes requests, then what starts runs, then the code server with the runs it started.
"""

import contextlib
import errno
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from import_pipeline.errors import ImportPipelineError, MisuseError
from import_pipeline.orchestration.dead_runs import fail_runs_of_dead_servers
from import_pipeline.orchestration.instance import open_instance, prepare_home
from import_pipeline.orchestration.several_hosts import check_several_hosts
from import_pipeline.service.listening import LOOPBACK, check_api_host, check_ui_host
from import_pipeline.settings import Settings

_READY_SECONDS = 120.0
_STOP_SECONDS = 15.0
_MODULE = "import_pipeline.definitions"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on


def up(
    port: int,
    settings: Settings,
    say: Callable[[str], None] = lambda line: None,
    api_port: int | None = None,
    host: str = LOOPBACK,
) -> int:
    """Serve Dagster's UI, sensors, schedules and runs of one home until Ctrl-C or SIGTERM.

    Args:
        port: Where the UI listens.
        settings: The settings of the home.
        say: Told, in one line each, what a person wants to know.
        api_port: Where the HTTP API listens; it is not served where this is left out.
        host: The address on which both listen.

    Returns:
        0 if it was asked to stop, 1 if one of the processes ended by itself.

    Raises:
        MisuseError: The port is taken, this home is up already, or others would reach the UI without a login.
        SettingsError: It is one of several hosts, and lacks what they share.
    """
    check_ui_host(host, settings)
    check_several_hosts(settings)
    if api_port is not None:
        check_api_host(host, settings)
    if not _is_free(host, port):
        raise MisuseError(f"Port {port} of {host} is taken. Give another one: --port {port + 1}.", port=port)
    if api_port is not None and (api_port == port or not _is_free(host, api_port)):
        raise MisuseError(f"Port {api_port} of {host} is taken. Give another one: --api-port {api_port + 1}.")
    folder = prepare_home(settings)
    with _one_per_home(folder), _asked_to_stop() as stopped, tempfile.TemporaryDirectory() as scratch:
        with open_instance(settings) as instance:
            for run_id in fail_runs_of_dead_servers(instance):
                say(f"Run {run_id} was at work when its server stopped; its import is marked as failed.")
        environment = _environment(settings, folder)
        workspace = Path(scratch) / "workspace.yaml"
        code_port = _free_port()
        workspace.write_text(
            f"load_from:\n  - grpc_server: {{host: {LOOPBACK}, port: {code_port}, location_name: import_pipeline}}\n",
            encoding="utf-8",
        )
        commands = {
            "code server": [
                *("dagster", "code-server", "start", "-m", _MODULE, "-h", LOOPBACK, "-p", str(code_port)),
                *("-d", scratch, "--use-python-environment-entry-point", "--log-level", "warning"),
            ],
            "daemon": ["dagster._daemon", "run", "-w", str(workspace), "--log-level", "warning"],
            "webserver": ["import_pipeline.orchestration.webserver", host, str(port), str(workspace)],
        }
        if api_port is not None:
            commands["API"] = ["import_pipeline", "serve", "--host", host, "--port", str(api_port)]
        say(f"Starting Dagster for {settings.home_path} …")
        children: dict[str, subprocess.Popen[bytes]] = {}
        reached = LOOPBACK if host in _EVERYWHERE else host
        try:
            children["code server"] = _start(commands["code server"], environment)
            _wait_for(lambda: _answers(LOOPBACK, code_port), children, stopped)
            for name in list(commands)[1:]:
                children[name] = _start(commands[name], environment)
            _wait_for(
                lambda: _serves(reached, port) and (api_port is None or _answers(reached, api_port)), children, stopped
            )
            if not stopped and not _ended(children):
                say(f"Open {settings.dagster_url or f'http://{reached}:{port}'} in a browser. Ctrl-C stops everything.")
            _wait_for(lambda: False, children, stopped, seconds=None)
            ended = _ended(children)
            if ended and not stopped:
                say(f"The {ended[0]} ended by itself; its last lines are above.")
            return 0 if stopped else 1
        finally:
            say("Stopping …")
            _stop(list(reversed(children.values())))


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    return os.environ | {
        "DAGSTER_HOME": str(folder),
        "IMPORT_PIPELINE_HOME": str(settings.home_path),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _start(arguments: Sequence[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        [sys.executable, "-m", *arguments], env=environment, start_new_session=True, stdin=subprocess.DEVNULL
    )


def _wait_for(
    ready: Callable[[], bool],
    children: dict[str, "subprocess.Popen[bytes]"],
    stopped: list[int],
    seconds: float | None = _READY_SECONDS,
) -> None:
    """Wait until something is ready, a child has ended or a stop was asked for."""
    until = None if seconds is None else time.monotonic() + seconds
    while not stopped and not _ended(children) and not ready():
        if until is not None and time.monotonic() > until:
            raise ImportPipelineError(
                f"Dagster was not ready within {seconds:g} seconds. What it printed says why; is the machine busy?"
            )
        time.sleep(0.2)


def _ended(children: dict[str, "subprocess.Popen[bytes]"]) -> list[str]:
    return [name for name, child in children.items() if child.poll() is not None]


def _stop(children: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Ask each child to end, in order; what has not ended in time, or was left behind in its session, is killed."""
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGINT)
    until = time.monotonic() + _STOP_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(0.1, until - time.monotonic()))
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextlib.contextmanager
def _one_per_home(folder: Path) -> Iterator[None]:
    """Two daemons on one home would start every run twice."""
    with (folder / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MisuseError(
                f"{folder.parent} is up already. Stop that one first, or choose another home by IMPORT_PIPELINE_HOME.",
                home=str(folder.parent),
            ) from None
        yield


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[list[int]]:
    """A list that gets the number of the signal that asks to stop; the second one is as good as the first."""
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise MisuseError(f"--host {host}: this machine has no such address. 0.0.0.0 is all it has.") from None
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def _answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def _serves(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/server_info", headers={"Host": f"localhost:{port}"})  # what `ui_guard` lets in
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
