"""As JSON, every line of work on an import says which import that is, in every process, and no value of a row."""

import json
import os
import subprocess
import sys
from pathlib import Path

from import_pipeline.service.deploying import write
from import_pipeline.settings import Settings
from import_pipeline_tests.api.serving import serving

VALUE = "ada.secret@example.com"


def lines_of(text: str) -> list[dict]:
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in found if str(line.get("logger", "")).startswith("import_pipeline")]


def run(arguments: list[str], home: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", "from import_pipeline.cli import main; main()", *arguments],
        env=os.environ | {"IMPORT_PIPELINE_HOME": str(home), "IMPORT_PIPELINE_LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_terminal_prints_as_ever_and_logs_each_phase_with_its_import(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"Email,Phone\n{VALUE},+1 212 555 0100\n{VALUE}x@,1\n")
    arguments = ["run", str(file), "--record-type", "contact", "--organization", "acme", "--id", "people", "--json"]
    done = run(arguments, settings.home_path)
    assert json.loads(done.stdout)["status"] == "completed"
    lines = lines_of(done.stderr)
    assert [line["phase"] for line in lines][::6] == ["prevalidation", "cleanup"]
    for line in lines:
        assert (line["import"], line["organization"], line["level"]) == ("people", "acme", "info")
        assert line["run"]
        assert line["time"].endswith("+00:00")
    assert VALUE not in done.stderr


def test_a_server_and_its_workers_log_with_the_import_and_no_value(settings: Settings, tmp_path: Path) -> None:
    with serving(settings, tmp_path, log_format="json") as served:
        client = served.client()
        body = {"resource": "contact", "upload_mode": "sync", "data": [{"email": VALUE}, {"email": f"{VALUE}@"}]}
        done = client.post("/v1/imports", body)
    lines = lines_of(served.log.read_text())
    phases = [line["phase"] for line in lines if line.get("import") == done["id"]]
    assert phases[:1] + phases[-1:] == ["prevalidation", "cleanup"]
    assert all(line["organization"] == client.organization for line in lines if "phase" in line)
    assert VALUE not in served.log.read_text()


def test_dagsters_processes_log_alike() -> None:
    code = (
        "import logging; from import_pipeline.definitions import defs; defs();"
        "from import_pipeline.logs import about\n"
        "with about(imports=['a', 'b'], run='r', organization='acme'):\n"
        "    try: raise ValueError('value of a row')\n"
        "    except ValueError: logging.getLogger('import_pipeline.service').exception('It broke')\n"
    )
    environment = os.environ | {"IMPORT_PIPELINE_LOG_FORMAT": "json"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    [line] = lines_of(done.stderr)
    assert (line["imports"], line["run"], line["organization"]) == (["a", "b"], "r", "acme")
    assert (line["error"]["kind"], len(line["error"]["trace"])) == ("ValueError", 1)
    assert "value of a row" not in done.stderr


def test_every_deployment_in_containers_asks_for_json(tmp_path: Path) -> None:
    for kind in ("compose", "kubernetes"):
        write(kind, tmp_path / kind)
        assert "IMPORT_PIPELINE_LOG_FORMAT=json" in (tmp_path / kind / "settings.env").read_text()
