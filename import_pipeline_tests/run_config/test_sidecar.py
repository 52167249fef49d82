import pytest

from import_pipeline.errors import InvalidNameError, SpecError
from import_pipeline.run_config.sidecar import MAX_SIDECAR_BYTES, parse_sidecar, spec_for_object

KEY = "uploads/acme/contacts/leads.csv"
SIDECAR = """
# what to do with leads.csv
column_mapping:
  E-mail: email
  Comment:
duplicate_strategy: fill
tags: spring, 007
dry_run: no
reading:
  header_row: 2
  date_format: "%d.%m.%Y"
value_mappings:
  status: {yes: active, no: }
"""


def test_an_object_without_a_sidecar_is_imported_as_its_folders_say():
    spec = spec_for_object(KEY, created_by="bucket")
    assert (spec.organization, spec.record_type, spec.created_by) == ("acme", "contact", "bucket")
    assert spec == spec_for_object(KEY, "", created_by="bucket")


def test_a_sidecar_says_how_its_object_is_imported():
    spec = spec_for_object(KEY, SIDECAR.encode())
    assert (spec.organization, spec.record_type) == ("acme", "contact")
    assert spec.column_mapping == {"E-mail": "email"}
    assert spec.duplicate_strategy == "fill"
    assert spec.tags == ("spring", "007")
    assert spec.dry_run is False
    assert (spec.reading.header_row, spec.reading.date_format) == (2, "%d.%m.%Y")
    assert spec.value_mappings == {"status": {"yes": "active", "no": None}}


def test_a_sidecar_may_repeat_what_the_folders_say():
    assert spec_for_object(KEY, "organization: acme\nrecord_type: contact") == spec_for_object(KEY)


@pytest.mark.parametrize(
    ("sidecar", "words"),
    [
        ("organization: other", ["'organization'", "'other'", "'acme'"]),
        ("record_type: company", ["'record_type'", "'company'", "'contact'"]),
        ("tag: a", ["Unknown key 'tag'", "Did you mean 'tags'?"]),
        ("action: upsert", ["'action'", "'upsert'", "'merge', 'overwrite' or 'delete'"]),
        ("dry_run: perhaps", ["'dry_run'", "'perhaps'"]),
        ("just text", ["must hold keys with values"]),
        ("- a", ["must hold keys with values"]),
        ("a: [", ["is not YAML"]),
        ("x" * (MAX_SIDECAR_BYTES + 1), ["65537 bytes"]),
    ],
)
def test_a_sidecar_that_does_not_fit_is_refused_with_file_key_and_remedy(sidecar: str, words: list[str]):
    with pytest.raises(SpecError) as refusal:
        spec_for_object(KEY, sidecar)
    for word in [*words, "uploads/acme/contacts/leads.csv.import.yaml"]:
        assert word in refusal.value.message


def test_an_object_in_no_known_folder_has_no_spec():
    with pytest.raises(InvalidNameError):
        spec_for_object("uploads/acme/leads.csv")


def test_the_text_of_a_sidecar_is_read_into_words():
    assert parse_sidecar("tags: a", "x.import.yaml") == {"tags": "a"}
