"""Splitting a person's full name into first and last name, in SQL.

Used where a file has a full name and neither part. A single word is the first name; what cannot be told apart, such as
two people in one cell or a Chinese name without a space, stays the full name alone.
"""

from import_pipeline.sql import literal

_TITLES = (
    "Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Rev|Herr|Frau|Mme|Mlle|Monsieur|Madame|Sr|Sra|Srta|Señor|Señora"
    "|Dra|Dott|Sig|Sig[.]ra|Dhr|Mevr|Mevrouw|Dipl[.]-Ing"
)
_SUFFIXES = "Jr|Sr|II|III|IV|PhD|Ph[.]D|MD|M[.]D|MBA|Esq"
_TITLE = rf"(?i)^(?:(?:{_TITLES})(?:[.]\s*|\s+))+"
_SUFFIX = rf"(?i)(?:,\s*|\s+)(?:{_SUFFIXES})[.]?$"

_PARTICLES = (
    "de|del|della|dello|dei|degli|di|da|dal|dos|das|do|du|des|la|las|los|le|lo|van|von|vom|der|den|dem|ter|ten|te|zu|zum"
    "|zur|af|av|bin|ibn|al|el|st[.]?|'t"
)
"""Words that belong to the family name behind them."""
_FAMILY = rf"(?:(?i:{_PARTICLES})\s+)*(?:\S+\s+y\s+)?\S+"
_BEFORE_FAMILY = rf"^(.*?\S)\s+{_FAMILY}$"
_BEHIND_GIVEN = rf"^.*?\S\s+({_FAMILY})$"
_FAMILY_ALONE = rf"(?:(?:{_PARTICLES})\s+)+\S+"

_LEGAL_FORMS = "inc|ltd|llc|llp|gmbh|mbh|corp|corporation|company|limited|plc|ag|kg|ug|bv|nv|srl|spa|oy|aps|pty"
_UNUSUAL = r"[|()\[\]@&/+,]| [-\x{2013}\x{2014}] | (?i:and|und|et) "
_TWO_WORDS = r"[A-Za-z\x{C0}-\x{24F}0-9'\x{2019}-]+ [A-Za-z\x{C0}-\x{24F}0-9'\x{2019}-]+"
_NO_GIVEN_NAMES = sorted(word.lower() for word in f"{_TITLES}|{_PARTICLES}".split("|"))
_NO_FAMILY_NAMES = sorted(word.lower() for word in _SUFFIXES.split("|"))
_REMARK = r"\s*[(\[][^()\[\]]*[)\]]"
_APPENDED = rf"\s*[|].*$|\s+[-\x{{2013}}\x{{2014}}]\s.*$|\s+@.*$|(\S\s+\S[^,]*),[^,]*\b(?i:{_LEGAL_FORMS})[.]?$"
"""What people add behind their name: the company they work for."""
_TWO = r"[&/+@]|(?i:\s(?:and|und|et)\s)|,.*,"
"""More than one person, or what is no name."""
_EASTERN = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\s]+"
"""Scripts in which the family name comes first."""


def first_name_sql(full_sql: str) -> str:
    """SQL of the first name in a full name: all before the family name, or what follows the comma in 'Last, First'.

    A single word is a first name, unless a title stands before it ('Dr. Miller').
    """
    name = _bare(full_sql)
    return (
        f"CASE WHEN {_is_plain(full_sql)} THEN split_part({full_sql}, ' ', 1)"
        f" {_unsplit(name)} WHEN {_is_eastern(name)} THEN nullif(regexp_extract({name}, '^\\S+\\s+(.*)$', 1), '')"
        f" WHEN contains({name}, ',') THEN nullif(trim(regexp_extract({name}, '^[^,]*,(.*)$', 1, 's')), '')"
        f" WHEN regexp_full_match({name}, {literal(_FAMILY_ALONE)}) THEN NULL"
        f" WHEN regexp_matches({name}, '\\s')"
        f" THEN regexp_extract({name}, {literal(_BEFORE_FAMILY)}, 1, 's')"
        f" WHEN NOT regexp_matches(trim({full_sql}), '{_TITLE}') THEN nullif({name}, '') END"
    )


def last_name_sql(full_sql: str) -> str:
    """SQL of the last name in a full name: its last word with its particles, or what precedes the comma."""
    name = _bare(full_sql)
    return (
        f"CASE WHEN {_is_plain(full_sql)} THEN split_part({full_sql}, ' ', 2)"
        f" {_unsplit(name)} WHEN {_is_eastern(name)} THEN nullif(regexp_extract({name}, '^(\\S+)\\s', 1), '')"
        f" WHEN contains({name}, ',') THEN nullif(trim(regexp_extract({name}, '^([^,]*),', 1)), '')"
        f" WHEN regexp_full_match({name}, {literal(_FAMILY_ALONE)}) THEN {name}"
        f" WHEN regexp_matches({name}, '\\s')"
        f" THEN regexp_extract({name}, {literal(_BEHIND_GIVEN)}, 1, 's')"
        f" WHEN regexp_matches(trim({full_sql}), '{_TITLE}') THEN nullif({name}, '') END"
    )


def _is_plain(full_sql: str) -> str:
    """Whether it is two words and neither is a title, a particle or a degree: most names are, and far cheaper."""
    first = ", ".join(map(literal, _NO_GIVEN_NAMES))
    last = ", ".join(map(literal, _NO_FAMILY_NAMES))
    return (
        f"(regexp_full_match({full_sql}, {literal(_TWO_WORDS)})"
        f" AND lower(split_part({full_sql}, ' ', 1)) NOT IN ({first})"
        f" AND lower(split_part({full_sql}, ' ', 2)) NOT IN ({last}))"
    )


def _bare(full_sql: str) -> str:
    """The name without titles before, degrees behind it, remarks in brackets, and what is appended to it."""
    whole = f"trim({full_sql})"
    plain = f"trim(regexp_replace({whole}, {literal(_REMARK)}, '', 'g'))"
    plain = f"trim(regexp_replace({plain}, {literal(_APPENDED)}, '\\1'))"
    # Few names have such signs, and replacing costs far more than looking for them.
    plain = f"CASE WHEN regexp_matches({whole}, {literal(_UNUSUAL)}) THEN {plain} ELSE {whole} END"
    return f"trim(regexp_replace(regexp_replace({plain}, '{_SUFFIX}', ''), '{_TITLE}', ''))"


def _unsplit(name: str) -> str:
    return f"WHEN regexp_matches({name}, {literal(_TWO)}) THEN NULL"


def _is_eastern(name: str) -> str:
    return f"(strlen({name}) <> length({name}) AND regexp_full_match({name}, {literal(_EASTERN)}))"
