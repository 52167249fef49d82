"""Dagster's tables in a new SQLite file, made as they are today instead of by Alembic, which loads ninety revisions.

Only making belongs here, for all three files of a home. A test holds that Dagster's own storage makes the same.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path

from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Column, Engine, MetaData, PrimaryKeyConstraint, String, Table

_VERSIONS = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Made last: a file that has it is whole. Dagster's own storage of events leaves it empty."""
_REVISION = re.compile(r"""^revision\b[^=\n]*=\s*["'](\w+)""", re.MULTILINE)
_BEFORE = re.compile(r"^down_revision\b[^=\n]*=\s*(\([^)]*\)|.*)", re.MULTILINE)
_NAME = re.compile(r"""["'](\w+)["']""")


def is_made(file: Path) -> bool:
    """Whether a file has all of its tables. Dagster asks Alembic at each opening, which costs as much as a run."""
    if not file.exists():
        return False
    with closing(sqlite3.connect(file, timeout=SQLITE_BUSY_TIMEOUT_SECONDS)) as connection:
        return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [_VERSIONS.name]).fetchone() is not None


def make_tables(engine: Engine, metadata: MetaData, marks: Iterable[Callable[[], None]]) -> None:
    """Make the tables of a file that has none yet, or not all of them, where a process was killed as it made them.

    Args:
        engine: Opens the file.
        metadata: The tables, as Dagster declares them.
        marks: Note in them that nothing older is left to be changed; the revision is written last.
    """
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # one transaction: else the disk is waited for with each index
        metadata.create_all(connection)
        connection.commit()
    for mark in marks:
        mark()
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _VERSIONS.create(connection)
        connection.execute(_VERSIONS.insert().values(version_num=newest_revision()))
        connection.commit()


@cache
def newest_revision() -> str:
    """The revision of Dagster's tables that no other one follows, as its revisions say in their text."""
    folder = files("dagster._core.storage").joinpath("alembic", "versions")
    texts = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".py")]
    followed = {name for text in texts for before in _BEFORE.findall(text) for name in _NAME.findall(before)}
    newest = {name for text in texts for name in _REVISION.findall(text)} - followed
    if len(newest) != 1:
        raise RuntimeError(
            f"The revisions of Dagster's tables in {folder} do not end in one but in {sorted(newest)}: "
            "install a version of Dagster that import-pipeline names."
        )
    return newest.pop()
