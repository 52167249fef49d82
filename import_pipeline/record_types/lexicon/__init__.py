"""Words of people's languages as data, one list a file, and the form in which such words are compared.

What is done with them is said where they are used. The languages are English, German, French, Spanish, Italian,
Portuguese, Dutch, Polish, Swedish, Danish and Norwegian; yes, no and the months are there in the other languages of the
header synonyms, too.
"""

import re
import unicodedata

_SIGNS = re.compile(r"[\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def plain(text: str) -> str:
    """The form in which words are compared: no case, no accents, all but letters and digits as single spaces.

    >>> plain("  Opted-out "), plain("désinscrit")
    ('opted out', 'desinscrit')
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return _SIGNS.sub(" ", bare).strip()


def plain_header(header: str) -> str:
    """The same of a column's name, whose words may be set apart by capitals alone.

    >>> plain_header("HasOptedOutOfEmail"), plain_header("DoNotCall")
    ('has opted out of email', 'do not call')
    """
    return plain(_HUMP.sub(" ", header))
