"""Columns that belong together are taken together: one address of several, the names of one person.

No street of the office stands with the postal code of the home.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from import_pipeline.run_config.suggestions.meaning import ADDRESS_PARTS, NAME_PARTS
from import_pipeline.run_config.suggestions.read_columns import Column

_OF_STREETS = ("address", "whole_address")
"""What stands for the street where there is no column for it, the better one first."""
_CORE = ("street", "city", "postal_code")
_OF_PERSONS = (
    "",
    "primary",
    "mailing",
    "work",
    "company",
    "home",
    "billing",
    "registered",
    "shipping",
    "other",
    "secondary",
)
_OF_COMPANIES = (
    "",
    "registered",
    "primary",
    "company",
    "billing",
    "work",
    "mailing",
    "shipping",
    "home",
    "other",
    "secondary",
)
_MUCH_LESS = 0.8
_ONE_WORD = 0.8


def address_columns(columns: Sequence[Column], *, of_company: bool) -> dict[str, Column]:
    """Part of an address → its column, all of one address."""
    groups: defaultdict[tuple[str, int], list[Column]] = defaultdict(list)
    for column in columns:
        if column.concept in (*ADDRESS_PARTS, *_OF_STREETS):
            place = column.meaning.place or ("primary" if "primary" in column.meaning.places else "")
            place = "company" if column.meaning.subject == "company" and not of_company else place
            groups[place, column.meaning.number].append(column)
    order = _OF_COMPANIES if of_company else _OF_PERSONS
    most = max((_filled(_core_of(group)) for group in groups.values()), default=0)

    def standing(key: tuple[str, int]) -> tuple[object, ...]:
        columns = _core_of(groups[key])
        core = len({_part(column) for column in columns})
        return not core, _filled(columns) < _MUCH_LESS * most, -min(core, 2), order.index(key[0]), key[1], -core

    if not groups:
        return {}
    chosen = groups[min(groups, key=standing)]
    return {part: best for part in ADDRESS_PARTS if (best := _best_of_part(chosen, part)) is not None}


def _core_of(group: Sequence[Column]) -> list[Column]:
    """The columns of an address without which it is none, as far as they hold something."""
    return [column for column in group if _part(column) in _CORE and not column.is_empty]


def _part(column: Column) -> str | None:
    return "street" if column.concept in _OF_STREETS else column.concept


def _filled(group: Iterable[Column]) -> int:
    return max((column.filled for column in group), default=0)


def _best_of_part(group: Sequence[Column], part: str) -> Column | None:
    own = [column for column in group if _part(column) == part]
    ranked = sorted(
        own,
        key=lambda column: (
            column.is_empty,
            not column.is_exact,
            _OF_STREETS.index(column.concept) if column.concept in _OF_STREETS else -1,
            column.meaning.preference,
            column.order,
        ),
    )
    return ranked[0] if ranked else None


def name_columns(columns: Sequence[Column]) -> dict[str, Column]:
    """Part of a person's name → its column, all of one person."""
    groups: defaultdict[str, list[Column]] = defaultdict(list)
    for column in columns:
        if column.concept in NAME_PARTS and column.meaning.number == 1 and column.meaning.subject != "company":
            groups[column.meaning.place].append(column)
    if not groups:
        return {}
    place = min(groups, key=lambda place: (_filled(groups[place]) == 0 and _is_known(groups[place]), _order(place)))
    group = groups[place]
    found = {part: best for part in NAME_PARTS if (best := _best_name(group, part)) is not None}
    if {"first_name", "last_name"} <= found.keys() and "name" in found and found["name"].meaning.subject == "either":
        del found["name"]  # beside the person's names that of a vendor or customer is a company's
    return _with_name_in_context(found)


def _is_known(group: Sequence[Column]) -> bool:
    return all(column.values is not None for column in group)


def _order(place: str) -> int:
    return _OF_PERSONS.index(place)


def _best_name(group: Sequence[Column], part: str) -> Column | None:
    ranked = sorted(
        (column for column in group if column.concept == part),
        key=lambda column: (
            column.is_empty,
            not column.is_exact,
            column.meaning.subject == "either",
            column.meaning.is_combined,
            column.meaning.preference,
            column.order,
        ),
    )
    return ranked[0] if ranked else None


def _with_name_in_context(found: dict[str, Column]) -> dict[str, Column]:
    """A column 'Name' beside only one part of a name is the other part: 'Vorname; Name', 'Nombre; Apellidos'."""
    name = found.get("name")
    if name is None or ("first_name" in found) == ("last_name" in found):
        return found
    other = "last_name" if "first_name" in found else "first_name"
    beside = found["first_name" if other == "last_name" else "last_name"]
    if name.values is not None and name.values.sample:
        is_other = name.values.single_words >= _ONE_WORD
    else:
        is_other = beside.meaning.language != "en"
    if not is_other:
        return found
    moved = replace(name, meaning=replace(name.meaning, concept=other))
    return {other if part == "name" else part: moved if part == "name" else column for part, column in found.items()}
