"""Queries: what can be read of imports and records. Nothing here changes anything.

How things are shown is in `showing.py`, `published.py` and `histories.py`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from import_pipeline.errors import NotFoundError
from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.service import showing
from import_pipeline.stores import imports

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.record_types.record_type import RecordType


def import_object(home: "Home", import_id: str, organization: str | None = None) -> dict[str, Any]:
    """The import object; with `organization`, only if it belongs to it."""
    return showing.import_object(imports.get(home.registry, import_id, organization))


def defects(home: "Home", import_id: str, limit: int = 100, after: int = 0) -> list[dict[str, Any]]:
    """Some defects of an import, by row."""
    from import_pipeline.service import published

    return published.defects(home, imports.get(home.registry, import_id), limit, after)


def write_defects_csv(home: "Home", import_id: str, to: Path) -> int:
    """Write all defects of an import as CSV."""
    from import_pipeline.service import published

    return published.write_defects_csv(home, imports.get(home.registry, import_id), to)


def rows(
    home: "Home", import_id: str, limit: int = 100, after: int = 0, outcome: str | None = None
) -> list[dict[str, Any]]:
    """Some rows of an import with what becomes, or became, of them and the fields that change."""
    from import_pipeline.service import published

    return published.rows(home, imports.get(home.registry, import_id), limit, after, outcome)


def rows_page(
    home: "Home", import_id: str, limit: int = 100, offset: int = 0, outcome: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """The same for people: with what each record is known by, and how many rows there are."""
    from import_pipeline.service import rows_page

    record = imports.get(home.registry, import_id)
    return rows_page.rows_page(home, record, limit, offset, outcome, code)


def write_rows_csv(home: "Home", import_id: str, to: Path, outcome: str | None = None) -> int:
    """Write the rows of an import as CSV, a line for each field that changes."""
    from import_pipeline.service import published

    return published.write_rows_csv(home, imports.get(home.registry, import_id), to, outcome)


def records(home: "Home", record_type: str, organization: str, limit: int | None = 100) -> list[dict[str, Any]]:
    """Stored records of one type."""
    return showing.records(home.settings, _named(home, record_type, organization), organization, limit)


def find_records(
    home: "Home",
    record_type: str,
    organization: str,
    filters: Mapping[str, str] | None = None,
    limit: int = 100,
    cursor: str | None = None,
    text: str | None = None,
) -> dict[str, Any]:
    """A page of the stored records that have these values, and hold a text: data, has_more, next_cursor."""
    from import_pipeline.service import histories

    named = _named(home, record_type, organization)
    return histories.find_records(home.settings, named, organization, filters or {}, limit, cursor, text)


def record(home: "Home", record_type: str, record_id: str, organization: str) -> dict[str, Any]:
    """One stored record.

    Raises:
        NotFoundError: There is none of this id; its history may say what became of it.
    """
    found = find_records(home, record_type, organization, {"id": record_id}, limit=1)["data"]
    if not found:
        raise NotFoundError(record_type, record_id)
    return found[0]


def history(home: "Home", record_type: str, record_id: str, organization: str) -> list[dict[str, Any]]:
    """What imports did to one record, the oldest first."""
    from import_pipeline.service import histories

    return histories.history(home, _named(home, record_type, organization), record_id, organization)


def write_records_csv(home: "Home", record_type: str, organization: str, to: Path, limit: int | None = None) -> int:
    """Write stored records as CSV."""
    return showing.write_records_csv(home.settings, _named(home, record_type, organization), organization, to, limit)


def record_count(home: "Home", record_type: str, organization: str) -> int:
    """How many records of one type are stored."""
    return showing.record_count(home.settings, _named(home, record_type, organization), organization)


def record_type_named(home: "Home", name: str, organization: str) -> "RecordType":
    """What an organization can import by that name.

    Raises:
        UnknownRecordTypeError: Nothing.
    """
    return _named(home, name, organization)


def _named(home: "Home", record_type: str, organization: str) -> "RecordType":
    return showing.record_type_named(home.registry, record_type, organization)


def preview_file(home: "Home", path: Path, record_type: str | None, options: ReadOptions) -> dict[str, Any]:
    """What a file holds and how it would be read, with all of its rows counted and its whole columns decided."""
    from import_pipeline.service.column_formats import whole_file

    found = showing.preview_file(home.settings, path, record_type, options)
    if not found["sample_rows"]:
        return found
    mapping, named = found["suggested_mapping"], found["record_type"]
    return found | whole_file(path, mapping, named, options, home.settings)
