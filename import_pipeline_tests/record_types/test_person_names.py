"""What a full name is split into."""

import pytest

from import_pipeline.record_types.person_names import first_name_sql, last_name_sql
from import_pipeline_tests.record_types.sql_values import values_of


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Jane Smith", "Jane", "Smith"),
        ("Smith, Jane", "Jane", "Smith"),
        ("Smith, Jane Mary", "Jane Mary", "Smith"),
        ("Jane", "Jane", None),
        ("Jane Mary Smith", "Jane Mary", "Smith"),
        ("  Ludwig  van   Beethoven ", "Ludwig  van", "Beethoven"),
        ("Dr. Jane Smith", "Jane", "Smith"),
        ("Prof. Dr. Jane Smith", "Jane", "Smith"),
        ("Dr. Miller", None, "Miller"),
        ("Missy Elliot", "Missy", "Elliot"),
        ("Drew", "Drew", None),
        ("John Smith, Jr.", "John", "Smith"),
        ("Jane Doe PhD", "Jane", "Doe"),
        ("Smith,", None, "Smith"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_full_name_is_split_into_first_and_last_name(full: str | None, first: str | None, last: str | None):
    assert values_of(first_name_sql("t"), [full]) == [first]
    assert values_of(last_name_sql("t"), [full]) == [last]
