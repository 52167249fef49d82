"""One of the select options: its value is stored, whether the cell has the value, the label or another spelling."""

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.errors import SpecError
from import_pipeline.record_types.inline.types._resolved_type import Choice, Lookup, ResolvedType
from import_pipeline.record_types.rules import choices as choices_rule
from import_pipeline.record_types.rules import control_characters, length

MAX_LENGTH = 1_000


class Options(BaseModel):
    """What may be said about a select."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowCustom: bool = Field(default=False, description="Take values that are no option.")  # noqa: N815
    exactMatchOnly: bool = Field(default=False, description="Take the case as it is written.")  # noqa: N815


OPTIONS = Options


def build(options: Options, choices: tuple[Choice, ...]) -> ResolvedType:
    """Text that is looked up in the options."""
    refuse_no_choices(choices, options.allowCustom)
    values = tuple(choice.value for choice in choices)
    looked = Lookup(
        "select", meanings=pairs_of(choices), keeps_others=True, exact=options.exactMatchOnly, choices=values
    )
    if options.allowCustom:
        return ResolvedType(looked, (length.check(max_value=MAX_LENGTH), control_characters.check()))
    return ResolvedType(looked, (choices_rule.check(values),), choices=values)


def pairs_of(choices: tuple[Choice, ...]) -> tuple[tuple[str, str], ...]:
    """(text, value) of all that an option may be written as: values before labels before other spellings."""
    depth = max((len(choice.meanings) for choice in choices), default=0)
    return tuple(
        (choice.meanings[place], choice.value)
        for place in range(depth)
        for choice in choices
        if place < len(choice.meanings)
    )


def refuse_no_choices(choices: tuple[Choice, ...], allow_custom: bool) -> None:
    """Refuse a select without options."""
    if not choices and not allow_custom:
        raise SpecError("A select needs selectOptions, at least one: list what may be chosen, or set allowCustom.")
