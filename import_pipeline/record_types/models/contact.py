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
        synonyms=(
            "Contact ID",
            "Contact Record ID",
            "Record ID",
            "Record ID - Contact",
            "rec_id",
            "Customer ID",
            "Client ID",
            "Person ID",
            "Member ID",
            "User ID",
            "Lead ID",
            "Unique ID",
            "EUID",
            "External ID__c",
            "Foreign ID",
            "Key",
        ),
        description="The contact's id in the system that the file comes from.",
    )
    first_name: str = field(
        "First name",
        synonyms=("Given Name", "Forename", "First", "FName", "Name First", "Contact First Name"),
    )
    last_name: str = field(
        "Last name",
        synonyms=("Family Name", "Surname", "Last", "LName", "Name Last", "Contact Last Name"),
    )
    full_name: str = field(
        "Full name",
        synonyms=("Name", "Contact Name", "Contact", "Display Name", "Person Name", "Contact Full Name", "File As"),
        description="Split into first and last name where the row has neither.",
    )  # fmt: skip
    email: str = field(
        "Email",
        "email",
        synonyms=(
            "E-mail", "Email Address", "E-mail Address", "E-mail 1 - Value", "Email 1", "E-mail 1", "Email 1 Address",
            "Primary Email", "Work Email", "Business Email", "Mail", "Mail Address", "Contact Email", "Email Addresses",
        ),
    )  # fmt: skip
    email_2: str = field(
        "Email 2",
        "email",
        synonyms=(
            "E-mail 2 - Value", "E-mail 2 Address", "Email 2 Address", "E-mail 2", "Secondary Email", "Second Email",
            "Additional Email", "Additional Email Addresses", "Alternate Email", "Other Email", "Personal Email",
            "Home Email", "Work Email 2",
        ),
    )  # fmt: skip
    phone: str = field(
        "Phone",
        "phone",
        synonyms=(
            "Phone Number", "Phone 1 - Value", "Phone 1", "Business Phone", "Work Phone", "Office Phone", "Telephone",
            "Telephone Number", "Tel", "Primary Phone", "Company Main Phone", "Main Phone", "Daytime Phone",
        ),
    )  # fmt: skip
    phone_2: str = field(
        "Phone 2",
        "phone",
        synonyms=(
            "Phone 2 - Value", "Mobile", "Mobile Phone", "Mobile Phone Number", "Mobile Number", "Cell", "Cell Phone",
            "Cellphone Number", "Business Phone 2", "Secondary Phone", "Second Phone",
        ),
    )  # fmt: skip
    phone_3: str = field(
        "Phone 3",
        "phone",
        synonyms=(
            "Phone 3 - Value", "Home Phone", "Home Phone Number", "Other Phone", "Home Phone 2", "Additional Phone",
        ),
    )  # fmt: skip
    company_name: str = field(
        "Company name",
        "name",
        synonyms=(
            "Company", "Organization", "Organisation", "Organization Name", "Organization 1 - Name", "Account Name",
            "Company / Account", "Employer", "Business Name", "Associated Company", "Primary Associated Company",
        ),
    )  # fmt: skip
    company_external_id: str = field(
        "Company external ID",
        "identifier",
        synonyms=(
            "Company ID", "Account ID", "Organization ID", "Associated Company ID", "Associated Company IDs",
            "Primary Associated Company ID", "Company Record ID",
        ),
        reference="company.external_id",
        description="The external ID of the company that the contact belongs to.",
    )  # fmt: skip
    job_title: str = field(
        "Job title",
        synonyms=(
            "Title", "Position", "Role", "Occupation", "Organization Title", "Organization 1 - Title", "Function",
        ),
    )  # fmt: skip
    street: str = field(
        "Street",
        synonyms=(
            "Street Address", "Address", "Address Line 1", "Address 1", "Address 1 - Street", "Mailing Street",
            "Business Street", "Business Address", "Work Address", "Home Street", "Home Address", "Mailing Address",
            "Other Street", "Street 1",
        ),
    )  # fmt: skip
    city: str = field(
        "City",
        synonyms=(
            "Town", "Suburb", "Locality", "Address 1 - City", "Mailing City", "Business City", "Home City",
            "Other City",
        ),
    )  # fmt: skip
    state: str = field(
        "State",
        synonyms=(
            "State/Region", "State/Province", "Province", "Region", "County", "Address 1 - Region", "Mailing State",
            "Mailing State/Province", "Business State", "Home State", "Other State", "Other State/Province",
        ),
    )  # fmt: skip
    postal_code: str = field(
        "Postal code",
        "identifier",
        synonyms=(
            "Postcode", "Post Code", "ZIP", "ZIP Code", "Zip/Postal Code", "Address 1 - Postal Code",
            "Mailing Zip/Postal Code", "Mailing Postal Code", "Mailing Zip", "Business Postal Code",
            "Home Postal Code", "Other Zip/Postal Code", "Other Postal Code",
        ),
    )  # fmt: skip
    country: str = field(
        "Country",
        "country",
        synonyms=(
            "Country/Region", "Country Code", "Address 1 - Country", "Mailing Country", "Business Country/Region",
            "Business Country", "Home Country/Region", "Home Country", "Other Country/Region", "Other Country",
            "Nation",
        ),
    )  # fmt: skip
    website: str = field(
        "Website",
        "url",
        synonyms=("Website 1 - Value", "Web Page", "Website URL", "Web Site", "URL", "Homepage", "Personal Web Page"),
    )
    date_of_birth: date = field(
        "Date of birth",
        "date",
        synonyms=("Birthday", "Birthdate", "Birth Date", "DOB", "Born"),
        checks=(bounds.check(min_value=date(1850, 1, 1)), not_in_future.check()),
    )
    status: str = field(
        "Status",
        "enum",
        choices=STATUSES,
        words=STATUS_WORDS,
        kept=("unsubscribed",),
        synonyms=("Contact Status", "Lead Status", "Lifecycle Stage", "Stage"),
    )
    newsletter: str = field(
        "Newsletter",
        "enum",
        choices=NEWSLETTER,
        words=NEWSLETTER_WORDS,
        refused="unsubscribed",
        kept=("unsubscribed", "bounced"),
        synonyms=(
            "Newsletter Status", "Subscribed", "Subscription Status", "Subscriber Status", "Email Opt In", "Opt In",
            "Email Marketing", "Marketing Status", "Mailing List",
        ),
    )  # fmt: skip
    source: str = field(
        "Source",
        "name",
        synonyms=("Lead Source", "Original Source", "Contact Source", "Signup Source", "Referral Source", "Channel"),
        reference="source.name",
        description="Where the contact came from.",
    )
    notes: str = field(
        "Notes",
        "long_text",
        synonyms=("Note", "Comments", "Comment", "Remarks", "Description", "Contact Description"),
    )
    tags: list[str] = field(
        "Tags",
        "tags",
        synonyms=("Tag", "Categories", "Category", "Keywords", "Tag List"),
    )
    groups: list[str] = field(
        "Groups",
        "groups",
        synonyms=("Group", "Group Membership", "Labels", "Label", "Lists", "Group Names"),
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
