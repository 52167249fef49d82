"""How tools and people write that a cell has no value: NULL, N/A, a dash, 0000-00-00.

Which of them count in a field depends on what it holds: nobody's phone number is 'none', but people are called Null,
and NA is a country.
"""

SIGNS = (
    r"[-\x{2010}-\x{2015}\x{2212}_]+|[.]{1,3}|[?]{1,3}|/|\\N"
    r"|[(\[<{](?i:null|none|empty|blank|nil|na|n/a|no value|not set|unknown|leer|keine|vide|vacio|vuoto)[)\]>}]"
    r"|(?i:n/a|n[.] ?a[.]|n/v)"
)
"""A regular expression of RE2, for whole texts: signs that mean nothing in any field, long texts included. Errors of
spreadsheets are none of them: `phases/error_cells.py` tells of these."""

WORDS_IN_TEXT = ("NULL", "null", "Null", "NONE", "none", "None", "NaN", "NAN", "nan", "nil", "NIL", "undefined")
"""Words that are no value in short texts, other than the names of people; the case counts, for Nan is a city."""

WORDS_IN_LONG_TEXT = ("NULL", "NaN")
WORDS_IN_NAMES = ("NULL",)
"""The same of long texts, and of the names of people."""

WORDS = (
    "null", "none", "nan", "nil", "na", "n.a", "n.a.", "n. a.", "n/a", "n/v",
    "undefined", "unknown", "not available", "not applicable", "not given",
    "not known", "no", "empty", "blank", "missing", "tbd", "tba", "xxx",
    "keine", "keiner", "keine angabe", "k.a.", "k. a.", "k.a", "unbekannt", "nicht bekannt", "fehlt", "leer",
    "aucun", "aucune", "inconnu", "inconnue", "non renseigné", "nc", "n.c.", "néant", "s/o",
    "ninguno", "ninguna", "desconocido", "desconocida", "sin datos", "s/d",
    "nessuno", "nessuna", "sconosciuto", "n.d.", "nd", "nenhum", "nenhuma", "desconhecido", "não informado",
    "geen", "onbekend", "n.v.t.", "nvt", "brak", "nieznany", "b.d.", "saknas", "okänd", "okänt", "ukendt", "ukjent",
    "ingen", "mangler",
)  # fmt: skip
"""Words in lower case that are no value where a value has a form of its own: addresses, numbers, dates, choices."""

NO_DATE = r"0+|0+(?:[-/.]0+){1,2}(?:[T ]0{1,2}:00(?::00(?:[.]0+)?)?)?|0{1,2}-Jan-(?:00|1900)|1900-01-00|0?1/0/1900"
"""A regular expression of RE2: the zero dates of databases, mail programs and spreadsheets."""
NO_PHONE = r"[0 ()+./-]+"
"""The same of phone numbers: nothing but zeros."""
