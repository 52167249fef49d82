"""Which columns end up in which fields where nobody gives a mapping: by words, by values, by whole groups."""

from import_pipeline_tests.importing import Importing


def test_no_address_is_put_together_of_two(importing: Importing):
    importing.run(
        "Email,Home Street,Home City,Home Postal Code,Work Street,Work City,Work State\n"
        "ann@example.com,4 Elm St,Kiel,24103,1 Kai,Bremen,HB\n"
        "bob@example.com,5 Elm St,Kiel,24105,,,\n"
    )
    places = [
        (one.get("street"), one.get("city"), one.get("postal_code"), one.get("state")) for one in importing.stored()
    ]
    assert places == [("4 Elm St", "Kiel", "24103", None), ("5 Elm St", "Kiel", "24105", None)]


def test_a_filled_column_beats_an_empty_one(importing: Importing):
    importing.run("Email,Occupation,Organization 1 - Title\nann@example.com,,Chief\nbob@example.com,,Clerk\n")
    assert [one["job_title"] for one in importing.stored()] == ["Chief", "Clerk"]


def test_salutations_are_no_job_titles(importing: Importing):
    importing.run("Title,Last Name,Email\nMr,May,may@example.com\nMrs,Lee,lee@example.com\n")
    assert [one.get("job_title") for one in importing.stored()] == [None, None]


def test_country_calling_codes_are_no_countries(importing: Importing):
    rows = "".join(f"p{code}@example.com,+{code}\n" for code in (49, 33, 1))
    importing.run(f"Email,Country Code\n{rows}")
    assert [one.get("country") for one in importing.stored()] == [None, None, None]


def test_row_numbers_are_no_ids_where_the_address_says_who_is_meant(importing: Importing):
    importing.run("ID,Email\n1,ann@example.com\n2,bob@example.com\n")
    importing.run("ID,Email\n1,cat@example.com\n2,dan@example.com\n")
    assert [one["email"] for one in importing.stored()] == [
        f"{name}@example.com" for name in ("ann", "bob", "cat", "dan")
    ]


def test_the_id_of_another_program_is_no_id_of_ours(importing: Importing):
    importing.run("id,email\ncus_A1b2,ann@example.com\ncus_A1b3,bob@example.com\n")
    assert [one["external_id"] for one in importing.stored()] == ["cus_A1b2", "cus_A1b3"]


def test_a_status_that_no_value_fits_is_asked_about(importing: Importing):
    rows = "".join(f"p{number}@example.com,Tier {number}\n" for number in range(4))
    imported = importing.run(f"Email,Status\n{rows}")
    assert imported["status"] == "needs_review"
    assert "none of its values is one of the field" in imported["reason"]


def test_a_name_beside_a_first_name_is_the_last_name(importing: Importing):
    importing.run("Vorname;Name;E-Mail\nIda;Brandt;ida@example.com\nKarl;Olsen;karl@example.com\n")
    assert [(one["first_name"], one["last_name"]) for one in importing.stored()] == [
        ("Ida", "Brandt"),
        ("Karl", "Olsen"),
    ]


def test_a_name_beside_a_first_name_that_holds_both_stays_the_full_name(importing: Importing):
    importing.run("First Name,Name,Email\nIda,Ida Brandt,ida@example.com\nKarl,Karl Olsen,karl@example.com\n")
    assert [one["full_name"] for one in importing.stored()] == ["Ida Brandt", "Karl Olsen"]


def test_a_lone_mobile_number_says_who_is_meant(importing: Importing):
    imported = importing.run("Name,Mobile\nAnn Lee,+49 171 5551112\n")
    assert imported["status"] == "completed"
    assert importing.stored()[0]["phone"] == "+49 171 5551112"
