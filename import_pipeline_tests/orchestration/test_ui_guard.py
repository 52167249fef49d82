"""Dagster's UI as `up` serves it: it does what a person asks on its page, and nothing that another page could ask.

In the end one signal stops all that was started for it.
"""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from import_pipeline_tests.ports import free_ports

CODE = """
import sys
from import_pipeline.orchestration.up import up
from import_pipeline.settings import Settings
sys.exit(up(int(sys.argv[1]), Settings(), lambda line: print(line, flush=True), int(sys.argv[2])))
"""
SENSORS = """
{ sensorsOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "import_pipeline"}) {
    ... on Sensors { results { id name sensorState { status } } } } }
"""
JSON = "application/json"
PROCESSES = Path("/proc")


class Ui:
    """What speaks to the UI, as a browser or another program does."""

    def __init__(self, port: int, api_port: int, home: Path, up: "subprocess.Popen[bytes]") -> None:
        self.port, self.api_port, self.home, self.up = port, api_port, home, up

    def call(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of an answer; an underscore in a header's name stands for a hyphen."""
        status, text, _ = self.answer(method, path, body, {name.replace("_", "-"): it for name, it in headers.items()})
        return status, text

    def answer(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """Status, text and headers of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace"), answer.headers

    def ask(self, query: str, **headers: str) -> Any:
        """Ask as the page itself does; gives the data."""
        status, text = self.call("POST", "/graphql", json.dumps({"query": query}), Content_Type=JSON, **headers)
        assert status == 200, text
        return json.loads(text)["data"]

    def sensors(self) -> dict[str, dict[str, Any]]:
        """The sensors by name."""
        return {one["name"]: one for one in self.ask(SENSORS)["sensorsOrError"]["results"]}


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    """The UI of a home that is up, behind a reverse proxy at https://imports.example.com too."""
    folder = tmp_path_factory.mktemp("ui")
    (folder / "home").mkdir(mode=0o755)
    port, api_port = free_ports(2)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("IMPORT_PIPELINE_")}
    said = {
        "IMPORT_PIPELINE_HOME": str(folder / "home"),
        "IMPORT_PIPELINE_DAGSTER_URL": "https://imports.example.com",
    }
    log = folder / "up.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "-c", CODE, str(port), str(api_port)],
            env=clean | said,
            stdout=subprocess.PIPE,
            stderr=errors,
            umask=0,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, b"")
            assert any(b"Open https://imports.example.com" in line for line in lines), log.read_text(errors="replace")
            yield Ui(port, api_port, folder / "home", process)
        finally:
            process.send_signal(signal.SIGINT)  # where no test did
            process.wait(60)


@pytest.fixture
def stop(ui: Ui) -> str:
    """The mutation that stops a sensor at work."""
    sensor = ui.sensors()["queued_imports"]
    assert sensor["sensorState"]["status"] == "RUNNING"
    return f'mutation {{ stopSensor(id: "{sensor["id"]}") {{ __typename }} }}'


