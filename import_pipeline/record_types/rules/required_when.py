"""A field needs a value if other fields of its row have one, have none, or have certain ones: a rule between fields."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from import_pipeline.sql import Parameters, quote

if TYPE_CHECKING:
    import pandas
    from pandera.pandas import Check

CODE = "missing_value"

# Name → whether the others must hold, and whether it takes all of them.
_PRESENCE = {
    "require_with": (True, False),
    "require_without": (False, False),
    "require_with_all": (True, True),
    "require_without_all": (False, True),
}
_VALUES = {
    "require_with_values": (True, False),
    "require_without_values": (False, False),
    "require_with_all_values": (True, True),
    "require_without_all_values": (False, True),
}
CHECKS = (*_PRESENCE, *_VALUES)


def check(name: str, field: str, others: Sequence[str] | Mapping[str, Sequence[Any]]) -> "Check":
    """A value is needed where the others are as `name` says.

    Args:
        name: One of CHECKS. `with`: one of the others has a value (or one of its values), `with_all`: all of them;
            `without`: one has none, `without_all`: all have none.
        field: The field that needs a value then.
        others: The other fields; for the names that end with `values`, each with the values that count.
    """
    from pandera.pandas import Check

    conditions = dict(others) if isinstance(others, Mapping) else dict.fromkeys(others)
    return Check(
        partial(_are_filled, name=name, field=field, others=conditions),
        name=name,
        error=f"{name}({', '.join(conditions)})",
        statistics={"field": field, "others": conditions},
        ignore_na=False,
    )


def suspects(column: str, statistics: Mapping[str, Any], bind: Parameters) -> str | None:
    """The check itself."""
    holds, all_of_them = _meaning(statistics["check"])
    conditions = []
    for other, values in statistics["others"].items():
        if values is None:
            conditions.append(f"{quote(other)} IS {'NOT ' if holds else ''}NULL")
        else:
            found = f"coalesce({quote(other)} IN ({', '.join(bind.bind(value) for value in values)}), false)"
            conditions.append(found if holds else f"NOT {found}")
    return f"{column} IS NULL AND ({(' AND ' if all_of_them else ' OR ').join(conditions)})"


def message(statistics: Mapping[str, Any]) -> str:
    """Name the others."""
    holds, all_of_them = _meaning(statistics["check"])
    several = len(statistics["others"]) > 1
    who = (" and " if all_of_them else " or ").join(
        other if values is None else f"{other} {'/'.join(map(str, values))}"
        for other, values in statistics["others"].items()
    )
    verb = "are" if several and all_of_them else "is"
    return f"No value, and this field needs one because {who} {verb} {'' if holds else 'not '}given: write one."


def _meaning(name: str) -> tuple[bool, bool]:
    return (_PRESENCE | _VALUES)[name]


def _are_filled(
    frame: "pandas.DataFrame", name: str, field: str, others: Mapping[str, Sequence[Any] | None]
) -> "pandas.Series":
    import pandas

    holds, all_of_them = _meaning(name)
    verdicts = pandas.DataFrame(
        {
            other: frame[other].notna() if values is None else frame[other].isin(list(values)).astype(bool)
            for other, values in others.items()
        },
        index=frame.index,
    )
    verdicts = verdicts if holds else ~verdicts
    needed = verdicts.all(axis=1) if all_of_them else verdicts.any(axis=1)
    return pandas.Series(frame[field].notna() | ~needed)
