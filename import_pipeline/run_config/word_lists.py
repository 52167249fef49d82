"""Lists of tags and groups, written as a list or as text with commas, brought to one form.

Only the list's own shape belongs here: trimmed, without empty words, each word once, in the order given.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer


def word_list(given: str | Iterable[str]) -> tuple[str, ...]:
    """Trim the words of a list, or of text with commas between them, and keep each once.

    >>> word_list("vip, newsletter,,vip ")
    ('vip', 'newsletter')
    """
    words = given.split(",") if isinstance(given, str) else given
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


def _words_of(given: Any) -> Any:
    is_words = isinstance(given, str) or (
        isinstance(given, list | tuple | set | frozenset) and all(isinstance(word, str) for word in given)
    )
    return word_list(given) if is_words else given


def _words_by_name(given: Any) -> Any:
    return {name: _words_of(words) for name, words in given.items()} if isinstance(given, Mapping) else given


WordList = Annotated[tuple[str, ...], BeforeValidator(_words_of)]
"""The type of a list of words in a body: text with commas, or a list of text."""

WordSet = Annotated[
    frozenset[str], BeforeValidator(_words_of), PlainSerializer(sorted, return_type=list[str], when_used="json")
]
"""The type of a set of words in a body: text with commas, or a list of text.

As JSON it is sorted: the same words are always the same text.
"""

WordsByName = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_words_by_name)]
"""The type of {name: list of words} in a body."""
