"""The values of choice fields in the file of an import, before it starts: how many of which, and what each may mean."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.lexicon import plain
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.suggestions import suggest
from import_pipeline.service.column_formats import note_mapping
from import_pipeline.service.inspecting import read_file
from import_pipeline.sql import Parameters
from import_pipeline.stores import imports

if TYPE_CHECKING:
    from import_pipeline.home import Home
    from import_pipeline.phases.cells import Cells
    from import_pipeline.record_types.record_type import Field
    from import_pipeline.service.inspecting import ReadFile

MOST_VALUES = 100
_NEAR = 75.0
_LONGEST_TEXT = 200


def choice_values(home: "Home", import_id: str, mapping: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Look which values the columns of choice fields hold, over the whole file; nothing is stored.

    Args:
        home: The home.
        import_id: The import.
        mapping: Column → field, in place of what the import says; what is suggested where neither says it.

    Returns:
        What `api/inspection_models.ValuesOfColumn` describes, in the order of the fields.

    Raises:
        UploadMissingError: It has no file yet.
        PayloadError: The file cannot be read.
    """
    from import_pipeline.phases.cells import Cells

    record = imports.get(home.registry, import_id)
    # What the cells would mean without a word of a person: what the import says of them is not looked at.
    spec = ImportSpec.model_validate(record.spec).replaced(value_mappings={})
    with read_file(home, record, spec) as file:
        note_mapping(file.work, _mapping(file, mapping if mapping is not None else spec.column_mapping))
        cells = Cells.of(file.work)
        fields = [field for field in file.work.record_type.fields if field.choices and field.name in cells.columns]
        return [_of_field(cells, field) for field in fields if not field.type.sql_type.endswith("[]")]


def _mapping(file: "ReadFile", said: Mapping[str, str] | None) -> dict[str, str]:
    from import_pipeline.intake.column_values import column_values

    columns = file.reading.columns
    if said is not None:
        return {column: field for column, field in said.items() if column in columns}
    found = suggest(columns, file.work.record_type, column_values(file.work.connection))
    return {one.column: one.field for one in found if one.field is not None}


def _of_field(cells: "Cells", field: "Field") -> dict[str, Any]:
    bind = Parameters()
    text, meant = cells.trimmed(field.name), field.type.cast(cells.text(field.name, bind), bind, cells.options)
    found = cells.work.execute(
        f"""
        SELECT text, meant, count(*) AS times, count(*) OVER () AS texts, sum(count(*)) OVER () AS filled
        FROM (SELECT {text} AS text, {meant} AS meant FROM {cells.table})
        WHERE text IS NOT NULL
        GROUP BY ALL
        ORDER BY times DESC, text
        LIMIT {MOST_VALUES}
        """,
        bind,
    ).fetchall()
    distinct, filled = (int(found[0][3]), int(found[0][4])) if found else (0, 0)
    return {
        "column": cells.columns[field.name].column,
        "field": field.name,
        "choices": list(field.choices),
        "distinct": distinct,
        "values": [_value(field, value, meant, times) for value, meant, times, *_ in found],
        "rest_values": distinct - len(found),
        "rest_rows": filled - sum(times for _, _, times, *_ in found),
    }


def _value(field: "Field", value: str, meant: str | None, times: int) -> dict[str, Any]:
    is_known = meant is None or meant in field.choices
    suggestion = meant if is_known else _nearest(field, value)
    return {"value": value[:_LONGEST_TEXT], "count": times, "suggestion": suggestion, "is_known": is_known}


def _nearest(field: "Field", value: str) -> str | None:
    """The constant whose words come near a value that is none of them."""
    from rapidfuzz import fuzz, process

    words = {plain(word): choice for word, choice in field.type.known_words().items() if len(plain(word)) > 1}
    near = process.extractOne(plain(value), list(words), scorer=fuzz.WRatio, score_cutoff=_NEAR)
    return words[near[0]] if near is not None else None
