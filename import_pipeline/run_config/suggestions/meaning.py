"""What a header says: one concept (e-mail, city, ...), of which place and number, and whose.

The phrases of a header are read together here: 'Billing City' is a city of the bill, 'Company Phone' a phone of the
company, 'Contact owner' nothing that a field takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from import_pipeline.run_config.suggestions.segments import senses_of
from import_pipeline.run_config.suggestions.vocabulary import Sense, phrases

ADDRESS_PARTS = ("street", "city", "state", "postal_code", "country")
NAME_PARTS = ("first_name", "last_name", "name")
PHONES = ("phone", "mobile")
PERSONAL = ("email", *PHONES)


@dataclass(frozen=True)
class Meaning:
    """What a header says.

    Attributes:
        concept: What the column holds; None if nothing that a field takes.
        places: Words for which of several it is (home, billing, primary, ...), in their order.
        number: Which of several by number, 1 if none is said.
        subject: Whose it is: `person`, `either` (a person or a company), `company`; empty if the header does not say.
        subject_word: The word that says so, as it is looked up.
        is_strange: Whether it has words over columns that no field takes.
        unknown: Words that are in no list.
        preference: The place of its phrase among those for the concept, the usual one first.
        language: The language of that phrase.
        is_combined: Whether the concept stands in a qualified form, such as 'Address: Phone'.
    """

    concept: str | None
    places: tuple[str, ...] = ()
    number: int = 1
    subject: str = ""
    subject_word: str = ""
    is_strange: bool = False
    unknown: tuple[str, ...] = ()
    preference: int = 0
    language: str = ""
    is_combined: bool = False

    @property
    def place(self) -> str:
        """Which of several it is; empty for the main one."""
        return next((place for place in self.places if place != "primary"), "")


def meaning_of(segments: Sequence[str], languages: Sequence[str]) -> Meaning:
    """Read the phrases of one header together.

    Args:
        segments: The phrases.
        languages: The languages of the file, the likeliest first.
    """
    numbers = [int(segment[:9]) for segment in segments if segment.isdecimal() and segment.isascii()]
    words = [segment for segment in segments if not segment.isdecimal()]
    read = [(word, senses_of(word, languages)) for word in words]
    unknown = tuple(word for word, senses in read if not senses)
    known = [(word, senses) for word, senses in read if senses]
    concepts, said = _told_apart(known)
    others = [sense for _, sense in said]
    kinds = {sense.kind for sense in others}
    subjects = [(sense.name, word) for word, sense in said if sense.kind == "subject"]
    places = tuple(sense.name for sense in others if sense.kind == "place")
    number = max(1, numbers[0]) if numbers else 1  # a list of JSON counts from 0
    if not concepts:
        if subjects and "number" in kinds and "stranger" not in kinds and not unknown:
            return Meaning("external_id", places, number, *subjects[-1], language=others[0].language)
        return Meaning(None, places, number, is_strange=bool(kinds & {"stranger", "number"}), unknown=unknown)
    found = Meaning(None, places, number, *(subjects[-1] if subjects else ("", "")), unknown=unknown)
    joined = _joined(concepts, found)
    if joined.concept in _PLACELESS and (joined.places or (joined.concept == "status" and joined.subject)):
        joined = replace(joined, concept=None)
    if joined.concept is None or "stranger" in kinds or ("number" in kinds and joined.concept not in PHONES):
        return replace(joined, concept=None, is_strange=True)
    return joined


def _told_apart(
    known: Sequence[tuple[str, tuple[Sense, ...]]],
) -> tuple[list[tuple[str, Sense]], list[tuple[str, Sense]]]:
    """The phrases that say what the column holds, and the others, each with the sense that it has here.

    A phrase that can be both ('contact', 'business', 'last') says it only where no other phrase does.
    """
    must = [place for place, (_, senses) in enumerate(known) if all(sense.kind == "concept" for sense in senses)]
    may = [place for place, (_, senses) in enumerate(known) if any(sense.kind == "concept" for sense in senses)]
    chosen = must or may[-1:]
    concepts: list[tuple[str, Sense]] = []
    others: list[tuple[str, Sense]] = []
    for place, (word, senses) in enumerate(known):
        if place in chosen:
            concepts.append((word, next(sense for sense in senses if sense.kind == "concept")))
        else:
            others.append((word, min((sense for sense in senses if sense.kind != "concept"), key=_mildest)))
    return concepts, others


def _mildest(sense: Sense) -> int:
    return ("place", "subject", "filler", "number", "stranger", "concept").index(sense.kind)


def _joined(concepts: list[tuple[str, Sense]], found: Meaning) -> Meaning:
    """One concept of all that a header names; None where they do not go together."""
    first = {sense.name: sense for _, sense in reversed(concepts)}
    names = list(dict.fromkeys(sense.name for _, sense in concepts))
    if len(names) > 1:
        names, found = _without_qualifying(names, concepts, found)
    name = names[0] if len(names) == 1 else _one_of(frozenset(names))
    if name is None:
        return found
    if found.subject == "company" and name in ("external_id", "id"):
        name = "company_id"
    if found.subject == "company" and name == "name":
        if _is_subject(concepts[0][0]):
            return found  # the contact of a company is not its name
        name = "company"
    elif found.subject and name == "id":
        name = "external_id"
    sense = first.get(name)
    return replace(
        found,
        concept=name,
        preference=sense.preference if sense else 0,
        language=sense.language if sense else concepts[0][1].language,
    )


def _without_qualifying(
    names: list[str], concepts: list[tuple[str, Sense]], found: Meaning
) -> tuple[list[str], Meaning]:
    """Leave out concepts that only say of what another one is: of a company, of an address."""
    if names[-1] == "company" and set(names[:-1]) <= {"address", "street"}:
        return ["company"], replace(found, is_combined=True)
    if "company" in names:
        rest = [name for name in names if name != "company"]
        if rest == ["name"]:
            return ["company"], found
        if any(sense.name == "company" and _says_name(word) for word, sense in concepts):
            return ["company", *rest], found  # the name of a company for something else
        names, found = rest, replace(found, subject="company")
    address = [sense.name for word, sense in concepts if sense.name == "address" or word.startswith(_NUMBERED)]
    address = [name for name in address if name in ("address", "street", "street2")]
    rest = [name for name in names if name not in address]
    if {"street", "street2"} & set(address) and rest == ["email"] and ("mail" in [word for word, _ in concepts]):
        return list(dict.fromkeys(address)), replace(found, places=(*found.places, "mailing"))
    if address and rest and set(rest) <= {*ADDRESS_PARTS, *NAME_PARTS, *PERSONAL}:
        numbered = next((word for word, sense in concepts if sense.name in address and word[-1].isdecimal()), None)
        number = int(numbered[-1]) if numbered else found.number
        return rest, replace(found, number=number, is_combined=not set(rest) <= set(ADDRESS_PARTS))
    return names, found


def _one_of(names: frozenset[str]) -> str | None:
    """The concept that several together are."""
    for together, name in _TOGETHER.items():
        if names == together:
            return name
    if "name" in names and len(names) == 2:
        (other,) = names - {"name"}
        return other if other in _NAMED else None
    return None


def _says_name(word: str) -> bool:
    return any(part in word for part in ("name", "naam", "namn", "navn", "nazwa", "nombre"))


def _is_subject(word: str) -> bool:
    return any(sense.kind == "subject" for sense in phrases().get(word, ()))


_NUMBERED = ("addr", "adres", "indirizz", "direccion", "enderec", "morada", "住所", "地址", "주소")
"""How phrases such as 'Address 1' begin, which only say of which address a city is."""
_PLACELESS = ("source", "status", "groups", "tags", "category", "newsletter", "birthday")
"""Concepts of which there is one; a place beside them makes them something else."""
_NAMED = (*ADDRESS_PARTS, "first_name", "last_name", "groups", "source", "category", "industry", "domain", "job_title")
_TOGETHER: dict[frozenset[str], str] = {
    frozenset(together): name
    for together, name in (
        (("phone", "mobile"), "mobile"),
        (("first_name", "last_name"), "name"),
        (("first_name", "last_name", "name"), "name"),
        (("country", "state"), "country"),
        (("email", "newsletter"), "newsletter"),
        (("email", "opt_out"), "opt_out"),
        (("newsletter", "opt_out"), "opt_out"),
        (("email", "newsletter", "opt_out"), "opt_out"),
        (("status", "opt_out"), "opt_out"),
        (("status", "newsletter"), "newsletter"),
        (("email", "status", "newsletter"), "newsletter"),
        (("groups", "newsletter"), "newsletter"),
        (("phone", "opt_out"), "no_calls"),
        (("mobile", "opt_out"), "no_calls"),
        (("phone", "no_calls"), "no_calls"),
        (("opt_out", "no_calls"), "no_calls"),
        (("email", "id"), "email"),
        (("email", "address"), "email"),
        (("email", "domain"), "domain"),
        (("website", "domain"), "domain"),
        (("website", "address"), "website"),
        (("id", "external_id"), "external_id"),
        (("groups", "tags"), "tags"),
        (("tags", "category"), "tags"),
        (("street", "address"), "street"),
        (("street", "whole_address"), "whole_address"),
        (("address", "whole_address"), "whole_address"),
        (("street", "street2"), "street2"),
        (("address", "street2"), "street2"),
        (("address", "street", "street2"), "street2"),
        (("industry", "category"), "industry"),
        (("employees", "category"), "employees"),
    )
}
