"""The registry's tables: the same whether made at once or by one revision after the other, and never by halves."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect

from import_pipeline.stores import imports
from import_pipeline.stores.migrations import HEAD
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import metadata
from import_pipeline_tests.migrating import migrate
from import_pipeline_tests.servers import PostgresServer

STOPPED_AT_A_TABLE = """
import sys, time
from sqlalchemy import event
from import_pipeline.stores import imports
from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import metadata
def stop(*_, **__):
    print("inside", flush=True)
    time.sleep(60)
event.listen(metadata.tables["webhooks"], "after_create", stop)
imports.find(Registry(sys.argv[1]), "x")
"""
STOPPED_AT_A_REVISION = """
import sys, time
from alembic import op
from import_pipeline.stores import imports
from import_pipeline.stores.registry import Registry
made = op.create_index
def stop(*arguments, **options):
    made(*arguments, **options)
    print("inside", flush=True)
    time.sleep(60)
op.create_index = stop
imports.find(Registry(sys.argv[1]), "x")
"""


@pytest.fixture
def new_registry_url(registry_url: str, postgres_server: PostgresServer, tmp_path: Path) -> str:
    """A second empty registry, of the same kind as the first."""
    return postgres_server.new_database() if "postgresql" in registry_url else f"sqlite:///{tmp_path / 'new.sqlite'}"


def tables_of(connection: Connection) -> dict[str, Any]:
    """What the database itself says of its tables; in which order their columns stand differs and decides nothing."""
    found = inspect(connection)
    return {
        table: {
            "columns": {
                one.pop("name"): {**one, "type": str(one["type"])} for one in map(dict, found.get_columns(table))
            },
            "key": found.get_pk_constraint(table),
            # Their names are PostgreSQL's own choice, and no revision calls one by its name.
            "references": [one | {"name": None} for one in found.get_foreign_keys(table)],
            "unique": found.get_unique_constraints(table),
            "checks": found.get_check_constraints(table),
            "indexes": sorted(found.get_indexes(table), key=lambda one: str(one["name"])),
        }
        for table in found.get_table_names()
    }


def test_the_revisions_make_the_tables_that_a_new_registry_has(registry_url: str, new_registry_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    migrate(registry_url, command.upgrade, "head")
    with Registry(registry_url) as migrated, Registry(new_registry_url) as made:
        assert migrated.read(tables_of) == made.read(tables_of)
        for registry in (migrated, made):
            differences = registry.read(lambda one: compare_metadata(MigrationContext.configure(one), metadata))
            assert differences == []
            assert registry.is_up_to_date()
    folder = Path(sys.modules["import_pipeline.stores.migrations"].__file__ or "").parent
    assert ScriptDirectory(str(folder)).get_heads() == [HEAD]


@pytest.mark.parametrize(("script", "version"), [(STOPPED_AT_A_TABLE, None), (STOPPED_AT_A_REVISION, "0001")])
def test_a_process_killed_while_it_makes_or_migrates_the_registry_leaves_nothing_half_done(
    tmp_path: Path, script: str, version: str | None
) -> None:
    file = tmp_path / "registry.sqlite"
    if version:
        migrate(f"sqlite:///{file}", command.upgrade, version)
    before = schema(file)
    assert bool(before) == bool(version)
    command_line = [sys.executable, "-c", script, f"sqlite:///{file}"]
    maker = subprocess.Popen(command_line, stdout=subprocess.PIPE, text=True)
    assert maker.stdout is not None
    assert maker.stdout.readline() == "inside\n"
    maker.send_signal(signal.SIGKILL)
    maker.communicate(timeout=60)
    assert schema(file) == before
    with Registry(f"sqlite:///{file}") as registry:
        assert imports.find(registry, "x") is None
        assert registry.is_up_to_date()


def schema(file: Path) -> list[tuple]:
    with sqlite3.connect(file) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
