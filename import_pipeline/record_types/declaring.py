"""How a record type is declared: `RecordModel` and `field` in the files of `models/`, `column` for inline schemas.

A declaration is a Pandera schema and nothing else: label, type, synonyms and references are the metadata of its
columns, rules are its checks, and `RecordType` is read back from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandera.pandas as pa

from import_pipeline.record_types import field_types, plural_of
from import_pipeline.record_types.headers import with_joined_forms
from import_pipeline.record_types.record_type import Evidence, Field, RecordType

if TYPE_CHECKING:
    from types import ModuleType


class RecordModel(pa.DataFrameModel):
    """The base of all models; the type of a field decides the pandas type of its column."""

    class Config(pa.DataFrameModel.Config):
        """What all models share; a model's own Config names its identifiers in `metadata`."""

        strict = False

    @classmethod
    def build_schema_(cls, **kwargs: Any) -> pa.DataFrameSchema:
        """Build the schema, with the pandas type of each column taken from its field type."""
        schema = super().build_schema_(**kwargs)
        for column in schema.columns.values():
            column.dtype = pa.Column(_type_of(column).pandas_type).dtype
        return schema


def field(
    label: str,
    type: str = "text",
    *,
    synonyms: Iterable[str] = (),
    means: Iterable[str] = (),
    choices: Iterable[str] = (),
    words: Mapping[str, Iterable[str]] | None = None,
    refused: str | None = None,
    kept: Iterable[str] = (),
    required: bool = False,
    reference: str | None = None,
    description: str = "",
    checks: Iterable[pa.Check] = (),
    **pandera: Any,
) -> Any:
    """Declare a field of a model: a `pandera.pandas.Field` with our metadata and the rules of its type.

    Args:
        label: The name for people.
        type: The name of a file in `field_types/`.
        synonyms: Column headers that mean this field and no other; the field's name and label need not be repeated.
        means: The concepts of `run_config/suggestions/words` that the field takes, if not the one of its own name.
        choices: The constants of an enum.
        words: Constant → further words for it, as people and other programs write them.
        refused: The constant for whom a column that says the opposite (see `opposites.py`) says yes.
        kept: Those of them that a merge never replaces by another one, the strongest first.
        required: Whether a row without a value is refused.
        reference: `<record type>.<field>` that the value points to, for example `company.external_id`.
        description: One sentence for people.
        checks: Rules on top of those of the type: what the modules in `rules/` give by `check(...)`.
        pandera: Anything else that `pandera.pandas.Field` takes, for example `ge=0`.

    Raises:
        SpecError: There is no such type, or choices and type do not go together.
    """
    pairs = tuple((word, constant) for constant, listed in (words or {}).items() for word in listed)
    chosen = field_types.get(type, tuple(choices), pairs)
    info = pa.Field(
        nullable=not required,
        title=label,
        description=description or None,
        metadata=_metadata(type, synonyms, choices, reference, kept, pairs, refused) | {"means": tuple(means)},
        **pandera,
    )
    info.checks = [*chosen.checks(), *checks, *info.checks]
    return info


def column(
    label: str,
    type: str | field_types.FieldType = "text",
    *,
    synonyms: Iterable[str] = (),
    choices: Iterable[str] = (),
    required: bool = False,
    reference: str | None = None,
    description: str = "",
    checks: Iterable[pa.Check] = (),
) -> pa.Column:
    """Declare a field of a schema that is no file: as `field`, for `record_type_of_schema`; a type may be one made."""
    choices = tuple(choices)
    chosen = type if isinstance(type, field_types.FieldType) else field_types.get(type, choices)
    return pa.Column(
        chosen.pandas_type,
        checks=[*chosen.checks(), *checks],
        nullable=not required,
        title=label,
        description=description or None,
        metadata=_metadata(type, synonyms, choices, reference),
    )


