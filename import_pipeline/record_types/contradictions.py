"""Whether two things that share a weak identifier, such as a phone number, can be the same: what contradicts that.

Equal, compatible or empty on one side is no contradiction. Compatible are initials, missing parts, another order of the
parts of a person's name, accents, and typing errors within a bound; in given names none, for Maria and Mario are two.

Both sides are brought into comparable forms first (`compared_forms`), each once, then compared (`contradiction_sql`).
"""

from collections.abc import Callable, Collection, Mapping

from import_pipeline.record_types.identity import identity_sql
from import_pipeline.record_types.record_type import Evidence, RecordType
from import_pipeline.sql import quote

_LEGAL_FORMS = (
    "inc|incorporated|corp|corporation|co|company|llc|llp|lp|ltd|limited|plc|gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|ev|se|sa"
    "|sas|sarl|srl|spa|bv|nv|ab|as|asa|aps|oy|oyj|pty|pte|pvt|kk|sro|zrt|kft|doo|s a|s a s|s r l|s p a|b v|n v|a s|e v"
    "|l l c|p l c|s r o|d o o"
)
_SLIP_FROM = 5  # letters from which on one slip is a typing error, and no other name
_TWO_SLIPS_FROM = 10

Forms = dict[str, str]
"""Name of a column → SQL of what it holds."""


def compared_forms(record_type: RecordType, alias: str, present: Collection[str]) -> Forms:
    """What is compared of a row or a record, each form as a column.

    Args:
        record_type: Its strong identifiers and its evidence are compared.
        alias: The alias of the table that holds the fields.
        present: The fields that it has; a form of which a field is missing is NULL.
    """
    columns = {field.name: f"{alias}.{quote(field.name)}" for field in record_type.fields if field.name in present}
    forms: Forms = {}
    for name in record_type.strong:
        for of, field in ((name, name), (f"{name}_second", record_type.second.get(name))):
            if field is not None:
                known = field in columns
                forms[f"strong_{of}"] = identity_sql(record_type.field(field), columns[field]) if known else _NOTHING
    for place, one in enumerate(record_type.evidence):
        of_kind = _KINDS[one.kind][0](record_type, one, columns)
        forms |= {f"evidence_{place}_{form}": sql for form, sql in of_kind.items()}
    return forms


def contradiction_sql(record_type: RecordType, one: str, other: str) -> str:
    """SQL of whether what one side says contradicts what the other says.

    Args:
        record_type: The record type.
        one: The alias of a table with the columns of `compared_forms`.
        other: The alias of the other.
    """
    found = [strong_contradiction_sql(record_type, one, other)]
    for place, evidence in enumerate(record_type.evidence):
        prefix = f"evidence_{place}_"
        found.append(f"coalesce({_KINDS[evidence.kind][1](f'{one}.{prefix}', f'{other}.{prefix}')}, false)")
    return " OR ".join(found)


def strong_contradiction_sql(record_type: RecordType, one: str, other: str) -> str:
    """SQL of whether both sides have a strong identifier, and neither value is a second one of the other side."""
    found = ["false"]
    for name in record_type.strong:
        differs = f"{one}.strong_{name} <> {other}.strong_{name}"
        if name in record_type.second:
            differs += f" AND {one}.strong_{name} IS DISTINCT FROM {other}.strong_{name}_second"
            differs += f" AND {other}.strong_{name} IS DISTINCT FROM {one}.strong_{name}_second"
        found.append(f"coalesce({differs}, false)")
    return " OR ".join(found)


_NOTHING = "NULL::VARCHAR"


def _person(_: RecordType, evidence: Evidence, columns: Mapping[str, str]) -> Forms:
    parts = [columns[name] for name in evidence.fields if name in columns]
    whole = f"concat_ws(' ', {', '.join(parts)})" if parts else "''"
    given, family = (columns.get(name, _NOTHING) for name in evidence.fields)
    return {"plain": _plain(whole), "bare": _without_dots(whole), "given": _plain(given), "family": _plain(family)}


