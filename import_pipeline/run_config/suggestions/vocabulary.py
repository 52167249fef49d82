"""The words that people and programs write over columns, as the files in `words/` list them by language.

`concepts` are what a column holds, `places` which of several addresses, phones or e-mails it is, `subjects` whose it
is, `strangers` words over columns that no field takes, `numbers` words for a number that identifies, `fillers` words
that change nothing.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from import_pipeline.run_config.suggestions.tokens import keys_of

Kind = Literal["concept", "place", "subject", "stranger", "number", "filler"]

_FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("en", *sorted(path.stem for path in _FOLDER.glob("*.toml") if path.stem != "en"))
"""The languages of the vocabulary, English first."""
_KINDS: dict[str, Kind] = {
    "concepts": "concept",
    "places": "place",
    "subjects": "subject",
    "strangers": "stranger",
    "numbers": "number",
    "fillers": "filler",
}


@dataclass(frozen=True)
class Sense:
    """One thing that a phrase can mean.

    Attributes:
        kind: What part of a header it is.
        name: The concept, place or subject.
        language: The language of the file that lists it.
        preference: Its place in the list, the usual phrase first.
    """

    kind: Kind
    name: str
    language: str
    preference: int


@cache
def phrases() -> dict[str, tuple[Sense, ...]]:
    """Every known phrase, by its key, with what it can mean."""
    found: defaultdict[str, list[Sense]] = defaultdict(list)
    for language in LANGUAGES:
        for key, sense in _senses(_FOLDER / f"{language}.toml"):
            if all(
                (one.kind, one.name, one.language) != (sense.kind, sense.name, sense.language) for one in found[key]
            ):
                found[key].append(sense)
    return {key: tuple(senses) for key, senses in found.items() if key}


def _senses(path: Path) -> Iterator[tuple[str, Sense]]:
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    for table, kind in _KINDS.items():
        for name, words in listed.get(table, {}).items():
            for preference, phrase in enumerate(words):
                sense = Sense(kind, name, path.stem, preference)
                for key in keys_of(phrase):
                    yield key, sense


@cache
def longest_phrase() -> int:
    """How many characters the longest phrase has; nothing longer need be looked up."""
    return max(map(len, phrases()))


@cache
def phrases_by_beginning(languages: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Phrases of these languages for columns that a field can take, by their first letter.

    They are long enough to be known in spite of a slip.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, senses in phrases().items():
        if len(key) >= 5 and any(sense.kind == "concept" and sense.language in languages for sense in senses):
            found[key[0]].append(key)
    return {letter: tuple(keys) for letter, keys in found.items()}
