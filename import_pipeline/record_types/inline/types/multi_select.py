"""Several of the select options in one cell, stored as a list of their values."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.record_types.field_types import CastOptions, FieldType
from import_pipeline.record_types.field_types._json_list import json_list
from import_pipeline.record_types.inline.types._resolved_type import Choice, ResolvedType, looked_up
from import_pipeline.record_types.inline.types.select import pairs_of, refuse_no_choices
from import_pipeline.record_types.rules import all_choices, control_characters
from import_pipeline.sql import Parameters, trimmed


class Options(BaseModel):
    """What may be said about a multi-select."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delimiter: str = Field(default=",", min_length=1, max_length=8, description="What stands between two entries.")
    trimValues: bool = Field(default=True, description="Drop white space around an entry.")  # noqa: N815
    allowCustom: bool = Field(default=False, description="Take values that are no option.")  # noqa: N815
    exactMatchOnly: bool = Field(default=False, description="Take the case as it is written.")  # noqa: N815


OPTIONS = Options


@dataclass(frozen=True)
class MultiSelect(FieldType):
    """The entries of a cell, each looked up in the options; what is no option stays, for the rule to judge.

    A cell that is a JSON array of texts has its entries, whatever the delimiter.
    """

    meanings: tuple[tuple[str, str], ...] = ()
    delimiter: str = ","
    trims: bool = True
    exact: bool = False

    def cast(self, text_sql: str, bind: Parameters, options: CastOptions) -> str:
        """Split, trim, look up, leave out what is empty."""
        parts = f"coalesce({json_list(text_sql)}, string_split({text_sql}, {bind.bind(self.delimiter)}))"
        entry = trimmed("entry") if self.trims else "entry"
        found = looked_up("entry", dict(reversed(self.meanings)), bind, exact=self.exact)
        entries = f"list_filter(list_transform({parts}, lambda entry: {entry}), lambda entry: entry <> '')"
        return f"list_transform({entries}, lambda entry: coalesce({found}, entry))"


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """A list of texts."""
    refuse_no_choices(choices, options.allowCustom)
    values = tuple(choice.value for choice in choices)
    several = MultiSelect(
        "multi_select",
        sql_type="VARCHAR[]",
        pandas_type="object",
        meanings=pairs_of(choices),
        delimiter=options.delimiter,
        trims=options.trimValues,
        exact=options.exactMatchOnly,
        choices=values,
    )
    checks = (control_characters.check_entries() if options.allowCustom else all_choices.check(values),)
    return ResolvedType(several, checks, delimiter=options.delimiter)
