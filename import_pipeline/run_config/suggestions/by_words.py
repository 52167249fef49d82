"""Which column is which field by the words of the headers: what a file is about, whole groups, one column a field.

Ids, and columns of which a person has to say something, are decided in `choosing`.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from import_pipeline.run_config.suggestions.groups import address_columns, name_columns
from import_pipeline.run_config.suggestions.meaning import ADDRESS_PARTS, NAME_PARTS, PERSONAL, PHONES
from import_pipeline.run_config.suggestions.read_columns import Column
from import_pipeline.run_config.suggestions.slots import email_columns, phone_columns

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import Field, RecordType

_OF_A_COMPANY = (
    *PHONES,
    *ADDRESS_PARTS,
    "email",
    "job_title",
    "website",
    "address",
    "whole_address",
    "company",
    "company_id",
    "parent_id",
)
_OF_A_PERSON = ("email", *PHONES, *ADDRESS_PARTS, "address", "whole_address", "notes", "tags", "website")
"""What a person's column can be of in a file of companies."""
_LAST_MEANT = ("buyer", "purchaser", "user", "users", "employee", "recipient")
"""Words for a person who is not the one whom a list is about, if it has another one, too."""


def fields_by_words(columns: Sequence[Column], record_type: "RecordType") -> dict[str, Column]:
    """Field → the column whose header says that it is that field; each column and each field once."""
    columns = _of_one_person([column for column in columns if _is_of(column, record_type)])
    names = record_type.field_names
    found: dict[str, Column] = {}
    if "street" in names:
        found |= address_columns(columns, of_company=record_type.name == "company")
    if "first_name" in names:
        parts = name_columns(columns)
        found |= {_field_of(part, record_type): column for part, column in parts.items()}
    taken = {column.name for column in found.values()}
    free = [column for column in columns if column.name not in taken]
    found |= email_columns(free, [name for name in ("email", "email_2") if name in names])
    found |= phone_columns(free, [name for name in ("phone", "phone_2", "phone_3") if name in names])
    in_groups = {*_grouped(record_type), *found}
    taken = {column.name for column in found.values()}
    for field in record_type.fields:
        if field.name in in_groups:
            continue
        best = _best(field, [column for column in columns if column.name not in taken])
        if best is not None:
            found[field.name] = best
            taken.add(best.name)
    return found


def _is_of(column: Column, record_type: "RecordType") -> bool:
    """Whether the column says something of what the rows are, not of the company of a person or a person in one."""
    subject = column.meaning.subject
    if column.own_field is not None:
        return True
    if record_type.name == "company":
        return subject != "person" or column.concept in _OF_A_PERSON
    return subject != "company" or column.concept in _OF_A_COMPANY


def _of_one_person(columns: Sequence[Column]) -> list[Column]:
    """The columns without those of a second person: of attendee and buyer, each with an e-mail, only one is meant."""
    concepts: defaultdict[str, list[str]] = defaultdict(list)
    for column in columns:
        if column.meaning.subject in ("person", "either") and column.concept in (*PERSONAL, *NAME_PARTS):
            concepts[column.meaning.subject_word].append(column.concept)
    kept: list[str] = []
    for word in sorted(concepts, key=lambda word: (word in _LAST_MEANT, -len(concepts[word]), word)):
        if not any(set(concepts[word]) & set(concepts[other]) for other in kept):
            kept.append(word)
    others = concepts.keys() - set(kept)
    return [column for column in columns if column.meaning.subject_word not in others]


def _field_of(concept: str, record_type: "RecordType") -> str:
    return next(field.name for field in record_type.fields if concept in (field.means or (field.name,)))


def _grouped(record_type: "RecordType") -> set[str]:
    """The fields that are filled as parts of a group, or as one of several of a kind."""
    grouped = {"email", "email_2", "phone", "phone_2", "phone_3"}
    if "street" in record_type.field_names:
        grouped |= set(ADDRESS_PARTS)
    if "first_name" in record_type.field_names:
        grouped |= {*NAME_PARTS, "full_name"}
    return grouped


def _best(field: "Field", columns: Sequence[Column]) -> Column | None:
    """The column for a field that one column fills: one that holds something before one that is empty."""
    means = field.means or (field.name,)
    ranked = sorted(
        (column for column in columns if _may_be(column, field, means)),
        key=lambda column: (
            column.is_empty,
            not (column.is_exact and column.own_field == field.name),
            column.own_field != field.name,
            means.index(column.concept) if column.concept in means else 0,
            column.meaning.is_combined,
            column.meaning.number,
            bool(column.meaning.place),
            column.meaning.preference,
            column.order,
        ),
    )
    return ranked[0] if ranked else None


def _may_be(column: Column, field: "Field", means: Sequence[str]) -> bool:
    if column.own_field is not None:
        return column.own_field == field.name and column.concept is not None
    if column.concept == "refusal" and column.is_empty:
        return False  # nobody refuses anything
    return column.concept in means and column.concept != "id" and column.meaning.number == 1
