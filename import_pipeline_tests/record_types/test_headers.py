"""Which field the headers of the usual exports mean."""

import pytest

from import_pipeline import record_types
from import_pipeline.record_types.headers import normal_header, with_joined_forms

GOOGLE = {
    "First Name": "first_name",
    "Last Name": "last_name",
    "Labels": "groups",
    "Organization Name": "company_name",
    "Organization Title": "job_title",
    "Birthday": "date_of_birth",
    "Notes": "notes",
    "E-mail 1 - Value": "email",
    "E-mail 2 - Value": "email_2",
    "Phone 1 - Value": "phone",
    "Phone 2 - Value": "phone_2",
    "Phone 3 - Value": "phone_3",
    "Address 1 - Street": "street",
    "Address 1 - City": "city",
    "Address 1 - Region": "state",
    "Address 1 - Postal Code": "postal_code",
    "Address 1 - Country": "country",
    "Website 1 - Value": "website",
}
GOOGLE_BEFORE_2024 = {
    "Name": "full_name",
    "Given Name": "first_name",
    "Family Name": "last_name",
    "Group Membership": "groups",
    "Organization 1 - Name": "company_name",
    "Organization 1 - Title": "job_title",
}
OUTLOOK = {
    "First Name": "first_name",
    "Last Name": "last_name",
    "Company": "company_name",
    "Job Title": "job_title",
    "Business Street": "street",
    "Business City": "city",
    "Business State": "state",
    "Business Postal Code": "postal_code",
    "Business Country/Region": "country",
    "Business Phone": "phone",
    "Mobile Phone": "phone_2",
    "Home Phone": "phone_3",
    "E-mail Address": "email",
    "E-mail 2 Address": "email_2",
    "Birthday": "date_of_birth",
    "Categories": "tags",
    "Notes": "notes",
    "Web Page": "website",
}
HUBSPOT = {
    "Record ID - Contact": "external_id",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Email": "email",
    "Phone Number": "phone",
    "Mobile Phone Number": "phone_2",
    "Company name": "company_name",
    "Job Title": "job_title",
    "Street Address": "street",
    "City": "city",
    "State/Region": "state",
    "Postal Code": "postal_code",
    "Country/Region": "country",
    "Website URL": "website",
    "Date of birth": "date_of_birth",
    "Lead Status": "status",
    "Original Source": "source",
}
SALESFORCE = {
    "Contact ID": "external_id",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Title": "job_title",
    "Account Name": "company_name",
    "Account ID": "company_external_id",
    "Mailing Street": "street",
    "Mailing City": "city",
    "Mailing State/Province": "state",
    "Mailing Zip/Postal Code": "postal_code",
    "Mailing Country": "country",
    "Phone": "phone",
    "Mobile": "phone_2",
    "Home Phone": "phone_3",
    "Email": "email",
    "Birthdate": "date_of_birth",
    "Lead Source": "source",
    "Description": "notes",
}
SALESFORCE_API = {
    "FirstName": "first_name",
    "LastName": "last_name",
    "AccountId": "company_external_id",
    "MailingStreet": "street",
    "MailingPostalCode": "postal_code",
    "MobilePhone": "phone_2",
    "LeadSource": "source",
}
MAILCHIMP = {
    "Email Address": "email",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Address": "street",
    "Phone Number": "phone",
    "Birthday": "date_of_birth",
    "EUID": "external_id",
    "NOTES": "notes",
    "TAGS": "tags",
}
FEBRL = {
    "rec_id": "external_id",
    " given_name": "first_name",
    " surname": "last_name",
    " address_1": "street",
    " suburb": "city",
    " postcode": "postal_code",
    " state": "state",
    " date_of_birth": "date_of_birth",
    " soc_sec_id": None,
}
PLAIN = {"firstname": "first_name", "lastname": "last_name", "email": "email", "years": None, "team": None}

HUBSPOT_COMPANIES = {
    "Record ID": "external_id",
    "Company name": "name",
    "Company Domain Name": "domain",
    "Website URL": "website",
    "Phone Number": "phone",
    "Industry": "industry",
    "Number of Employees": "employees",
    "Street Address": "street",
    "City": "city",
    "State/Region": "state",
    "Postal Code": "postal_code",
    "Country/Region": "country",
    "Description": "notes",
}
SALESFORCE_ACCOUNTS = {
    "Account ID": "external_id",
    "Account Name": "name",
    "Parent Account ID": "parent_external_id",
    "Billing Street": "street",
    "Billing City": "city",
    "Billing State/Province": "state",
    "Billing Zip/Postal Code": "postal_code",
    "Billing Country": "country",
    "Website": "website",
    "Industry": "industry",
    "Employees": "employees",
    "NumberOfEmployees": "employees",
    "Type": "category",
}
GLEIF = {
    "LEI": "external_id",
    "Entity.LegalName": "name",
    "Entity.LegalAddress.City": "city",
    "Entity.LegalAddress.Country": "country",
    "Entity.EntityCategory": "category",
    "Entity.EntitySubCategory": None,
}


@pytest.mark.parametrize(
    ("record_type", "headers"),
    [
        pytest.param("contact", GOOGLE, id="Google Contacts"),
        pytest.param("contact", GOOGLE_BEFORE_2024, id="Google Contacts before 2024"),
        pytest.param("contact", OUTLOOK, id="Outlook"),
        pytest.param("contact", HUBSPOT, id="HubSpot contacts"),
        pytest.param("contact", SALESFORCE, id="Salesforce contacts"),
        pytest.param("contact", SALESFORCE_API, id="Salesforce contacts by API"),
        pytest.param("contact", MAILCHIMP, id="Mailchimp"),
        pytest.param("contact", FEBRL, id="Febrl"),
        pytest.param("contact", PLAIN, id="plain"),
        pytest.param("company", HUBSPOT_COMPANIES, id="HubSpot companies"),
        pytest.param("company", SALESFORCE_ACCOUNTS, id="Salesforce accounts"),
        pytest.param("company", GLEIF, id="GLEIF"),
    ],
)
def test_the_headers_of_usual_exports_mean_their_fields(record_type: str, headers: dict[str, str | None]):
    meanings = {
        normal_header(synonym): field.name
        for field in record_types.get(record_type).fields
        for synonym in field.synonyms
    }
    assert {header: meanings.get(normal_header(header)) for header in headers} == headers


def test_headers_compare_without_case_and_signs():
    assert normal_header("  E-Mail_1 -- VALUE ") == "e mail 1 value"
    assert normal_header("Straße") == normal_header("STRASSE")
    assert normal_header("###") == ""


def test_a_synonym_also_stands_for_its_form_without_gaps():
    assert with_joined_forms(["Postal Code", "postal_code"]) == ("Postal Code", "postalcode")