def _persons_differ(one: str, other: str) -> str:
    fit = f"{_parts_fit(f'{one}plain', f'{other}plain')} OR {_parts_fit(f'{one}bare', f'{other}bare')}"
    slip = f"{one}given <> '' AND {one}given = {other}given AND {_is_slip(f'{one}family', f'{other}family')}"
    return f"{one}plain <> '' AND {other}plain <> '' AND NOT ({fit} OR ({slip}))"


def _organization(_: RecordType, evidence: Evidence, columns: Mapping[str, str]) -> Forms:
    plain = _plain(columns.get(evidence.fields[0], _NOTHING))
    return {"name": f"trim(regexp_replace(' ' || {plain} || ' ', '( ({_LEGAL_FORMS}))+ $|^ the ', ' '))"}


def _organizations_differ(one: str, other: str) -> str:
    """A missing part makes another organization: a holding is not its subsidiary."""
    own, others = f"{one}name", f"{other}name"
    return f"{own} <> '' AND {others} <> '' AND {own} <> {others} AND NOT {_is_slip(own, others)}"


def _affiliations_differ(one: str, other: str) -> str:
    own, others = f"{one}name", f"{other}name"
    return f"{own} <> '' AND {others} <> '' AND NOT ({_parts_fit(own, others)} OR {_is_slip(own, others)})"


def _value(record_type: RecordType, evidence: Evidence, columns: Mapping[str, str]) -> Forms:
    (name,) = evidence.fields
    known = name in columns
    return {"value": f"CAST({identity_sql(record_type.field(name), columns[name])} AS VARCHAR)" if known else _NOTHING}


def _values_differ(one: str, other: str) -> str:
    return f"{one}value <> {other}value"


# Kind of evidence → its forms, and how two of them are compared.
_KINDS: dict[str, tuple[Callable[[RecordType, Evidence, Mapping[str, str]], Forms], Callable[[str, str], str]]] = {
    "person": (_person, _persons_differ),
    "organization": (_organization, _organizations_differ),
    "affiliation": (_organization, _affiliations_differ),
    "value": (_value, _values_differ),
}


def _plain(text: str) -> str:
    """A name in lower case, without accents and signs, ä as ae; '' where there is none."""
    plain = f"lower(nfc_normalize(coalesce({text}, '')))"
    for accented, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("ß", "ss")):
        plain = f"replace({plain}, '{accented}', '{written}')"
    return _words(f"strip_accents({plain})")


def _without_dots(text: str) -> str:
    """The same with ä as a: people leave the dots out, too."""
    return _words(f"replace(lower(strip_accents(nfc_normalize(coalesce({text}, '')))), 'ß', 'ss')")


def _words(text: str) -> str:
    return rf"trim(regexp_replace({text}, '[^\p{{L}}\p{{N}}]+', ' ', 'g'))"


def _parts_fit(one: str, other: str) -> str:
    """Whether each part of the shorter name is in the longer one, whole or as an initial."""
    is_shorter = f"len(string_split({one}, ' ')) <= len(string_split({other}, ' '))"
    shorter, longer = (f"CASE WHEN {is_shorter} THEN {a} ELSE {b} END" for a, b in ((one, other), (other, one)))
    return (
        f"len(list_filter(string_split({shorter}, ' '), lambda part: len(list_filter(string_split({longer}, ' '),"
        " lambda whole: whole = part OR (length(part) = 1 AND starts_with(whole, part))"
        " OR (length(whole) = 1 AND starts_with(part, whole)))) = 0)) = 0"
    )


def _is_slip(one: str, other: str) -> str:
    """Whether two names differ by a typing error, and not in a number."""
    allowed = f"CASE WHEN least(length({one}), length({other})) >= {_TWO_SLIPS_FROM} THEN 2 ELSE 1 END"
    return (
        f"(least(length({one}), length({other})) >= {_SLIP_FROM}"
        f" AND regexp_replace({one}, '[^0-9]', '', 'g') = regexp_replace({other}, '[^0-9]', '', 'g')"
        f" AND damerau_levenshtein({one}, {other}) <= {allowed})"
    )
