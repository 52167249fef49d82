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
        ("  Ludwig  van   Beethoven ", "Ludwig", "van   Beethoven"),
        ("Ana de la Vega", "Ana", "de la Vega"),
        ("Piet van den Heuvel", "Piet", "van den Heuvel"),
        ("Lucia dos Reis", "Lucia", "dos Reis"),
        ("Rosa del Pilar Ruiz", "Rosa del Pilar", "Ruiz"),
        ("Juan Perez y Soto", "Juan", "Perez y Soto"),
        ("van der Velde", None, "van der Velde"),
        ("Dr. van der Velde", None, "van der Velde"),
        ("Van Halen", "Van", "Halen"),
        ("SR. PEDRO RUIZ", "PEDRO", "RUIZ"),
        ("Smith, J.R.", "J.R.", "Smith"),
        ("J. K. Smith", "J. K.", "Smith"),
        ("Smith, John, Jr.", "John", "Smith"),
        ("Tom Reed (Globex)", "Tom", "Reed"),
        ("Reed, Tom (Mr)", "Tom", "Reed"),
        ("Tom Reed | Globex", "Tom", "Reed"),
        ("Tom Reed - Globex Inc", "Tom", "Reed"),
        ("Tom Reed, Globex Ltd.", "Tom", "Reed"),
        ("Tom Reed @ Globex", "Tom", "Reed"),
        ("Eva & Tom Reed", None, None),
        ("Eva und Tom Reed", None, None),
        ("Eva Reed / Tom Hill", None, None),
        ("李小龍", None, None),
        ("佐藤 花子", "花子", "佐藤"),
        ("Zoë Müller", "Zoë", "Müller"),
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
