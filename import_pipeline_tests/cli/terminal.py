"""A terminal in a test: runs real commands, in this process or in one of their own, against one home."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from import_pipeline.cli.app import app


@dataclass(frozen=True)
class Terminal:
    """Commands against the home `home`."""

    home: Path

    def run(self, *arguments: str | Path, **environment: str) -> Result:
        """Run a command in this process."""
        known = dict.fromkeys((name for name in os.environ if name.startswith("IMPORT_PIPELINE_")), None)
        env = known | {"IMPORT_PIPELINE_HOME": str(self.home), "COLUMNS": "80"} | environment
        return CliRunner().invoke(app, [str(argument) for argument in arguments], env=env)

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """Start a command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", "from import_pipeline.cli import main; main()", *map(str, arguments)],
            env=os.environ | {"IMPORT_PIPELINE_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def read(self, *arguments: str | Path) -> Any:
        """What a command with --json prints, read."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def stored(self, record_type: str = "contact", *options: str) -> list[dict[str, Any]]:
        """The stored records."""
        return self.read("records", record_type, "--limit", "1000", *options)["data"]

    def imports(self) -> list[dict[str, Any]]:
        """All imports, the newest first."""
        return self.read("list")["data"]


def values(records: Iterable[dict[str, Any]], *fields: str) -> list[tuple[Any, ...]]:
    """Some fields of records."""
    return [tuple(record[field] for field in fields) for record in records]
