"""What the values of a column say about what it is: whether they speak against its header, or for a field alone.

A sample of the values is looked at, and evidence is taken from three of them on: a single odd cell is a defect of its
row, not of the mapping.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import Field

_ENOUGH = 3
_MOST = 0.8
_OWN_ID = re.compile(r"rec_[0-9a-f]{16}_\d+")
_SHORT_NUMBER = re.compile(r"\d{1,4}")
_SURE_PHONE = re.compile(
    r"(\+|00)[1-9][\d ()./-]{6,18}\d|\(?0\d[\d ()./-]{5,16}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}"
)
_EMAIL_INSIDE = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]")
_DAY = re.compile(r"\d{1,2}")
_ROLES = frozenset(
    (
        "end-user",
        "end user",
        "admin",
        "administrator",
        "agent",
        "user",
        "member",
        "subscriber",
        "editor",
        "viewer",
        "guest",
    )
)
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_DOT = re.compile(r"\.")


@dataclass(frozen=True)
class ColumnValues:
    """A sample of what a column holds.

    Attributes:
        filled: How many cells are not empty, of those that were looked at.
        sample: Some of these, as they stand.
    """

    filled: int = 0
    sample: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the column holds nothing."""
        return not self.filled

    @property
    def is_enough(self) -> bool:
        """Whether there are enough values to go by."""
        return len(self.sample) >= _ENOUGH

    @cached_property
    def shares(self) -> Mapping[str, float]:
        """Which part of the sample is of which kind."""
        from import_pipeline.record_types.value_kinds import shares

        return shares(self.sample)

    def are(self, kind: str, least: float = _MOST) -> bool:
        """Whether most values are of a kind, or as many as are asked for."""
        return self.shares.get(kind, 0.0) >= least

    def have(self, pattern: re.Pattern[str]) -> bool:
        """Whether there is a value in which a pattern is found."""
        return any(pattern.search(value) for value in self.sample)

    @property
    def are_phones(self) -> bool:
        """Whether the column holds what can be nothing but phone numbers."""
        sure = sum(_SURE_PHONE.fullmatch(value.strip()) is not None for value in self.sample)
        return len(self.sample) >= 2 and sure >= _MOST * len(self.sample) and self.are("phone")

    @property
    def are_own_ids(self) -> bool:
        """Whether the values have the form of ids of this program."""
        return bool(self.sample) and all(_OWN_ID.fullmatch(value.strip()) for value in self.sample)

    @property
    def are_row_numbers(self) -> bool:
        """Whether the values are small numbers, which any list gives to its rows."""
        return all(_SHORT_NUMBER.fullmatch(value.strip()) for value in self.sample)

    @property
    def repeat(self) -> bool:
        """Whether the values come again, as those of an id do not."""
        return len(self.sample) >= 10 and len(set(self.sample)) < 0.9 * len(self.sample)

    @property
    def single_words(self) -> float:
        """Which part of the values is one word."""
        return sum(len(value.split()) == 1 for value in self.sample) / len(self.sample) if self.sample else 0.0

    def fit(self, field: "Field") -> bool:
        """Whether a choice field understands one of the values."""
        from import_pipeline.record_types.value_kinds import share_of_choices

        return share_of_choices(self.sample, field) != 0


_TEXTS = (
    "first_name",
    "last_name",
    "name",
    "company",
    "job_title",
    "city",
    "state",
    "street",
    "address",
    "whole_address",
)


def speaks_against(concept: str, values: ColumnValues | None) -> str:
    """Why the values cannot be what the header says, as part of a sentence; empty where nothing speaks against it."""
    if values is None or not values.sample:
        return ""
    if concept == "job_title" and values.are("salutation", 1.0):
        return "its values are salutations"
    if concept == "job_title" and all(value.strip().lower() in _ROLES for value in values.sample):
        return "its values are the roles of users of a program"
    if concept == "birthday" and all(_DAY.fullmatch(value.strip()) for value in values.sample):
        return "its values are days without month and year"
    if concept in _TEXTS and values.are("json", 0.5):
        return "its values are JSON"
    if not values.is_enough:
        return ""
    return next((why for is_so, why in _OBJECTIONS.get(concept, ()) if is_so(values)), "")


_Objection = tuple[Callable[[ColumnValues], bool], str]
_ARE_EMAILS: _Objection = (lambda values: values.are("email"), "its values are e-mail addresses")
_NO_LETTERS: _Objection = (lambda values: not values.have(_LETTER), "none of its values has a letter")
_NO_DIGITS: _Objection = (lambda values: not values.have(_DIGIT), "none of its values has a digit")
_ARE_MARKS: _Objection = (
    lambda values: values.are("yes_no", 1.0) and not values.are("number", 1.0),
    "its values are no more than yes and no",
)
_ARE_DATES: _Objection = (lambda values: values.are("date"), "its values are dates")
_ARE_PAGES: _Objection = (lambda values: values.are("url"), "its values are addresses of pages")
_NO_PAGES: _Objection = (
    lambda values: not any("." in value for value in values.sample),
    "none of its values is a page",
)
_NO_EMAILS: _Objection = (lambda values: not values.have(_EMAIL_INSIDE), "none of its values is an e-mail address")
_OBJECTIONS: dict[str, tuple[_Objection, ...]] = {
    "email": (_NO_EMAILS,),
    "phone": (_NO_DIGITS, _ARE_EMAILS, _ARE_DATES, _ARE_PAGES),
    "mobile": (_NO_DIGITS, _ARE_EMAILS, _ARE_DATES, _ARE_PAGES),
    "website": (_NO_PAGES, _ARE_EMAILS),
    "domain": (_NO_PAGES, _ARE_EMAILS),
    "birthday": (_NO_DIGITS, _ARE_EMAILS),
    "country": (
        (lambda values: values.are("calling_code", 1.0), "its values are country calling codes"),
        _ARE_EMAILS,
        _ARE_DATES,
    ),
    "postal_code": (_NO_DIGITS, _ARE_EMAILS, _ARE_DATES),
    "employees": (_NO_DIGITS, _ARE_EMAILS, _ARE_DATES),
    **dict.fromkeys(("external_id", "company_id", "parent_id", "id"), (_ARE_MARKS, _ARE_DATES)),
    **dict.fromkeys(_TEXTS, (_NO_LETTERS, _ARE_EMAILS, _ARE_DATES, _ARE_PAGES)),
    **dict.fromkeys(("source", "groups", "tags", "industry", "category"), (_ARE_MARKS, _ARE_EMAILS, _ARE_DATES)),
    "state": (_ARE_EMAILS, _ARE_DATES),
    "status": (_ARE_EMAILS, _ARE_DATES),
    "notes": (_ARE_MARKS,),
}
