"""Starting the command: quick, with help for every command, and with Dagster only where it is needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from import_pipeline.cli.app import app
from import_pipeline_tests.cli.terminal import Terminal

COMMANDS = [command.name or "" for command in app.registered_commands]


def test_help_imports_nothing_slow() -> None:
    slow = "{'dagster', 'duckdb', 'pandas', 'pandera', 'sqlalchemy', 'pyarrow', 's3fs', 'pydantic_settings'}"
    code = f"import sys; import import_pipeline.cli.app; print(sorted({slow} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, imported: Terminal) -> None:
    result = imported.run(command, "--help")
    assert result.exit_code == 0
    assert f"import-pipeline {command}" in result.stdout or command in result.stdout


def test_the_commands_are_those_that_are_promised() -> None:
    assert {"run", "confirm", "list", "show", "defects", "records", "inspect", "up"} <= set(COMMANDS)


def test_up_names_a_port_that_is_taken(imported: Terminal) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = imported.run("up", "--port", str(port))
    assert result.exit_code == 2
    assert str(port) in result.stderr


def test_an_import_into_a_home_that_is_there_loads_nothing_that_it_does_not_use(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    for number in (1, 2):
        file.write_text(f"External ID,Email\n{number},ada{number}@example.com\n9{number},nowhere\n")
        code = (
            "import sys; from import_pipeline.cli import main\n"
            "try: main()\n"
            "finally: print('LOADED', *sorted(sys.modules), file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, "run", str(file), "--record-type", "contact"],
            env=os.environ | {"IMPORT_PIPELINE_HOME": str(terminal.home)},
            capture_output=True,
            text=True,
            check=True,
        )
    loaded = set(done.stderr.rpartition("LOADED")[2].split())
    unused = {"alembic", "hypothesis", "fsspec", "s3fs", "boto3", "fastapi", "uvicorn", "dagster_webserver", "antlr4"}
    unused |= {"dagster._daemon.controller", "structlog", "tenacity"}  # nothing has to be tried again
    unused |= {"import_pipeline.orchestration.sensors", "import_pipeline.api"}
    assert unused & loaded == set()


def test_what_dagsters_storage_did_not_load_can_be_loaded_later(terminal: Terminal) -> None:
    code = (
        "from import_pipeline.orchestration.instance import open_instance\n"
        "from import_pipeline.settings import Settings\n"
        "with open_instance(Settings()) as instance: instance.upgrade()\n"
        "import alembic.command, dagster._daemon; print(dagster._daemon.SensorDaemon.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"IMPORT_PIPELINE_HOME": str(terminal.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["SensorDaemon"], done.stderr
