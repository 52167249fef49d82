"""Which column goes to which field in one import: the mapping that was given, checked, or the suggestions, if usable.

Only the decision belongs here; how headers are compared is in `suggestions`, which way round a mapping is written in
`directions`.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from import_pipeline.errors import MappingError, ReviewNeededError
from import_pipeline.nearest import did_you_mean, listed
from import_pipeline.run_config.directions import fits_turned_round, known_fields, orient
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.run_config.suggestions import EXTERNAL_ID, ColumnValues, Suggestion, suggest
from import_pipeline.words import ID_FIELD, Action, MappingDirection

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import RecordType

__all__ = ["Suggestion", "mapping_to_copy", "resolve", "suggest", "unmapped", "usable"]


def usable(suggestions: Sequence[Suggestion]) -> bool:
    """Whether suggestions may be applied unseen: all are sure, and one of them identifies the record."""
    return not any(suggestion.is_asked for suggestion in suggestions) and any(
        suggestion.identifies for suggestion in suggestions if suggestion.field is not None
    )


def resolve(
    spec: ImportSpec,
    headers: Sequence[str],
    record_type: "RecordType",
    values: Mapping[str, ColumnValues] | None = None,
    doubts: Sequence[str] = (),
) -> dict[str, str]:
    """Decide the mapping of one import.

    Args:
        spec: What was asked.
        headers: The columns of the file, as it has them, each once.
        record_type: What the rows are.
        values: What the columns hold, as far as somebody looked: evidence for the suggestions.
        doubts: Why the headers may not say what the columns hold; a person is asked for the mapping then.

    Returns:
        {column: field}, in the order of the columns of the file.

    Raises:
        SpecError: The mapping that was given can be read both ways round.
        MappingError: It names an unknown column or field, maps a field twice, or identifies nothing.
        ReviewNeededError: None was given, and a person has to look at the suggestions (its `suggestions`).
    """
    _refuse_unknown_identifiers(spec, record_type)
    if spec.column_mapping is None:
        mapping = _suggested(spec, headers, record_type, values or {}, () if spec.auto_map else doubts)
    else:
        mapping = _given(spec, spec.column_mapping, headers, record_type)
    return {header: mapping[header] for header in headers if header in mapping}


def _refuse_unknown_identifiers(spec: ImportSpec, record_type: "RecordType") -> None:
    unknown = [name for name in spec.match_by if name not in (ID_FIELD, *record_type.identifiers)]
    if unknown:
        known = listed(record_type.identifiers) if record_type.identifiers else "no field: it has no identifiers"
        raise MappingError(
            f"match_by names {listed(unknown)}: a {record_type.name} is found by {known}.", match_by=list(spec.match_by)
        )


def unmapped(mapping: Mapping[str, str], headers: Sequence[str]) -> tuple[str, ...]:
    """The columns that go to no field, in their order."""
    return tuple(header for header in headers if header not in mapping)


def _given(
    spec: ImportSpec, given: dict[str, str], headers: Sequence[str], record_type: "RecordType"
) -> dict[str, str]:
    settled = spec.mapping_direction is MappingDirection.COLUMN_TO_FIELD
    mapping = given if settled else orient(given, headers, record_type)
    problems = [
        *_unknown_columns(mapping, headers),
        *_unknown_fields(mapping, record_type),
        *_fields_with_two_columns(mapping),
    ]
    if problems and settled and fits_turned_round(given, headers, record_type):
        problems.append(f"It would be right the other way round: set mapping_direction to {_OTHER_WAY!r}.")
    if not problems:
        problems = _identifies_nothing(spec, mapping, record_type)
    if problems:
        raise MappingError(
            f"The mapping cannot be used. {' '.join(problems)}",
            mapping=dict(mapping),
            columns=list(headers),
            fields=list(known_fields(record_type)),
        )
    return mapping


_OTHER_WAY = MappingDirection.FIELD_TO_COLUMN.value


def _unknown_columns(mapping: Mapping[str, str], headers: Sequence[str]) -> list[str]:
    columns = set(headers)
    return [
        f"The file has no column {column!r}. {did_you_mean(column, headers)}"
        for column in mapping
        if column not in columns
    ]


def _unknown_fields(mapping: Mapping[str, str], record_type: "RecordType") -> list[str]:
    known = known_fields(record_type)
    return [
        f"A {record_type.name} has no field {field!r} (for column {column!r}). {did_you_mean(field, known)}"
        for column, field in mapping.items()
        if field not in known
    ]


def _fields_with_two_columns(mapping: Mapping[str, str]) -> list[str]:
    columns: dict[str, list[str]] = {}
    for column, field in mapping.items():
        columns.setdefault(field, []).append(column)
    return [
        f"Columns {listed(several)} are mapped to one field {field!r}. Map one of them and leave the others out."
        for field, several in columns.items()
        if len(several) > 1
    ]


def _identifies_nothing(spec: ImportSpec, mapping: Mapping[str, str], record_type: "RecordType") -> list[str]:
    mapped = set(mapping.values())
    if spec.action is Action.DELETE:
        ids = [ID_FIELD, *spec.match_by] if spec.match_by else _ids(record_type)
        if mapped.isdisjoint(ids):
            others = [name for name in record_type.identifiers if name in mapped]
            by_others = f"To delete by {others[0]!r}, start it anew with match_by={others[0]}. " if others else ""
            return [
                f"A delete needs the id of each record, and no column is mapped to {listed(ids)}. "
                f"Map a column to one of them. {by_others}{_mapped_so_far(mapping)}"
            ]
        return []
    if record_type.is_inline:
        return _maps_too_little(mapping, record_type)
    identifiers = (ID_FIELD, *(spec.match_by or record_type.identifiers))
    if mapped.isdisjoint(identifiers):
        return [
            f"Nothing in it says which {record_type.name} a row means. "
            f"Map a column to at least one of {listed(identifiers)}. {_mapped_so_far(mapping)}"
        ]
    return []


def _maps_too_little(mapping: Mapping[str, str], record_type: "RecordType") -> list[str]:
    """A row of declared fields needs no identifier, but something has to be in it, and all that was asked for."""
    absent = [name for name in record_type.wanted if name not in mapping.values()]
    if absent:
        return [f"No column is mapped to {listed(absent)}, which the schema asks for. {_mapped_so_far(mapping)}"]
    return [] if mapping else [f"No column is mapped. Map one at least to one of {listed(record_type.field_names)}."]


def _mapped_so_far(mapping: Mapping[str, str]) -> str:
    return f"Mapped are {listed(f'{column} → {field}' for column, field in mapping.items())}."


def _ids(record_type: "RecordType") -> tuple[str, ...]:
    return (ID_FIELD, EXTERNAL_ID) if EXTERNAL_ID in record_type.field_names else (ID_FIELD,)


def _suggested(
    spec: ImportSpec,
    headers: Sequence[str],
    record_type: "RecordType",
    values: Mapping[str, ColumnValues],
    of_file: Sequence[str],
) -> dict[str, str]:
    deleting = spec.action is Action.DELETE
    suggestions = suggest(headers, record_type, values, deleting=deleting, translated=spec.value_mappings)
    mapping = {found.column: found.field for found in suggestions if found.field is not None}
    doubts = list(of_file)
    asked = [] if spec.auto_map else [found for found in suggestions if found.is_asked]
    similar = [found for found in asked if found.field is not None]
    left_out = [] if spec.keep_unmapped else [found for found in asked if found.field is None]
    if similar:
        doubts.append(f"Only similar: {listed(_said(found) for found in similar)}.")
    doubts += [_why(found, values) for found in (*similar, *left_out) if found.why]
    if left_out:
        doubts.append(_KEEPING)
    doubts += _identifies_nothing(spec, mapping, record_type)
    if doubts:
        raise ReviewNeededError(
            _review_reason(suggestions, mapping, doubts, record_type),
            suggestions=[found.as_dict() for found in suggestions],
        )
    return mapping


_KEEPING = (
    "Where that is to be kept, map the column to a field, or keep all columns without one in `extra` "
    "(keep_unmapped; at the terminal --keep-unmapped)."
)
_SHOWN_SAMPLES = 3
_SHOWN_TEXT = 40


def _why(found: Suggestion, values: Mapping[str, ColumnValues]) -> str:
    """Why a person is asked about a column, with some of its values."""
    where = f"{found.column!r}" if found.field is not None else f"{found.column!r} goes to no field, and"
    sample = values[found.column].sample if found.column in values else ()
    shown = [value if len(value) <= _SHOWN_TEXT else f"{value[:_SHOWN_TEXT]}…" for value in dict.fromkeys(sample)]
    examples = f" (for example {listed(shown[:_SHOWN_SAMPLES])})" if shown else ""
    return f"{where}: {found.why}{examples}." if found.field is not None else f"{where} {found.why}{examples}."


def _said(found: Suggestion) -> str:
    return f"{found.column} → {found.field} ({found.how}, {found.score:g})"


def mapping_to_copy(mapping: Mapping[str, str], columns: Sequence[str]) -> dict[str, str]:
    """The mapping that a person is shown to correct: where nothing is suggested, one that has to be filled in.

    >>> mapping_to_copy({}, ["Feld 1", "Feld 2"])
    {'Feld 1': 'FIELD'}
    """
    return dict(mapping) or dict.fromkeys(columns[:1], "FIELD")


def _review_reason(
    suggestions: Sequence[Suggestion], mapping: Mapping[str, str], doubts: Sequence[str], record_type: "RecordType"
) -> str:
    sure = [_said(found) for found in suggestions if found.how in ("exact", "synonym")]
    nothing = [found.column for found in suggestions if found.field is None]
    shown = mapping_to_copy(mapping, [found.column for found in suggestions])
    command = f"import-pipeline confirm ID --mapping {shlex.quote(json.dumps(shown, ensure_ascii=False))}"
    go_on = (
        "Correct what is wrong in the suggested mapping and go on with it"
        if mapping
        else f"Write a field in place of FIELD, one of {listed(known_fields(record_type))}, and go on with the mapping"
    )
    return " ".join(
        [
            f"The columns have to be mapped to fields of a {record_type.name} by a person.",
            *doubts,
            f"Sure: {listed(sure)}.",
            f"Without a suggestion: {listed(nothing)}.",
            f"{go_on}: {command}",
        ]
    )
