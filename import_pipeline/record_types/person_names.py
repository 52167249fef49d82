"""Splitting a person's full name into first and last name, in SQL.

Used where a file has a full name and neither part. What cannot be told apart stays together in the first name.
"""

_TITLES = "Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Rev|Herr|Frau|Mme|Mlle|Monsieur|Madame"
_SUFFIXES = "Jr|Sr|II|III|IV|PhD|Ph[.]D|MD|M[.]D|MBA|Esq"
_TITLE = rf"(?i)^(?:(?:{_TITLES})(?:[.]\s*|\s+))+"
_SUFFIX = rf"(?i)(?:,\s*|\s+)(?:{_SUFFIXES})[.]?$"


def first_name_sql(full_sql: str) -> str:
    """SQL of the first name in a full name: all but the last word, or what follows the comma in 'Last, First'.

    A single word is a first name, unless a title stands before it ('Dr. Miller').
    """
    name = _bare(full_sql)
    return (
        f"CASE WHEN contains({name}, ',') THEN nullif(trim(regexp_extract({name}, '^[^,]*,(.*)$', 1, 's')), '')"
        f" WHEN regexp_matches({name}, '\\s') THEN regexp_extract({name}, '^(.*\\S)\\s+\\S+$', 1, 's')"
        f" WHEN NOT regexp_matches(trim({full_sql}), '{_TITLE}') THEN nullif({name}, '') END"
    )


def last_name_sql(full_sql: str) -> str:
    """SQL of the last name in a full name: its last word, or what precedes the comma in 'Last, First'."""
    name = _bare(full_sql)
    return (
        f"CASE WHEN contains({name}, ',') THEN nullif(trim(regexp_extract({name}, '^([^,]*),', 1)), '')"
        f" WHEN regexp_matches({name}, '\\s') THEN regexp_extract({name}, '(\\S+)$', 1)"
        f" WHEN regexp_matches(trim({full_sql}), '{_TITLE}') THEN nullif({name}, '') END"
    )


def _bare(full_sql: str) -> str:
    """The name without titles before and degrees behind it."""
    return f"trim(regexp_replace(regexp_replace(trim({full_sql}), '{_SUFFIX}', ''), '{_TITLE}', ''))"
