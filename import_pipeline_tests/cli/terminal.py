"""A terminal in a test: runs real commands, in this process or in one of their own, against one home."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from import_pipeline.cli.app import app
from import_pipeline.settings import Settings
from import_pipeline_tests.store_kinds import settings_of


@dataclass(frozen=True)
class Terminal:
    """Commands against a home.

    Attributes:
        home: The home.
        store: The environment that names its record store, where that is no file in the home.
    """

    home: Path
    store: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The settings that its commands have."""
        return settings_of(self.home, self.store)

    def run(self, *arguments: str | Path, **environment: str) -> Result:
        """Run a command in this process."""
        known = dict.fromkeys((name for name in os.environ if name.startswith("IMPORT_PIPELINE_")), None)
        env = known | self._named | {"COLUMNS": "80"} | environment
        return CliRunner().invoke(app, [str(argument) for argument in arguments], env=env)

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """Start a command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", "from import_pipeline.cli import main; main()", *map(str, arguments)],
            env=os.environ | self._named,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def _named(self) -> dict[str, str]:
        """The environment that names home and store."""
        return {"IMPORT_PIPELINE_HOME": str(self.home), **self.store}

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
