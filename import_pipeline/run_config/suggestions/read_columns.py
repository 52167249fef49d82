"""The columns of one file, each with what its header says and what its values say about that.

Here headers are read together: the words that all of them begin or end with are the exporting program's, and the
language of most decides what a word means.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from import_pipeline.record_types.opposites import refusal_of
from import_pipeline.run_config.suggestions.column_values import ColumnValues, speaks_against
from import_pipeline.run_config.suggestions.meaning import Meaning, meaning_of
from import_pipeline.run_config.suggestions.segments import languages_of, segments_of, without_chance_words
from import_pipeline.run_config.suggestions.tokens import key_of, tokens_of
from import_pipeline.run_config.suggestions.vocabulary import phrases, phrases_by_beginning

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import RecordType

REFUSALS = {"mail": "refusal", "calls": "refusal_of_calls"}
_LEAST_SHARED = 3
_SHARED_BY = 0.6


@dataclass(frozen=True)
class Column:
    """One column of the file.

    Attributes:
        name: The column.
        key: The form in which its header is compared.
        meaning: What its header says.
        values: What it holds; None where nobody looked.
        own_field: The field whose name, label or own synonym the header is.
        is_exact: Whether it is the field's name or label.
        is_misspelled: Whether the header is only like the words for it.
        against: Why its values cannot be what the header says; empty if they can.
    """

    name: str
    key: str
    meaning: Meaning
    values: ColumnValues | None = None
    own_field: str | None = None
    is_exact: bool = False
    is_misspelled: bool = False
    against: str = ""

    @property
    def concept(self) -> str | None:
        """What the column holds, if the header says it with nothing but known words and the values can be that."""
        if self.against or self.is_misspelled or self.meaning.unknown:
            return None
        return self.meaning.concept

    @property
    def supposed(self) -> str | None:
        """What the column holds if its header is misspelled, or has a word that is not known."""
        return None if self.against or self.concept else self.meaning.concept

    @property
    def is_empty(self) -> bool:
        """Whether it is known to hold nothing."""
        return self.values is not None and self.values.is_empty

    @property
    def filled(self) -> int:
        """How many values it is known to have."""
        return self.values.filled if self.values is not None else 0

    @property
    def order(self) -> tuple[str, str]:
        """An order of columns that does not depend on where they stand."""
        return self.key, self.name


def read_columns(headers: Sequence[str], record_type: "RecordType", values: Mapping[str, ColumnValues]) -> list[Column]:
    """Read the headers of a file together.

    Args:
        headers: The columns, each once.
        record_type: What the rows are.
        values: What the columns hold, as far as somebody looked.
    """
    own = _own_words(record_type)
    segments = without_chance_words(headers, _without_shared([segments_of(header) for header in headers]))
    languages = languages_of(segments)
    in_parts = any(key_of(header).endswith(("birthmonth", "birthyear")) for header in headers)
    read: dict[tuple[str, ...], tuple[Meaning, bool]] = {}
    columns: list[Column] = []
    for header, of_header in zip(headers, segments, strict=True):
        if of_header not in read:
            read[of_header] = _meaning(of_header, languages)
        meaning, is_misspelled = read[of_header]
        key = key_of(header)
        field, is_exact = own.get(key, (None, False))
        refused = refusal_of(header)
        if refused is not None:
            meaning, is_misspelled, field = Meaning(REFUSALS[refused]), False, None
        elif field is not None:
            means = record_type.field(field).means or (field,)
            if meaning.concept not in means or meaning.unknown or is_misspelled:
                meaning, is_misspelled = Meaning(means[0]), False
        if meaning.concept == "birthday" and tokens_of(header)[-2:] == ("birth", "day") and in_parts:
            meaning = replace(meaning, concept=None, is_strange=True)
        found = values.get(header)
        if meaning.concept is None and meaning.places and not meaning.is_strange and not meaning.unknown:
            meaning = replace(meaning, concept=_concept_of_values(found))
        against = speaks_against(meaning.concept, found) if meaning.concept else ""
        columns.append(Column(header, key, meaning, found, field, is_exact, is_misspelled, against))
    return columns


def _concept_of_values(values: ColumnValues | None) -> str | None:
    """What a column holds whose header says only of which place it is, such as 'Home' and 'Office'."""
    if values is None:
        return None
    return "email" if values.are("email") else "phone" if values.are_phones else None


def _own_words(record_type: "RecordType") -> dict[str, tuple[str, bool]]:
    """Key → the field whose name, label or own synonym it is, and whether it is no synonym."""
    words: dict[str, tuple[str, bool]] = {}
    for field in record_type.fields:
        for synonym in field.synonyms:
            words.setdefault(key_of(synonym), (field.name, False))
    for field in record_type.fields:
        words |= {key_of(field.name): (field.name, True), key_of(field.label): (field.name, True)}
    words.pop("", None)
    return words


def _meaning(segments: tuple[str, ...], languages: Sequence[str]) -> tuple[Meaning, bool]:
    """What a header says, and whether only if it is misspelled."""
    meaning = meaning_of(segments, languages)
    if meaning.is_strange or not meaning.unknown:
        return meaning, False
    mended = _repaired(segments, frozenset({"en", *languages[:2]}))
    found = meaning_of(mended, languages) if mended else meaning
    return (found, True) if found.concept is not None and not found.unknown else (meaning, False)


def _repaired(segments: tuple[str, ...], languages: frozenset[str]) -> tuple[str, ...]:
    """The phrase of these languages of which a header is one slip away; empty if there is none."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    key = "".join(segments)
    if len(key) < 5:
        return ()
    near = process.extractOne(key, phrases_by_beginning(languages).get(key[0], ()), scorer=OSA.distance, score_cutoff=1)
    return (near[0],) if near else ()


def _without_shared(headers: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The phrases of the headers without a word, in no list, that most of them begin or end with."""
    for place in (0, -1):
        counts = Counter(one[place] for one in headers if len(one) > 1 and one[place] not in phrases())
        shared, count = counts.most_common(1)[0] if counts else ("", 0)
        if count >= max(_LEAST_SHARED, _SHARED_BY * len(headers)) and not shared.isdecimal():
            rest = slice(1, None) if place == 0 else slice(None, -1)
            headers = [one[rest] if len(one) > 1 and one[place] == shared else one for one in headers]
    return headers
