"""From a header to its words: camel case and underscores opened, marks dropped, letters without accents.

What the words mean stands in `vocabulary`; here is only how a header falls into them.
"""

import re
import unicodedata

_MOST_CHARACTERS = 300
_SPECIAL = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe"}
    | {"\u0131": "i", "°": "o", "#": " number ", "&": " and "}
    | dict.fromkeys("'`\u2019\u00b4\u02bc", "")
)
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_WITHOUT_GAPS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u3005"
_PLURAL_OF_CAPITALS = re.compile(r"\b([A-Z]{2,})s\b")
_CAMEL_CASE = re.compile(r"(?<=[a-z\u00df-\u00ff])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN = re.compile(rf"\d+|[{_WITHOUT_GAPS}]+|[^\W\d_{_WITHOUT_GAPS}]+")
IS_WITHOUT_GAPS = re.compile(rf"[{_WITHOUT_GAPS}]+")
"""A text in a script that writes words without gaps between them."""


def tokens_of(header: str) -> tuple[str, ...]:
    """The words and numbers of a header, in the form in which they are compared.

    >>> tokens_of("POAddressLine1"), tokens_of("Person - E-mail_1 *"), tokens_of("Téléphone (privé)")
    (('po', 'address', 'line', '1'), ('person', 'e', 'mail', '1'), ('telephone', 'prive'))
    """
    text = _plain(header)
    text = _PLURAL_OF_CAPITALS.sub(lambda found: found[0].lower(), text)
    text = _CAMEL_CASE.sub(" ", text)
    return tuple(_TOKEN.findall(_without_accents(text.casefold())))


def key_of(text: str) -> str:
    """The form in which words and phrases are looked up, without gaps: 'E-Mail', 'e mail' and 'Email' are one.

    >>> key_of("E-Mail-Adresse")
    'emailadresse'
    """
    return "".join(_TOKEN.findall(_without_accents(_plain(text).casefold())))  # camel case only tells gaps


def keys_of(phrase: str) -> set[str]:
    """The same of a phrase of the vocabulary, which others may write without umlauts, as in 'geschaeftlich'."""
    folded = phrase.casefold()
    transcribed = folded.translate(_TRANSCRIBED)
    return {key_of(phrase)} if transcribed == folded else {key_of(phrase), key_of(transcribed)}


def _plain(text: str) -> str:
    text = text[:_MOST_CHARACTERS]
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).translate(_SPECIAL)


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
