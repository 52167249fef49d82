"""Random tables of typed values, written in a random style: what a test of reading imports, and what it must store.

The style is one of whole files (delimiter, quotes, encoding, line ends, how dates and numbers are written) and one of
cells (spaces, invisible marks, wrappers of spreadsheets, words for nothing).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import strategies as st

from import_pipeline_tests.importing import Importing

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
}
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y-%m-%dT00:00:00Z", *_MONTHS)
NUMBERS = {"plain": "{:d}", "point": "{:,d}", "comma": "{:,d}", "space": "{:,d}", "decimals": "{:d}.00"}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
NOTHING = ("", "-", "N/A", "NULL", "\\N", "n/a", "--", "#N/A")
AROUND = ("{}", " {}", "{} ", "\u00a0{}", "{}\u00a0", " {}\t", '"{}"')
"""What may stand around any cell; in UTF files also what nobody sees."""
UNSEEN = ("\u200b{}", "{}\u200e", "\u202a{}\u202c", "\ufeff{}")
AS_TEXT = ('="{}"', "'{}")
"""How spreadsheets are told to leave a cell alone."""
AS_LINK = ("mailto:{}", "<{}>", "{};")

HEADER = ("Customer ID", "First name", "Last name", "Email", "Phone", "Website", "Date of birth", "Newsletter", "City")
FIELDS = (
    "external_id", "first_name", "last_name", "email", "phone", "website", "date_of_birth", "newsletter", "city",
)  # fmt: skip
COMPANY_HEADER = ("Company ID", "Company", "Employees", "City")
COMPANY_FIELDS = ("external_id", "name", "employees", "city")
YES, NO = ("yes", "TRUE", "1", "x", "ja", "Subscribed"), ("no", "FALSE", "0", "nein", "Not subscribed")

_NAMES = st.sampled_from(
    ["Ann", "Bob", "Müller", "José", "O'Neil", "Zoë", "Null", "De Vries", "Jean-Luc", "Smith", "Größer", "Ng", "True"]
)
_CITIES = st.sampled_from(["Ulm", "Köln", "São Paulo", "St. Gallen", "Bonn am Rhein", "Nîmes"])


@dataclass(frozen=True)
class WrittenTable:
    """A table and the file in which it is written.

    Attributes:
        record_type: What its rows are.
        content: The file.
        records: What must be stored: fields without those that are empty.
        style: How it is written, for people.
    """

    record_type: str
    content: bytes
    records: list[dict[str, Any]]
    style: dict[str, Any] = field(default_factory=dict)


@st.composite
def written_tables(draw: st.DrawFn) -> WrittenTable:
    """Contacts or companies in a file of a random style."""
    style = {
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|"])),
        "encoding": draw(st.sampled_from(ENCODINGS)),
        "line_end": draw(st.sampled_from(["\n", "\r\n"])),
        "quoted": draw(st.sampled_from(["all", "needed"])),
        "dates": draw(st.sampled_from(DATES)),
        "numbers": draw(st.sampled_from(sorted(NUMBERS))),
        "decorated": draw(st.booleans()),
    }
    if style["encoding"] == "cp1252" and style["dates"] == "pl":
        style["dates"] = "de"
    if draw(st.booleans()):
        rows = draw(st.lists(_contacts(), min_size=2, max_size=8))
        record_type, header, fields = "contact", HEADER, FIELDS
    else:
        rows = draw(st.lists(_companies(), min_size=2, max_size=8))
        record_type, header, fields = "company", COMPANY_HEADER, COMPANY_FIELDS
    records = [_own(record, row) for row, record in enumerate(rows)]
    lines = [list(header)]
    lines += [[_cell(draw, name, record.get(name), style) for name in fields] for record in records]
    text = style["line_end"].join(style["delimiter"].join(_quoted(cell, style) for cell in line) for line in lines)
    content = (text + style["line_end"]).encode(style["encoding"])
    return WrittenTable(record_type, content, records, style)


def check(importing: Importing, table: WrittenTable, organization: str) -> str:
    """Import a table: either a person is asked, or just what was written is stored.

    Returns:
        The status of the import.
    """
    imported = importing.run(table.content, table.record_type, organization=organization)
    stored = importing.stored(table.record_type, organization)
    if imported["status"] == "needs_review":
        assert stored == [], (table.style, imported["reason"])
        return "needs_review"
    key = "external_id"
    got = {one[key]: {name: value for name, value in one.items() if name != "full_name"} for one in stored}
    assert got == {record[key]: record for record in table.records}, (table.style, table.content, imported["reason"])
    return imported["status"]


@st.composite
def _contacts(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "first_name": draw(_NAMES),
        "last_name": draw(_NAMES),
        "phone": draw(st.sampled_from([None, "+49 40 5551{:02d}", "040/5551{:02d}", "(212) 555-01{:02d}"])),
        "website": draw(st.sampled_from([None, "www.example.com", "https://example.com/a?b=c"])),
        "date_of_birth": draw(st.none() | st.dates(date(1930, 1, 1), date(2010, 12, 31))),
        "newsletter": draw(st.sampled_from([None, "yes", "no"])),
        "city": draw(st.none() | _CITIES),
    }


@st.composite
def _companies(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "name": draw(_NAMES),
        "employees": draw(st.none() | st.integers(0, 2_000_000)),
        "city": draw(st.none() | _CITIES),
    }


def _own(record: dict[str, Any], row: int) -> dict[str, Any]:
    """The record with what makes it one of its own, and without what is empty."""
    own = record | {"external_id": f"00{row}7"}
    if "name" in record:
        own["name"] = f"{record['name']} {'ABCDEFGHIJ'[row]}"
    else:
        own["email"] = f"person{row}@example.com"
        own["phone"] = record["phone"] and record["phone"].format(row)
    return {name: value for name, value in own.items() if value is not None}


def _cell(draw: st.DrawFn, name: str, value: Any, style: dict[str, Any]) -> str:
    decorated = style["decorated"] and draw(st.integers(0, 3)) == 0
    if value is None:
        return draw(st.sampled_from(NOTHING)) if decorated else ""
    text = _text(draw, name, value, style)
    if not decorated:
        return text
    shapes = [*AROUND]
    if style["encoding"] != "cp1252":
        shapes += UNSEEN
    if name in ("external_id", "phone"):
        shapes += AS_TEXT
    if name == "email":
        shapes += AS_LINK
    return draw(st.sampled_from(shapes)).format(text)


def _text(draw: st.DrawFn, name: str, value: Any, style: dict[str, Any]) -> str:
    if name == "newsletter":
        return draw(st.sampled_from(YES if value == "yes" else NO))
    if isinstance(value, date):
        if style["dates"] in _MONTHS:
            month = _MONTHS[style["dates"]].split()[value.month - 1]
            between = " de " if style["dates"] == "es" else " "
            return f"{value.day}{'.' if style['dates'] == 'de' else ''}{between}{month}{between}{value.year}"
        return value.strftime(style["dates"])
    if isinstance(value, int):
        signs = {"comma": ".", "space": " "}
        return NUMBERS[style["numbers"]].format(value).replace(",", signs.get(style["numbers"], ","))
    return value


def _quoted(cell: str, style: dict[str, Any]) -> str:
    needs = any(sign in cell for sign in (style["delimiter"], '"', "\n", "\r"))
    return '"' + cell.replace('"', '""') + '"' if needs or style["quoted"] == "all" else cell
