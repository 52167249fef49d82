"""What is looked at of a column before it is said what it is."""

from import_pipeline_tests.importing import Importing


def test_a_column_that_is_filled_only_far_below_is_not_taken_for_empty(importing: Importing):
    rows = "".join(f"p{number}@example.com,,\n" for number in range(3_000))
    importing.run(f"Email,Occupation,Organization 1 - Title\n{rows}last@example.com,,Clerk\n")
    titles = [one["job_title"] for one in importing.stored() if one["email"] == "last@example.com"]
    assert titles == ["Clerk"]


def test_evidence_comes_from_all_over_the_file(importing: Importing):
    rows = "".join(f"p{number}@example.com,{'Mr' if number < 900 else 'Clerk'}\n" for number in range(6_000))
    importing.run(f"Email,Title\n{rows}")
    assert sum(one.get("job_title") == "Clerk" for one in importing.stored()) == 5_100
