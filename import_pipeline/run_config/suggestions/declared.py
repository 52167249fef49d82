"""Suggestions for a record type whose fields a person has declared: their keys, labels and matches come first.

The words of the vocabulary only suggest: what a declared field means, only who declared it knows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from import_pipeline.record_types.headers import normal_header
from import_pipeline.run_config.suggestions.meaning import meaning_of
from import_pipeline.run_config.suggestions.segments import segments_of
from import_pipeline.run_config.suggestions.suggestion import DOUBTFUL_SCORE, EXACT_SCORE, SCORES, How, Suggestion
from import_pipeline.run_config.suggestions.vocabulary import LANGUAGES
from import_pipeline.words import ID_FIELD

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import Field, RecordType

_SLIP_SCORE = 90.0
_SAME_MEANING_SCORE = 85.0
_LEVELS: tuple[How, ...] = ("exact", "synonym", "similar")


@dataclass(frozen=True)
class _Candidate:
    column: str
    field: str
    how: How
    score: float
    preference: int
    """Which of the field's own words it is, the first one first."""

    @property
    def order(self) -> tuple[Any, ...]:
        return (
            _LEVELS.index(self.how),
            -self.score,
            self.preference,
            normal_header(self.column),
            self.column,
            self.field,
        )


def suggest_declared(headers: Sequence[str], record_type: "RecordType") -> tuple[Suggestion, ...]:
    """Suggest a field for each column of a record type that was declared.

    A header that names two fields equally well, or that two columns share, is only similar: a person has to look. A
    key, letter for letter, is that field and nothing else, whatever other keys are like it.

    Args:
        headers: The columns of the file, each once.
        record_type: What the rows are.
    """
    keys = set(record_type.field_names)
    taken = {header: _Candidate(header, header, "exact", EXACT_SCORE, 0) for header in headers if header in keys}
    others = [header for header in headers if header not in taken]
    named = [one for one in _named(others, record_type) if one.field not in taken]
    taken |= _assigned(_settled(named))
    rest = [header for header in headers if header not in taken]
    named_fields = {candidate.field for candidate in taken.values()}
    taken |= _assigned(list(_similar(rest, record_type, without=named_fields)))
    identifying = {ID_FIELD, *record_type.identifiers}
    return tuple(
        Suggestion(header, found.field, found.score, found.how, found.field in identifying)
        if (found := taken.get(header)) is not None
        else Suggestion(header, None, 0.0, "none")
        for header in headers
    )


def _named(headers: Sequence[str], record_type: "RecordType") -> Iterator[_Candidate]:
    """Headers that are the name, the label or a synonym of a field."""
    words: dict[str, list[tuple[str, How, int]]] = defaultdict(list)
    for field in record_type.fields:
        for preference, (word, how) in enumerate(_words_of(field).items()):
            words[word].append((field.name, how, preference))
    for header in headers:
        for field, how, preference in words.get(normal_header(header), ()):
            yield _Candidate(header, field, how, SCORES[how], preference)


def _words_of(field: "Field") -> dict[str, How]:
    words: dict[str, How] = {normal_header(field.name): "exact", normal_header(field.label): "exact"}
    for synonym in field.synonyms:
        words.setdefault(normal_header(synonym), "synonym")
    words.pop("", None)
    return words


def _settled(candidates: list[_Candidate]) -> list[_Candidate]:
    """The candidates, with those made similar that are not alone: a person has to choose between two readings."""
    readings = Counter((candidate.column, candidate.how) for candidate in candidates)
    by_word: dict[tuple[str, str], set[str]] = defaultdict(set)
    for candidate in candidates:
        by_word[normal_header(candidate.column), candidate.field].add(candidate.column)
    return [
        _doubtful(candidate)
        if len(by_word[normal_header(candidate.column), candidate.field]) > 1
        or readings[candidate.column, candidate.how] > 1
        else candidate
        for candidate in candidates
    ]


def _doubtful(candidate: _Candidate) -> _Candidate:
    return replace(candidate, how="similar", score=DOUBTFUL_SCORE)


def _similar(headers: Sequence[str], record_type: "RecordType", without: set[str]) -> Iterator[_Candidate]:
    """Headers that are a slip away from a word of a field without a column, or say the same in other words."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    fields = [field for field in record_type.fields if field.name not in without]
    words = {word: (field.name, preference) for field in fields for preference, word in enumerate(_words_of(field))}
    meanings: dict[tuple[object, ...], str] = {}
    for field in fields:
        for said in (field.label, field.name):
            if (meaning := _meaning(said)) is not None:
                meanings.setdefault(meaning, field.name)
    for header in headers:
        normal = normal_header(header)
        near = process.extractOne(normal, list(words), scorer=OSA.distance, score_cutoff=1) if len(normal) > 4 else None
        if near is not None:
            yield _Candidate(header, words[near[0]][0], "similar", _SLIP_SCORE, words[near[0]][1])
        elif (meaning := _meaning(header)) in meanings:
            yield _Candidate(header, meanings[meaning], "similar", _SAME_MEANING_SCORE, 0)


def _meaning(said: str) -> tuple[object, ...] | None:
    """What a header says in words that are all known; None if it says nothing so plain."""
    found = meaning_of(segments_of(said), LANGUAGES)
    if found.concept is None or found.unknown:
        return None
    return found.concept, found.places, found.number, found.subject == "company"


def _assigned(candidates: list[_Candidate]) -> dict[str, _Candidate]:
    """The best candidate first, each column and each field once."""
    taken: dict[str, _Candidate] = {}
    fields: set[str] = set()
    for candidate in sorted(candidates, key=lambda candidate: candidate.order):
        if candidate.column not in taken and candidate.field not in fields:
            taken[candidate.column] = candidate
            fields.add(candidate.field)
    return taken
