"""How column headers are compared: one function that every comparison of headers uses.

Which header means which field is said by the synonyms of the models; how suggestions are scored, by `run_config`.
"""

import re
from collections.abc import Iterable

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def normal_header(text: str) -> str:
    """The form in which two headers are compared: case folded, all but letters and digits as single spaces.

    >>> normal_header("  E-mail 1 - Value ")
    'e mail 1 value'
    """
    return _NOT_ALPHANUMERIC.sub(" ", text.casefold()).strip()


def with_joined_forms(synonyms: Iterable[str]) -> tuple[str, ...]:
    """Synonyms, each once in comparing, with the form that leaves the gaps out ('First Name' is also 'firstname').

    >>> with_joined_forms(["First Name", "first_name", "Name"])
    ('First Name', 'firstname', 'Name')
    """
    seen: dict[str, str] = {}
    for synonym in synonyms:
        normal = normal_header(synonym)
        seen.setdefault(normal, synonym)
        joined = normal.replace(" ", "")
        seen.setdefault(joined, joined)
    return tuple(seen.values())
