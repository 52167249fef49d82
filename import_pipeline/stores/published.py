"""The table `published`: which version of the results of an import lies in the bucket, and under which names.

The objects of a version never change; a newer version is complete before this table names it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace

from sqlalchemy import Connection, select

from import_pipeline.stores.registry import Registry
from import_pipeline.stores.tables import imports, in_chunks, insert_or_replace
from import_pipeline.stores.tables import published as table
from import_pipeline.words import RESULTS


@dataclass(frozen=True)
class Published:
    """The results of one import as they were when it last stopped.

    Attributes:
        import_id: The import.
        version: What tells this version from earlier ones; it stands in the names of its objects.
        columns: The columns of the file in their order, each with whether its cells may be corrected.
        total_rows: The rows of the file.
        has_rows: Whether there is an object of rows: there are some.
        has_defects: Whether there is an object of defects: there are some.
        published_at: Epoch seconds.
    """

    import_id: str
    version: str
    columns: list[tuple[str, bool]]
    total_rows: int
    has_rows: bool
    has_defects: bool
    published_at: int

    @property
    def rows_key(self) -> str:
        """The object of the rows."""
        return f"{folder_of(self.import_id)}{self.version}.rows.parquet"

    @property
    def defects_key(self) -> str:
        """The object of the defects."""
        return f"{folder_of(self.import_id)}{self.version}.defects.parquet"

    @property
    def keys(self) -> list[str]:
        """The objects that there are."""
        given = ((self.has_rows, self.rows_key), (self.has_defects, self.defects_key))
        return [key for is_there, key in given if is_there]


def folder_of(import_id: str) -> str:
    """How the names of all objects of an import's results begin."""
    return f"{RESULTS}/{import_id}/"


def note(registry: Registry, new: Sequence[Published], run_id: str | None) -> list[Published]:
    """Note the present versions of the results of some imports, but of none that another run has taken up since.

    Args:
        registry: The registry.
        new: The versions, whose objects are complete.
        run_id: The run that worked on the imports.

    Returns:
        The versions that nobody is led to: those that the imports had before, and the new ones of other runs' imports.
    """

    def work(connection: Connection) -> list[Published]:
        ids = [one.import_id for one in new]
        ours = {import_id for import_id, had_by in _runs(connection, ids) if had_by == run_id}
        former = [one for one in _read(connection, ids) if one.import_id in ours]
        noted = [one for one in new if one.import_id in ours]
        if noted:
            connection.execute(insert_or_replace(connection, table), [asdict(one) for one in noted])
        versions = {one.version for one in noted}
        return [one for one in (*former, *new) if one.version not in versions]

    return registry.write(work)


def find(registry: Registry, import_id: str) -> Published | None:
    """Read which results of an import lie in the bucket; None where none were ever published."""
    found = registry.read(lambda connection: _read(connection, [import_id]))
    return found[0] if found else None


def _runs(connection: Connection, import_ids: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Each import with the run that has it, or had it last."""
    for chunk in in_chunks(import_ids):
        for row in connection.execute(select(imports.c.id, imports.c.run_id).where(imports.c.id.in_(chunk))):
            yield row.id, row.run_id


def _read(connection: Connection, import_ids: Sequence[str]) -> list[Published]:
    columns = [table.c[one.name] for one in fields(Published)]
    found: list[Published] = []
    for chunk in in_chunks(import_ids):
        for row in connection.execute(select(*columns).where(table.c.import_id.in_(chunk))).mappings():
            named = [(name, correctable) for name, correctable in row["columns"]]
            found.append(replace(Published(**{one: row[one] for one in row}), columns=named))
    return found
