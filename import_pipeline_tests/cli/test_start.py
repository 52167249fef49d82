"""Starting the command: quick, with help for every command, and with Dagster only where it is needed."""

import subprocess
import sys

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
