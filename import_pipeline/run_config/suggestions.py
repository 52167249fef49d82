"""Suggesting a field for each column from the headers alone: exact, synonym, similar, or none, each with its score.

One field goes to one column at most, best score first, and the order of the headers doesn't matter. Whether the
suggestions are applied is decided in `mapping`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from import_pipeline.record_types.headers import normal_header
from import_pipeline.words import ID_FIELD

if TYPE_CHECKING:
    from import_pipeline.record_types.record_type import Field, RecordType

How = Literal["exact", "synonym", "similar", "none"]

EXACT_SCORE = 100.0
SYNONYM_SCORE = 95.0
DOUBTFUL_SCORE = 94.0
"""The most that a similar header gets, and what a header gets that says a field exactly but not alone."""
SIMILAR_FROM = 80.0
"""Likeness (0 to 100) from which on a header is called similar."""

EXTERNAL_ID = "external_id"

_SCORES: dict[How, float] = {"exact": EXACT_SCORE, "synonym": SYNONYM_SCORE, "similar": DOUBTFUL_SCORE}
_LEVELS: tuple[How, ...] = ("exact", "synonym", "similar")


@dataclass(frozen=True)
class Suggestion:
    """What a column probably is.

    Attributes:
        column: The column of the file.
        field: The suggested field, or None.
        score: How sure, 0 to 100.
        how: exact (the field's name or label), synonym, similar, or none.
        identifies: Whether the field finds the record that a row means.
    """

    column: str
    field: str | None
    score: float
    how: How
    identifies: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Column, field, score and how, as JSON has them."""
        return {key: value for key, value in asdict(self).items() if key != "identifies"}


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


def suggest(headers: Sequence[str], record_type: "RecordType") -> tuple[Suggestion, ...]:
    """Suggest a field for each column.

    A header that names two fields equally well, or that two columns share, is only similar: a person has to look.
    So is a column `id` without a column for the external id beside it. A key of a declared schema, letter for letter,
    is that field and nothing else, whatever other keys are like it.

    Args:
        headers: The columns of the file, each once.
        record_type: What the rows are.

    Returns:
        One suggestion for each header, in the order of the headers; every field is in one of them at most.
    """
    keys = set(record_type.field_names) if record_type.is_inline else set()
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
    normal = {header: normal_header(header) for header in headers}
    if not words[ID_FIELD] and not record_type.is_inline:
        words[ID_FIELD] = [(ID_FIELD, _how_sure_of_id(normal.values(), record_type), 0)]
    for header, word in normal.items():
        for field, how, preference in words.get(word, ()):
            yield _Candidate(header, field, how, _SCORES[how], preference)


def _words_of(field: "Field") -> dict[str, How]:
    words: dict[str, How] = {normal_header(field.name): "exact", normal_header(field.label): "exact"}
    for synonym in field.synonyms:
        words.setdefault(normal_header(synonym), "synonym")
    words.pop("", None)
    return words


def _how_sure_of_id(words: Iterable[str], record_type: "RecordType") -> How:
    """What a column `id` is: surely the record's own id only beside a column that is the other program's id.

    Files of our own records have both columns; alone, `id` is as likely the id of the program that wrote the file.
    """
    external = {normal_header(field.name) for field in record_type.fields if field.name == EXTERNAL_ID}
    return "exact" if not external.isdisjoint(words) else "similar"


def _settled(candidates: list[_Candidate]) -> list[_Candidate]:
    """The candidates, with those made similar that are not alone: a person has to choose between two readings."""
    by_column: dict[str, list[_Candidate]] = defaultdict(list)
    by_word: dict[tuple[str, str], set[str]] = defaultdict(set)
    for candidate in candidates:
        by_column[candidate.column].append(candidate)
        by_word[normal_header(candidate.column), candidate.field].add(candidate.column)
    return [
        _doubtful(candidate)
        if len(by_word[normal_header(candidate.column), candidate.field]) > 1
        or sum(other.how == candidate.how for other in by_column[candidate.column]) > 1
        else candidate
        for candidate in candidates
    ]


def _doubtful(candidate: _Candidate) -> _Candidate:
    return _Candidate(candidate.column, candidate.field, "similar", DOUBTFUL_SCORE, candidate.preference)


def _similar(headers: Sequence[str], record_type: "RecordType", without: set[str]) -> Iterator[_Candidate]:
    """Headers that are like a word of a field that has no column yet."""
    from rapidfuzz import fuzz, process

    words = [
        (word, field.name, preference)
        for field in record_type.fields
        if field.name not in without
        for preference, word in enumerate(_words_of(field))
    ]
    choices = [word for word, _, _ in words]
    for header in headers:
        hits = process.extract(
            normal_header(header), choices, scorer=fuzz.token_sort_ratio, limit=None, score_cutoff=SIMILAR_FROM
        )
        for _, score, place in hits:
            _, field, preference = words[place]
            yield _Candidate(header, field, "similar", round(min(score, DOUBTFUL_SCORE), 1), preference)


def _assigned(candidates: list[_Candidate]) -> dict[str, _Candidate]:
    """The best candidate first, each column and each field once."""
    taken: dict[str, _Candidate] = {}
    fields: set[str] = set()
    for candidate in sorted(candidates, key=lambda candidate: candidate.order):
        if candidate.column not in taken and candidate.field not in fields:
            taken[candidate.column] = candidate
            fields.add(candidate.field)
    return taken
