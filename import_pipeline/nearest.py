"""Which known words are nearest to a word that nobody knows: what the remedies of refusals are made of.

Only the order and the wording of such lists belong here; what is known and what is refused is said by the callers.
"""

from collections.abc import Iterable

_SHOWN = 12


def by_nearness(word: str, known: Iterable[str]) -> list[str]:
    """Sort known words by their likeness to a word, the most alike first; equally alike ones stay in their order.

    >>> by_nearness("e-mail", ["phone", "email"])
    ['email', 'phone']
    """
    from rapidfuzz import fuzz, process

    words = list(known)
    scored = process.extract(
        word, words, scorer=fuzz.ratio, processor=lambda text: text.casefold(), limit=None, score_cutoff=None
    )
    return [found for found, _, _ in sorted(scored, key=lambda hit: (-hit[1], hit[2]))]


def nearest(word: str, known: Iterable[str], cutoff: float = 60.0) -> str | None:
    """The known word that was probably meant, or None where none is alike enough.

    >>> nearest("mapping", ["organization", "column_mapping"])
    'column_mapping'
    """
    from rapidfuzz import fuzz

    ordered = by_nearness(word, known)
    if ordered and fuzz.ratio(word.casefold(), ordered[0].casefold()) >= cutoff:
        return ordered[0]
    return None


def listed(words: Iterable[str], shown: int = _SHOWN) -> str:
    """Words in quotes with commas; a long list is cut and says how much was cut.

    >>> listed(["a", "b", "c"], shown=2)
    "'a', 'b' and 1 more"
    """
    every = list(words)
    text = ", ".join(repr(word) for word in every[:shown])
    return f"{text} and {len(every) - shown} more" if len(every) > shown else text or "none"


def did_you_mean(word: str, known: Iterable[str], shown: int = _SHOWN) -> str:
    """The sentence that names the known words, the nearest first.

    >>> did_you_mean("emial", ["phone", "email"])
    "Did you mean 'email'? Known: 'email', 'phone'."
    """
    every = list(known)
    meant = nearest(word, every)
    question = f"Did you mean {meant!r}? " if meant is not None else ""
    return f"{question}Known: {listed(by_nearness(word, every), shown)}."
