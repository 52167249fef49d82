"""Which of several e-mail addresses or phone numbers goes to which of the fields that hold them.

Each column goes to the field that is meant for it (mobile numbers to the second phone, a second address to the second
e-mail), and to another one that is free where that is taken. A column that holds nothing takes no field from one that
holds something.
"""

from collections.abc import Callable, Sequence

from import_pipeline.run_config.suggestions.meaning import Meaning
from import_pipeline.run_config.suggestions.read_columns import Column

_PLACES = ("", "work", "registered", "mailing", "home", "billing", "shipping", "secondary", "other")


def email_columns(columns: Sequence[Column], fields: Sequence[str]) -> dict[str, Column]:
    """Field → its column with e-mail addresses."""
    addresses = [column for column in columns if column.concept == "email"]
    return _filled(addresses, fields, _wanted_email, moves_on=True)


def phone_columns(columns: Sequence[Column], fields: Sequence[str]) -> dict[str, Column]:
    """Field → its column with phone numbers."""
    return _filled([column for column in columns if column.concept in ("phone", "mobile")], fields, _wanted_phone)


def _filled(
    columns: Sequence[Column], fields: Sequence[str], wanted: Callable[[Meaning], int], *, moves_on: bool = False
) -> dict[str, Column]:
    """The columns in their fields, the best first.

    Args:
        columns: The columns.
        fields: The fields.
        wanted: Which of the fields, from 0, a column is meant for.
        moves_on: Whether a column whose field is taken takes the next one before others are asked.
    """
    found: dict[str, Column] = {}
    if not fields:
        return found
    ranked = sorted(columns, key=lambda column: (column.is_empty, not column.own_field, *_rank(column)))
    left: list[Column] = []
    for column in ranked:
        field = column.own_field or fields[min(wanted(column.meaning), len(fields) - 1)]
        if moves_on and field in found and not column.is_empty:
            field = next((other for other in fields if other not in found), field)
        if column.is_empty or field in found or field not in fields:
            left.append(column)
        else:
            found[field] = column
    for column in left:
        meant = column.own_field or fields[min(wanted(column.meaning), len(fields) - 1)]
        free = [field for field in fields if field not in found]
        if column.is_empty and meant in fields:
            found.setdefault(meant, column)
        elif free:
            found[free[0]] = column
    return found


def _rank(column: Column) -> tuple[object, ...]:
    meaning = column.meaning
    return (
        meaning.subject == "company",
        meaning.number > 1,
        meaning.concept == "mobile",
        meaning.is_combined,
        _PLACES.index(meaning.place),
        "primary" not in meaning.places,
        meaning.number,
        not column.is_exact,
        meaning.preference,
        column.order,
    )


def _wanted_email(meaning: Meaning) -> int:
    if meaning.place in ("secondary", "other"):
        return 1
    return meaning.number - 1


def _wanted_phone(meaning: Meaning) -> int:
    if meaning.concept == "mobile":
        return 1
    if meaning.place in ("home", "other"):
        return 2
    if meaning.place == "secondary":
        return 1
    return meaning.number - 1
