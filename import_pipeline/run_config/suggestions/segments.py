"""A header cut into phrases of the vocabulary: as few as possible, with as little as possible left unknown.

Words that languages write as one ('Rechnungsort', 'billingcity', '会社電話番号') are cut into their parts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from import_pipeline.run_config.suggestions.tokens import IS_WITHOUT_GAPS, tokens_of
from import_pipeline.run_config.suggestions.vocabulary import Sense, longest_phrase, phrases

_MOST_TOKENS = 24
_LONGEST_PHRASE = 10
_LONGEST_WORD = 60
_LEAST_PART = 3
_SHORT = 3
_LINKS = ("", "s", "es", "en", "n")
"""What Germanic languages put between the parts of a word."""
_PHRASE_COSTS, _NUMBER_COSTS, _UNKNOWN_COSTS = 10, 5, 100


def segments_of(header: str) -> tuple[str, ...]:
    """The keys of the phrases that a header is made of, with what is in no phrase as it stands.

    >>> segments_of("Rechnungs-PLZ"), segments_of("homephone 2"), segments_of("Mailing Address Line 1")
    (('rechnungs', 'plz'), ('home', 'phone', '2'), ('mailing', 'addressline1'))
    """
    return cut(tokens_of(header))


def cut(tokens: Sequence[str]) -> tuple[str, ...]:
    """The same of the words of a header."""
    tokens = tokens[:_MOST_TOKENS]
    known, longest = phrases(), longest_phrase()
    best: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for end in range(1, len(tokens) + 1):
        costs, parts = _alone(tokens[end - 1])
        before = best[end - 1]
        chosen = before[0] + costs, before[1] + parts
        key = tokens[end - 1]
        for begin in range(end - 2, max(-1, end - 1 - _LONGEST_PHRASE), -1):
            key = tokens[begin] + key
            if len(key) > longest:
                break
            if key in known and best[begin][0] + _PHRASE_COSTS <= chosen[0]:
                chosen = best[begin][0] + _PHRASE_COSTS, (*best[begin][1], key)
        best.append(chosen)
    return best[-1][1]


@lru_cache(100_000)
def _alone(token: str) -> tuple[int, tuple[str, ...]]:
    """What one word is, and what it costs."""
    if token in phrases():
        return _PHRASE_COSTS, (token,)
    if token.isdigit():
        return _NUMBER_COSTS, (token,)
    parts = _parts_of(token)
    return (_PHRASE_COSTS * len(parts) + 5, parts) if parts is not None else (_UNKNOWN_COSTS, (token,))


def _parts_of(word: str) -> tuple[str, ...] | None:
    """The phrases that a word is put together of, as few as possible; None if it is no such word."""
    least = 1 if IS_WITHOUT_GAPS.fullmatch(word) else _LEAST_PART
    if len(word) < 2 * least or len(word) > _LONGEST_WORD:
        return None
    known = phrases()
    best: list[tuple[str, ...] | None] = [(), *([None] * len(word))]
    for end in range(least, len(word) + 1):
        for begin in range(end - least + 1):
            before = best[begin]
            if before is None or (part := _without_link(word[begin:end], end < len(word) and least > 1)) not in known:
                continue
            here = best[end]
            if here is None or _costs_of((*before, part)) < _costs_of(here):
                best[end] = (*before, part)
    return best[-1]


def _costs_of(parts: Sequence[str]) -> int:
    """Few parts are better than many, and such as columns of ours are made of better than others."""
    known = phrases()
    return sum(2 + all(sense.kind == "stranger" for sense in known[part]) for part in parts)


def _without_link(part: str, is_linked: bool) -> str:
    known = phrases()
    if is_linked and part not in known:
        for link in _LINKS[1:]:
            if part.endswith(link) and len(part) - len(link) >= _LEAST_PART and part[: -len(link)] in known:
                return part[: -len(link)]
    return part


def languages_of(headers: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The languages of the vocabulary, that of most headers first; English first where they are equal.

    Args:
        headers: The phrases of each header.
    """
    votes: defaultdict[str, float] = defaultdict(float, en=0.1)
    for segments in headers:
        for segment in segments:
            listing = {sense.language for sense in phrases().get(segment, ())}
            for language in listing:
                votes[language] += 1 / len(listing)
    return tuple(language for language, _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])))


def without_chance_words(headers: Sequence[str], segments: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The phrases of the headers, with short words made unknown that only a language has that nothing else speaks for.

    'PK' in an English file is no postal code, though it is one in Turkish. A header that is not ASCII speaks for
    itself.
    """
    spoken: defaultdict[str, set[str]] = defaultdict(set)
    for segment in {segment for of_header in segments for segment in of_header}:
        for language in _languages_but_english(segment):
            spoken[language].add(segment)

    def is_chance(segment: str) -> bool:
        languages = _languages_but_english(segment)
        if len(segment) > _SHORT or not languages:
            return False
        return not any(len(word) > _SHORT for one in languages for word in spoken[one])

    return [
        tuple(f"{one}?" if header.isascii() and is_chance(one) else one for one in of_header)
        for header, of_header in zip(headers, segments, strict=True)
    ]


def _languages_but_english(segment: str) -> set[str]:
    """The languages that list a phrase, if English does not, and the script is one that English is written in."""
    languages = {sense.language for sense in phrases().get(segment, ())}
    return set() if "en" in languages or not segment.isascii() else languages


def senses_of(segment: str, languages: Sequence[str]) -> tuple[Sense, ...]:
    """What a phrase means in the first of these languages that knows it."""
    senses = phrases().get(segment, ())
    for language in languages:
        of_language = tuple(sense for sense in senses if sense.language == language)
        if of_language:
            return of_language
    return senses
