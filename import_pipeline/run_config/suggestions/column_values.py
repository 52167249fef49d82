"""What the values of a column look like, and whether they speak against what its header says.

The shares are counted by intake; here is only what follows from them. Evidence is taken from three values on: a single
odd cell is a defect of its row, not of the mapping.
"""

from dataclasses import dataclass, field

_ENOUGH = 3
_MOST = 0.8


@dataclass(frozen=True)
class ColumnValues:
    """How many of the values that were looked at have which form.

    Attributes:
        filled: How many cells are not empty.
        distinct: How many different values they have.
        emails: How many hold an e-mail address.
        phones: How many can be a phone number.
        sure_phones: How many are written as phone numbers alone are: with a plus, or digits in groups behind a zero.
        dates: How many are dates.
        digits: How many have a digit.
        numbers: How many are nothing but digits.
        letters: How many have a letter.
        dots: How many have a dot between other characters.
        objects: How many are JSON.
        marks: How many are words or marks for yes or no.
        yes: How many of these say yes.
        salutations: How many are a salutation or an academic title.
        dial_codes: How many can be a country calling code.
        single_words: How many are one word.
        own_ids: How many have the form of a record's own id.
        short_numbers: How many are numbers of at most four digits.
        samples: Some of the values.
    """

    filled: int = 0
    distinct: int = 0
    emails: int = 0
    phones: int = 0
    sure_phones: int = 0
    dates: int = 0
    digits: int = 0
    numbers: int = 0
    letters: int = 0
    dots: int = 0
    objects: int = 0
    marks: int = 0
    yes: int = 0
    salutations: int = 0
    dial_codes: int = 0
    single_words: int = 0
    own_ids: int = 0
    short_numbers: int = 0
    samples: tuple[str, ...] = field(default=(), compare=False)

    def share(self, count: int) -> float:
        """The part of the values that a count is."""
        return count / self.filled if self.filled else 0.0

    @property
    def are_emails(self) -> bool:
        """Whether the column holds e-mail addresses and little else."""
        return self.share(self.emails) >= _MOST

    @property
    def are_phones(self) -> bool:
        """Whether the column holds what can be nothing but phone numbers."""
        return self.filled >= 2 and self.share(self.sure_phones) >= _MOST


_TEXTS = ("first_name", "last_name", "name", "company", "job_title", "city", "state", "street", "address")


def speaks_against(concept: str, values: ColumnValues | None) -> str:
    """Why the values cannot be what the header says, as part of a sentence; empty where nothing speaks against it."""
    if values is None or not values.filled:
        return ""
    if concept == "job_title" and values.salutations == values.filled:
        return "its values are salutations"
    if concept in ("address", *_TEXTS) and values.share(values.objects) > 0.5:
        return "its values are JSON"
    if values.filled < _ENOUGH:
        return ""
    for is_so, why in _OBJECTIONS.get(concept, ()):
        if is_so(values):
            return why
    return ""


_NO_LETTERS = (lambda values: not values.letters, "none of its values has a letter")
_ARE_EMAILS = (lambda values: values.are_emails, "its values are e-mail addresses")
_NO_DIGITS = (lambda values: not values.digits, "none of its values has a digit")
_ARE_MARKS = (lambda values: values.marks == values.filled, "its values are no more than yes or no")
_OBJECTIONS = {
    "email": ((lambda values: not values.emails, "none of its values is an e-mail address"),),
    "phone": ((lambda values: not values.phones, "none of its values is a phone number"),),
    "mobile": ((lambda values: not values.phones, "none of its values is a phone number"),),
    "website": ((lambda values: not values.dots, "none of its values is an address of a page"), _ARE_EMAILS),
    "domain": ((lambda values: not values.dots, "none of its values is a domain"), _ARE_EMAILS),
    "birthday": (_NO_DIGITS,),
    "country": (
        (lambda values: values.dial_codes == values.filled, "its values are country calling codes"),
        _ARE_EMAILS,
    ),
    "postal_code": (_NO_DIGITS,),
    "employees": (_NO_DIGITS,),
    "external_id": (_ARE_MARKS,),
    "company_id": (_ARE_MARKS,),
    "parent_id": (_ARE_MARKS,),
    "id": (_ARE_MARKS,),
    **{concept: (_NO_LETTERS, _ARE_EMAILS) for concept in _TEXTS if concept != "state"},
    "state": (_ARE_EMAILS,),
    "source": (_ARE_MARKS,),
    "groups": (_ARE_MARKS,),
    "tags": (_ARE_MARKS,),
}
