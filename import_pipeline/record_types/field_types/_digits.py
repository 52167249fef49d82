"""How numbers are written: the patterns that integer and number share, for one decimal mark.

Thousands are taken as such only where they cannot be a fraction; what could be both is no number here.
"""

from import_pipeline.record_types.field_types._field_type import Convention

# What stands between thousands, besides the mark of the two (. and ,) that is not the decimal mark:
# space, no-break space, narrow no-break space, apostrophe, typographic apostrophe.
_SPACES = (" ", r"\x{A0}", r"\x{202F}", "'", r"\x{2019}")

DEFAULT_DECIMAL = "."
CONVENTIONS = (Convention("decimal", "."), Convention("decimal", ","))


def other_mark(decimal: str) -> str:
    """Of . and , the one that is not the decimal mark."""
    return "," if decimal == "." else "."


def grouped(decimal: str, *, at_least: int = 1) -> str:
    """Pattern of digits in groups of three, all set apart by the same sign.

    Args:
        decimal: The decimal mark.
        at_least: How many groups must follow the first where . or , sets them apart.
    """
    by_mark = rf"[1-9]\d{{0,2}}(?:[{other_mark(decimal)}]\d{{3}}){{{at_least},}}"
    return "|".join([by_mark, *(rf"\d{{1,3}}(?:{space}\d{{3}})+" for space in _SPACES)])


def has_no_mark(text_sql: str) -> str:
    """SQL of whether a number has neither decimal mark nor thousands set apart by one."""
    return f"NOT (contains({text_sql}, ',') OR contains({text_sql}, '.'))"


def without_groups(text_sql: str, decimal: str) -> str:
    """SQL of the number's text with the thousands joined and a point as decimal mark."""
    signs = "".join(_SPACES).replace("'", "''")
    joined = f"regexp_replace({text_sql}, '[{other_mark(decimal)}{signs}]', '', 'g')"
    return joined if decimal == "." else f"replace({joined}, ',', '.')"