def test_no_request_that_another_page_can_make_stops_a_sensor(ui: Ui, stop: str) -> None:
    in_url = f"/graphql?query={quote(stop)}"
    as_json = json.dumps({"query": stop})
    here, evil = f"127.0.0.1:{ui.port}", "http://evil.example"
    refused = [
        ui.call("GET", in_url),
        ui.call("GET", in_url, Origin=evil),
        ui.call("GET", in_url.replace("query", "%71uery")),
        ui.call("GET", in_url.replace("/graphql", "/graphql/")),
        ui.call("POST", in_url),
        ui.call("POST", in_url, "", Content_Type="text/plain"),
        ui.call("POST", in_url, urlencode({"query": stop}), Content_Type="application/x-www-form-urlencoded"),
        ui.call("POST", "/graphql", as_json, Content_Type="text/plain; application/json"),
        ui.call("POST", "/graphql", as_json, Content_Type="multipart/form-data; boundary=application/json"),
        ui.call("POST", "/graphql", as_json, Content_Type=JSON, Origin=evil),
        ui.call("POST", "/graphql", as_json, Content_Type=JSON, Origin="null"),
        ui.call("POST", "/graphql", as_json, Content_Type=JSON, Origin="http://127.0.0.1:1"),
        ui.call("POST", "/graphql", as_json, Content_Type=JSON, Origin=f"https://{here}"),
        ui.call("POST", "/graphql", as_json, Content_Type=JSON, Host="evil.example"),
        ui.call("POST", "/graphql", as_json, Content_Type=JSON, Host="evil.example", Origin=evil),
        ui.call("POST", "/graphql", as_json, Content_Type=JSON, Host=f"localhost.evil.example:{ui.port}"),
        ui.call("GET", "/", Host="evil.example"),
        ui.call("GET", "/runs", Host=f"evil.example:{ui.port}"),
        ui.call("POST", "/report_asset_materialization/contacts?description=mine"),
        ui.call("POST", "/report_asset_materialization/contacts", "{}", Content_Type="text/plain"),
    ]
    assert [status for status, _ in refused if not 400 <= status < 500] == []
    assert {status for status, _ in refused} == {403, 405, 415, 421}
    assert ui.sensors()["queued_imports"]["sensorState"]["status"] == "RUNNING"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_no_other_page_opens_a_web_socket(ui: Ui, origin: str) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec_WebSocket_Protocol": "graphql-ws",
    }
    assert ui.call("GET", "/graphql", Origin=origin, **upgrade)[0] == 403


def test_no_other_page_shows_the_ui_inside_itself(ui: Ui) -> None:
    status, text, headers = ui.answer("GET", "/", None, {})
    assert status == 200
    assert "Dagster" in text
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_page_itself_is_answered_on_this_machine_and_behind_the_proxy_of_the_settings(ui: Ui) -> None:
    here, public = f"127.0.0.1:{ui.port}", "imports.example.com"
    for host, origin in (
        (here, f"http://{here}"),
        (f"localhost:{ui.port}", f"http://localhost:{ui.port}"),
        (f"[::1]:{ui.port}", f"http://[::1]:{ui.port}"),
        ("localhost:8080", "http://localhost:8080"),
        (here, f"https://{public}"),
        (public, f"https://{public}"),
        (f"{public}:443", f"https://{public}"),
    ):
        assert ui.ask("{ version }", Host=host, Origin=origin)["version"], host
        assert ui.call("GET", "/", Host=host)[0] == 200
    assert ui.call("POST", "/graphql", "{}", Content_Type=JSON, Host=public, Origin=f"http://{public}")[0] == 403


def test_only_their_owner_can_read_the_files_of_a_home_that_is_up(ui: Ui) -> None:
    kept = [ui.home, *ui.home.rglob("*")]
    assert any(path.name == "event_log.db" or path.suffix == ".db" for path in kept)
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


def test_a_person_stops_and_starts_a_sensor_on_the_page(ui: Ui, stop: str) -> None:
    ui.ask(stop, Origin=f"http://127.0.0.1:{ui.port}")
    assert ui.sensors()["queued_imports"]["sensorState"]["status"] == "STOPPED"
    selector = (
        '{repositoryName: "__repository__", repositoryLocationName: "import_pipeline", sensorName: "queued_imports"}'
    )
    ui.ask(f"mutation {{ startSensor(sensorSelector: {selector}) {{ __typename }} }}")
    assert ui.sensors()["queued_imports"]["sensorState"]["status"] == "RUNNING"


def processes_of(home: Path) -> list[int]:
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
def test_one_signal_stops_all_that_up_started(ui: Ui) -> None:
    """The last test of this file: afterwards nothing is up."""
    assert ui.call("GET", "/server_info")[0] == 200
    api = http.client.HTTPConnection("127.0.0.1", ui.api_port, timeout=30)
    api.request("GET", "/v1/imports")
    assert api.getresponse().status == 401
    assert len(processes_of(ui.home)) >= 5

    ui.up.send_signal(signal.SIGINT)

    assert ui.up.wait(60) == 0
    assert processes_of(ui.home) == []
