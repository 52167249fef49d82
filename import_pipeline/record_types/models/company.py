"""The record type company: an organization, as CRMs and public registers list them."""

from import_pipeline.record_types.declaring import RecordModel, field


class Company(RecordModel):
    """An organization."""

    external_id: str = field(
        "External ID",
        "identifier",
        means=("external_id", "company_id", "id"),
        synonyms=("LEI", "Registration Number"),
        description="The company's id in the system or register that the file comes from.",
    )
    name: str = field(
        "Name",
        "name",
        means=("company", "name"),
        synonyms=("Entity.LegalName", "Account"),
    )
    legal_name: str = field("Legal name", "name", synonyms=("Registered Name",))
    domain: str = field("Domain", "domain")
    website: str = field("Website", "url")
    email: str = field("Email", "email")
    phone: str = field(
        "Phone",
        "phone",
        means=("phone", "mobile"),
    )
    industry: str = field("Industry")
    employees: int = field(
        "Employees",
        "integer",
        ge=0,
        description="How many people work there.",
    )
    street: str = field(
        "Street",
        means=("street", "address", "whole_address"),
        synonyms=("Entity.LegalAddress.FirstAddressLine",),
    )
    city: str = field("City")
    state: str = field("State")
    postal_code: str = field("Postal code", "identifier")
    country: str = field("Country", "country")
    category: str = field("Category", synonyms=("Entity.EntityCategory",))
    parent_external_id: str = field(
        "Parent external ID",
        "identifier",
        means=("parent_id",),
        reference="company.external_id",
        description="The external ID of the company that owns this one.",
    )
    tags: list[str] = field("Tags", "tags", synonyms=("Labels", "Label"))
    notes: str = field("Notes", "long_text")

    class Config(RecordModel.Config):
        """Identifiers, strongest first, and what tells two companies of one domain or name apart."""

        metadata = {  # noqa: RUF012
            "label": "Company",
            "identifiers": ("external_id", "domain", "name"),
            "strong": ("external_id",),
            "evidence": (("organization", "name"), ("value", "domain")),
        }
