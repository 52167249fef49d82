import pytest

from import_pipeline.errors import InvalidNameError
from import_pipeline.run_config.object_key import from_object_key, is_sidecar, sidecar_key


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("uploads/acme/contact/leads.csv", ("acme", "contact", "leads.csv")),
        ("uploads/acme/contacts/leads.csv", ("acme", "contact", "leads.csv")),
        ("uploads/a-1_b/companies/Firmen März #1 [x]?*.csv", ("a-1_b", "company", "Firmen März #1 [x]?*.csv")),
        ("uploads/default/group/.hidden", ("default", "group", ".hidden")),
        ("uploads/default/sources/s3:x", ("default", "source", "s3:x")),
    ],
)
def test_the_folders_say_organization_and_record_type(key: str, place: tuple[str, str, str]):
    assert from_object_key(key) == place


@pytest.mark.parametrize(
    "key",
    [
        "",
        "leads.csv",
        "uploads/acme/leads.csv",
        "uploads/acme/contact/",
        "uploads/acme/contact/2024/leads.csv",
        "/uploads/acme/contact/leads.csv",
        "payloads/acme/contact/leads.csv",
        "uploads/Acme/contact/leads.csv",
        "uploads/acme\n/contact/leads.csv",
        "uploads/../contact/leads.csv",
        "uploads//contact/leads.csv",
        "uploads/acme/lead/leads.csv",
        "uploads/acme/Contact/leads.csv",
        "uploads/acme/contact/..",
        "uploads/acme/contact/.",
        "uploads/acme/contact/a\x00.csv",
        "uploads/acme/contact/a\n.csv",
        "uploads/acme/contact/a\\b.csv",
        "uploads/acme/contact/" + "ä" * 128,
        "uploads/acme/contact/\udc80.csv",
    ],
)
def test_any_other_key_is_refused(key: str):
    with pytest.raises(InvalidNameError):
        from_object_key(key)


def test_a_sidecar_is_known_by_its_name():
    assert sidecar_key("uploads/acme/contact/leads.csv") == "uploads/acme/contact/leads.csv.import.yaml"
    assert is_sidecar(sidecar_key("leads.csv"))
    assert not is_sidecar("leads.yaml")
