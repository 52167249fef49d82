"""Sample values of fields: what a person is shown of what belongs in a column. Addresses and numbers are nobody's."""

from import_pipeline.record_types.record_type import Field

_BY_NAME = {
    "external_id": ("1001", "1002"),
    "first_name": ("Jane", "Jörg"),
    "last_name": ("Doe", "Müller"),
    "full_name": ("Jane Doe", "Jörg Müller"),
    "company_name": ("Acme Ltd", "Eiche GmbH"),
    "company_external_id": ("2001", "2002"),
    "parent_external_id": ("2001", "2001"),
    "legal_name": ("Acme Holdings Ltd", "Eiche GmbH"),
    "job_title": ("Head of Sales", "Buyer"),
    "street": ("1 High Street", "Hauptstraße 5"),
    "city": ("London", "Bonn"),
    "state": ("Greater London", "NRW"),
    "postal_code": ("SW1A 1AA", "53111"),
    "industry": ("Retail", "Timber"),
    "source": ("Website", "Fair"),
    "kind": ("online", "event"),
    "category": ("Customer", "Supplier"),
    "description": ("Those who asked for it.", "Those who came."),
    "notes": ("Prefers e-mail.", "Call after 9."),
    "name": ("Acme", "Eiche"),
}
_BY_TYPE = {
    "email": ("jane@example.com", "joerg@example.org"),
    "phone": ("+44 20 7946 0018", "+49 30 23125 001"),
    "country": ("GB", "DE"),
    "date": ("1990-04-23", "1985-12-02"),
    "url": ("https://example.com", "https://example.org"),
    "domain": ("example.com", "example.org"),
    "integer": ("12", "250"),
    "number": ("12.5", "250"),
    "boolean": ("yes", "no"),
    "tags": ("vip, may", "may"),
    "groups": ("Customers", "Suppliers"),
    "identifier": ("1001", "1002"),
    "long_text": ("A longer text.", "Another one."),
}
_ELSE = ("A text", "Another text")


def samples_of(field: Field) -> tuple[str, str]:
    """Two values that the field takes, as a person would write them."""
    if field.choices:
        return field.choices[0], field.choices[min(1, len(field.choices) - 1)]
    return _BY_NAME.get(field.name) or _BY_TYPE.get(field.type.name, _ELSE)
