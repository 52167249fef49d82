"""How phone numbers are dialled in each country: its calling code, and the digits before a national number.

Only what makes a national number an international one belongs here; calling codes come from `phonenumbers`.
"""

from functools import cache

from import_pipeline.record_types.countries import COUNTRIES, OTHER_NAMES
from import_pipeline.sql import literal

# What is dialled before a national number, where that is not 0; a test compares this with phonenumbers' metadata.
_TRUNK_PREFIXES = {
    "1": "AG AI AS BB BM BS CA DM DO GD GU JM KN KY LC MH MP MS PR SX TC TT US VC VG VI",
    "8": "BY KZ RU TM",
    "06": "HU",
    "": "AD AO AW BF BH BI BJ BN BQ BT BW BZ CF CG CK CL CM CR CV CW CY CZ DJ DK EE ES FJ FK FO GA GI GM GN GQ GR GT GW"
    " GY HK HN HT IO IS IT KM KW LS LU LV ML MO MR MT MU MV MX MZ NC NE NF NI NO NR NU OM PA PF PG PL PT PW QA SB SC SG"
    " SH SJ SM SN SR ST SV SY SZ TD TG TJ TK TL TN TO TV UZ VA VU WF WS",
}


@cache
def trunk_prefixes() -> dict[str, str]:
    """Country code of two letters → what is dialled before a national number, for the countries where it is not 0."""
    return {country: prefix for prefix, countries in _TRUNK_PREFIXES.items() for country in countries.split()}


@cache
def _ways_to_dial() -> dict[str, str]:
    """Name or code of a country in capitals → its calling code, a slash, and its trunk prefix."""
    # Asking for each country's code would load the metadata of all of them, 250 modules.
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    codes = {country: code for code, countries in COUNTRY_CODE_TO_REGION_CODE.items() for country in countries}
    ways: dict[str, str] = {}
    names = [(two, name) for two, *others in COUNTRIES for name in (two, *others)]
    for two, name in [*names, *((two, name) for name, two in OTHER_NAMES.items())]:
        code = codes.get(two)
        if code:
            ways[name.upper()] = f"{code}/{trunk_prefixes().get(two, '0')}"
    return ways


@cache
def _way_sql() -> str:
    ways = _ways_to_dial()
    return f"MAP([{', '.join(map(literal, ways))}], [{', '.join(map(literal, ways.values()))}])"


def international_sql(digits_sql: str, country_sql: str) -> str:
    """SQL of the international form (+, calling code, number) of a national number; as it is where that is unknown.

    Args:
        digits_sql: SQL of the digits of a number that is written without calling code.
        country_sql: SQL of the country, as its name or code in any case.
    """
    way = f"{_way_sql()}[upper(trim({country_sql}))]"
    return (
        f"coalesce(list_transform([{way}], lambda way: CASE"
        f" WHEN split_part(way, '/', 2) = '' THEN '+' || split_part(way, '/', 1) || {digits_sql}"
        f" WHEN starts_with({digits_sql}, split_part(way, '/', 2)) THEN '+' || split_part(way, '/', 1)"
        f" || substr({digits_sql}, length(split_part(way, '/', 2)) + 1)"
        f" WHEN split_part(way, '/', 1) = '1' AND length({digits_sql}) = 10 THEN '+1' || {digits_sql}"
        f" END)[1], {digits_sql})"
    )
