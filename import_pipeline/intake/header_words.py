"""Words that columns are named with, in a few languages: weak evidence that a row of texts is a header.

The record types' own synonyms are for mapping, not for this: here only what is common in any table belongs.
"""

import re

_WORDS = frozenset(
    """
    id ids no nr num number code key ref reference uuid guid index row
    name names first last given surname family middle full title prefix suffix gender sex age birthday dob
    email mail phone telephone mobile cell fax website url link web
    company organisation organization org employer department dept team unit division role job position grade
    address street city town suburb state region county province country zip postcode postal location place
    latitude longitude lat lon lng x y z
    date time year month week day hour start end from to until created updated modified timestamp period quarter
    type kind category class group status state level priority flag tag tags label source
    amount total sum price cost value rate count qty quantity volume size weight length width height area balance
    currency tax vat net gross percent percentage share ratio score rank average mean min max std median
    description details comment comments note notes remarks summary subject message text body content
    product item sku brand model colour color supplier vendor customer client account user owner manager contact
    payment invoice order transaction purpose destination travel expense expenses hospitality
    parent child language locale version file path result results measure measurement sample site station
    vorname nachname telefon strasse ort stadt plz land datum betrag preis menge beschreibung bemerkung firma kunde
    nom prenom adresse ville pays prix montant quantite societe
    nombre apellido apellidos correo telefono direccion ciudad pais fecha precio cantidad empresa
    """.split()  # noqa: SIM905 (words are read more easily than a list of strings)
)
_SPLIT = re.compile(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])")


def is_header_word(cell: str) -> bool:
    """Whether a cell is short and has a word that columns are named with.

    >>> is_header_word("Postal Code"), is_header_word("firstName"), is_header_word("Berlin")
    (True, True, False)
    """
    text = cell.strip()
    return 0 < len(text) <= 40 and any(part.lower() in _WORDS for part in _SPLIT.split(text) if part)


_CODES = frozenset(
    (
        "zip",
        "plz",
        "postcode",
        "postal",
        "code",
        "id",
        "no",
        "nr",
        "number",
        "phone",
        "telephone",
        "tel",
        "mobile",
        "fax",
        "account",
        "sku",
        "ref",
        "reference",
    )
)


def may_begin_with_zero(name: str) -> bool:
    """Whether a column of this name holds codes that a spreadsheet would take for numbers.

    >>> may_begin_with_zero("ZIP code"), may_begin_with_zero("Amount")
    (True, False)
    """
    return any(part.lower() in _CODES for part in _SPLIT.split(name) if part)
