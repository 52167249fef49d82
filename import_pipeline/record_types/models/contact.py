"""The record type contact: a person, as address books, CRMs and newsletters list them."""

from datetime import date

from import_pipeline.record_types.declaring import RecordModel, field
from import_pipeline.record_types.lexicon.consent import NEWSLETTER_WORDS
from import_pipeline.record_types.lexicon.stages import STATUS_WORDS
from import_pipeline.record_types.person_names import first_name_sql, last_name_sql
from import_pipeline.record_types.record_type import Whole
from import_pipeline.record_types.rules import bounds, not_in_future

STATUSES = ("lead", "prospect", "active", "customer", "inactive", "unsubscribed", "archived")
NEWSLETTER = ("yes", "no", "pending", "unsubscribed", "bounced")


class Contact(RecordModel):
    """A person."""

    external_id: str = field(
        "External ID",
        "identifier",
        means=("external_id", "id"),
        description="The contact's id in the system that the file comes from.",
    )
    first_name: str = field("First name")
    last_name: str = field("Last name")
    full_name: str = field(
        "Full name",
        means=("name",),
        description="Split into first and last name where the row has neither.",
    )
    email: str = field("Email", "email")
    email_2: str = field(
        "Email 2",
        "email",
        means=("email",),
    )
    phone: str = field("Phone", "phone")
    phone_2: str = field(
        "Phone 2",
        "phone",
        means=("mobile", "phone"),
    )
    phone_3: str = field(
        "Phone 3",
        "phone",
        means=("phone",),
    )
    company_name: str = field(
        "Company name",
        "name",
        means=("company",),
    )
    company_external_id: str = field(
        "Company external ID",
        "identifier",
        means=("company_id",),
        reference="company.external_id",
        description="The external ID of the company that the contact belongs to.",
    )
    job_title: str = field("Job title")
    street: str = field("Street", means=("street", "address", "whole_address"))
    city: str = field("City")
    state: str = field("State")
    postal_code: str = field("Postal code", "identifier")
    country: str = field("Country", "country")
    website: str = field("Website", "url")
    date_of_birth: date = field(
        "Date of birth",
        "date",
        means=("birthday",),
        checks=(bounds.check(min_value=date(1850, 1, 1)), not_in_future.check()),
    )
    status: str = field(
        "Status",
        "enum",
        choices=STATUSES,
        words=STATUS_WORDS,
        kept=("unsubscribed",),
    )
    newsletter: str = field(
        "Newsletter",
        "enum",
        means=("newsletter", "refusal"),
        choices=NEWSLETTER,
        words=NEWSLETTER_WORDS,
        refused="unsubscribed",
        kept=("unsubscribed", "bounced"),
    )
    source: str = field(
        "Source",
        "name",
        reference="source.name",
        description="Where the contact came from.",
    )
    notes: str = field("Notes", "long_text")
    tags: list[str] = field(
        "Tags",
        "tags",
        synonyms=("Category", "Kategorie", "Catégorie", "Categoría", "Categoria", "Categorie"),
    )
    groups: list[str] = field(
        "Groups",
        "groups",
        reference="group.name",
    )

    class Config(RecordModel.Config):
        """Identifiers, what tells two people with one phone number apart, and what the full name is made of."""

        metadata = {  # noqa: RUF012
            "label": "Contact",
            "identifiers": ("external_id", "email", "phone"),
            "strong": ("external_id", "email"),
            "second": {"email": "email_2"},
            "further": {"email": ("email_2",), "phone": ("phone_2", "phone_3")},
            "evidence": (
                ("person", "first_name", "last_name"),
                ("affiliation", "company_name"),
                ("value", "date_of_birth"),
            ),
            "wholes": (Whole("full_name", ("first_name", "last_name"), (first_name_sql, last_name_sql)),),
        }
