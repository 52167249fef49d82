"""How headers are compared; which field they mean is in `run_config/test_layouts.py`."""

from import_pipeline.record_types.headers import normal_header, with_joined_forms


def test_headers_compare_without_case_and_signs():
    assert normal_header("  E-Mail_1 -- VALUE ") == "e mail 1 value"
    assert normal_header("Straße") == normal_header("STRASSE")
    assert normal_header("###") == ""


def test_a_synonym_also_stands_for_its_form_without_gaps():
    assert with_joined_forms(["Postal Code", "postal_code"]) == ("Postal Code", "postalcode")