def record_type_of_schema(
    name: str,
    columns: Mapping[str, pa.Column],
    identifiers: Iterable[str],
    *,
    label: str | None = None,
    description: str = "",
) -> RecordType:
    """A record type of a schema that was given inline; `columns` are made by `column`, by the name of their field.

    Its identifiers are those that it declares as unique, so all of them are strong.
    """
    identifiers = tuple(identifiers)
    schema = pa.DataFrameSchema(dict(columns))
    return _record_type(name, schema, identifiers, label, description, strong=identifiers)


def record_type_of_module(name: str, module: "ModuleType") -> RecordType:
    """The record type that a file in `models/` declares: its one `RecordModel`."""
    models = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, RecordModel) and thing.__module__ == module.__name__
    ]
    if len(models) != 1:
        raise TypeError(f"{module.__name__} must declare one RecordModel, it declares {len(models)}: {models}.")
    model = models[0]
    metadata = model.Config.metadata or {}
    record_type = _record_type(
        name,
        model.to_schema(),
        metadata["identifiers"],
        metadata.get("label"),
        (model.__doc__ or "").strip(),
        strong=metadata["strong"],
        second=metadata.get("second", {}),
        further=metadata.get("further", {}),
        evidence=tuple(Evidence(kind, tuple(fields)) for kind, *fields in metadata.get("evidence", ())),
    )
    wholes = tuple(metadata.get("wholes", ()))
    for whole in wholes:
        for part in (whole.field, *whole.parts):
            record_type.field(part)
    return replace(record_type, wholes=wholes)


def _record_type(
    name: str,
    schema: pa.DataFrameSchema,
    identifiers: Iterable[str],
    label: str | None,
    description: str,
    *,
    strong: Iterable[str],
    second: Mapping[str, str] | None = None,
    further: Mapping[str, tuple[str, ...]] | None = None,
    evidence: tuple[Evidence, ...] = (),
) -> RecordType:
    plural = plural_of(name)
    record_type = RecordType(
        name=name,
        plural=plural,
        table=plural,
        label=label or name.replace("_", " ").capitalize(),
        fields=tuple(_field(field_name, column) for field_name, column in schema.columns.items()),
        identifiers=tuple(identifiers),
        strong=tuple(strong),
        schema=schema,
        description=description,
        second=dict(second or {}),
        further=dict(further or {}),
        evidence=evidence,
    )
    named = [
        *record_type.identifiers,
        *record_type.second.values(),
        *record_type.further,
        *(name for one in evidence for name in one.fields),
    ]
    for identifier in named:
        record_type.field(identifier)
    return record_type


def _field(name: str, column: pa.Column) -> Field:
    metadata = column.metadata or {}
    record_type, _, reference_field = (metadata.get("reference") or "").partition(".")
    label = column.title or name.replace("_", " ").capitalize()
    return Field(
        name=name,
        label=label,
        type=_type_of(column),
        synonyms=with_joined_forms([name, label, *metadata.get("synonyms", ())]),
        means=tuple(metadata.get("means", ())),
        choices=tuple(metadata.get("choices", ())),
        required=not column.nullable,
        reference=record_type or None,
        reference_field=reference_field or None,
        kept=tuple(metadata.get("kept", ())),
        refused=metadata.get("refused"),
        description=column.description or "",
    )


def _metadata(
    type: str | field_types.FieldType,
    synonyms: Iterable[str],
    choices: Iterable[str],
    reference: str | None,
    kept: Iterable[str] = (),
    words: Iterable[tuple[str, str]] = (),
    refused: str | None = None,
) -> dict[str, Any]:
    return {
        "type": type,
        "synonyms": tuple(synonyms),
        "choices": tuple(choices),
        "reference": reference,
        "kept": tuple(kept),
        "words": tuple(words),
        "refused": refused,
    }


def _type_of(column: pa.Column) -> field_types.FieldType:
    metadata = column.metadata or {}
    declared = metadata.get("type", "text")
    if isinstance(declared, field_types.FieldType):
        return declared
    return field_types.get(declared, tuple(metadata.get("choices", ())), tuple(metadata.get("words", ())))
