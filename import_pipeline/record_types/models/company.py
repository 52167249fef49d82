"""The record type company: an organization, as CRMs and public registers list them."""

from import_pipeline.record_types.declaring import RecordModel, field


class Company(RecordModel):
    """An organization."""

    external_id: str = field(
        "External ID",
        "identifier",
        synonyms=(
            "Company ID", "Account ID", "Record ID", "Record ID - Company", "Company Record ID", "Organization ID",
            "LEI", "rec_id", "Customer ID", "Registration Number", "Unique ID", "External ID__c", "Foreign ID", "Key",
        ),
        description="The company's id in the system or register that the file comes from.",
    )  # fmt: skip
    name: str = field(
        "Name",
        "name",
        synonyms=(
            "Company Name", "Company", "Account Name", "Account", "Organization", "Organisation", "Organization Name",
            "Organization 1 - Name", "Business Name", "Entity.LegalName", "Entity Name",
        ),
    )  # fmt: skip
    legal_name: str = field(
        "Legal name",
        "name",
        synonyms=("Registered Name", "Official Name", "Full Legal Name", "Company Legal Name", "Legal Company Name"),
    )
    domain: str = field(
        "Domain",
        "domain",
        synonyms=("Company Domain Name", "Company Domain", "Domain Name", "Email Domain", "Primary Domain"),
    )
    website: str = field(
        "Website",
        "url",
        synonyms=(
            "Website URL", "Company Website", "Web Page", "Web Site", "Website 1 - Value", "URL", "Homepage",
            "Company URL", "Business Home Page",
        ),
    )  # fmt: skip
    email: str = field(
        "Email",
        "email",
        synonyms=(
            "E-mail", "Email Address", "E-mail Address", "E-mail 1 - Value", "Company Email", "Business Email",
            "Primary Email", "Contact Email", "Mail",
        ),
    )  # fmt: skip
    phone: str = field(
        "Phone",
        "phone",
        synonyms=(
            "Phone Number", "Telephone", "Telephone Number", "Tel", "Company Phone", "Company Main Phone", "Main Phone",
            "Business Phone", "Work Phone", "Phone 1 - Value", "Account Phone", "Company Phone Number",
        ),
    )  # fmt: skip
    industry: str = field(
        "Industry",
        synonyms=("Sector", "Branch", "Line of Business", "Company Industry", "Account Industry"),
    )
    employees: int = field(
        "Employees",
        "integer",
        synonyms=(
            "Number of Employees", "Employee Count", "No. of Employees", "Num Employees", "Headcount", "Staff",
            "Company Size",
        ),
        ge=0,
        description="How many people work there.",
    )  # fmt: skip
    street: str = field(
        "Street",
        synonyms=(
            "Street Address", "Address", "Address Line 1", "Address 1", "Address 1 - Street", "Billing Street",
            "Business Street", "Business Address", "Billing Address", "Mailing Street", "Company Address",
            "Entity.LegalAddress.FirstAddressLine", "Shipping Street",
        ),
    )  # fmt: skip
    city: str = field(
        "City",
        synonyms=(
            "Town", "Suburb", "Locality", "Address 1 - City", "Billing City", "Business City", "Mailing City",
            "Company City", "Entity.LegalAddress.City", "Shipping City",
        ),
    )  # fmt: skip
    state: str = field(
        "State",
        synonyms=(
            "State/Region", "State/Province", "Province", "Region", "County", "Address 1 - Region", "Billing State",
            "Billing State/Province", "Business State", "Mailing State", "Entity.LegalAddress.Region",
            "Shipping State", "Shipping State/Province",
        ),
    )  # fmt: skip
    postal_code: str = field(
        "Postal code",
        "identifier",
        synonyms=(
            "Postcode", "Post Code", "ZIP", "ZIP Code", "Zip/Postal Code", "Address 1 - Postal Code",
            "Billing Zip/Postal Code", "Billing Postal Code", "Billing Zip", "Business Postal Code",
            "Mailing Postal Code", "Entity.LegalAddress.PostalCode", "Shipping Zip/Postal Code", "Shipping Postal Code",
        ),
    )  # fmt: skip
    country: str = field(
        "Country",
        "country",
        synonyms=(
            "Country/Region", "Country Code", "Address 1 - Country", "Billing Country", "Business Country/Region",
            "Mailing Country", "Company Country", "Entity.LegalAddress.Country", "Shipping Country", "Nation",
        ),
    )  # fmt: skip
    category: str = field(
        "Category",
        synonyms=("Type", "Company Type", "Account Type", "Entity.EntityCategory", "Entity Category", "Kind"),
    )
    parent_external_id: str = field(
        "Parent external ID",
        "identifier",
        synonyms=(
            "Parent ID", "Parent Company ID", "Parent Account ID", "Parent LEI", "Parent Organization ID",
            "Parent Company Record ID",
        ),
        reference="company.external_id",
        description="The external ID of the company that owns this one.",
    )  # fmt: skip
    tags: list[str] = field("Tags", "tags", synonyms=("Tag", "Categories", "Labels", "Keywords", "Tag List"))
    notes: str = field(
        "Notes",
        "long_text",
        synonyms=("Note", "Comments", "Comment", "Remarks", "Description", "Company Description", "About Us"),
    )

    class Config(RecordModel.Config):
        """Identifiers, strongest first, and what tells two companies of one domain or name apart."""

        metadata = {  # noqa: RUF012
            "label": "Company",
            "identifiers": ("external_id", "domain", "name"),
            "strong": ("external_id",),
            "evidence": (("organization", "name"), ("value", "domain")),
        }
