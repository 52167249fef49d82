"""What becomes of rows that have a cell too many because somebody wrote a comma without quotes, and of lone quotes."""

import pytest

from import_pipeline_tests.importing import Importing


def test_a_name_with_an_unquoted_comma_is_one_name_where_the_space_behind_it_shows_that(importing: Importing) -> None:
    done = importing.run("Firm,Town,Land\nHazel, GmbH,Jena,DE\nLarch, AG,Chur,CH\n", "company", column_mapping=FIRMS)
    assert done["failed_count"] == 0
    assert importing.stored("company") == [
        {"name": "Hazel, GmbH", "city": "Jena", "country": "DE"},
        {"name": "Larch, AG", "city": "Chur", "country": "CH"},
    ]
    assert importing.defects(done["id"]) == [(1, None, "unquoted_delimiter"), (2, None, "unquoted_delimiter")]


FIRMS = {"Firm": "name", "Town": "city", "Land": "country"}


@pytest.mark.parametrize("wide", [1, 6])
def test_rows_with_a_cell_too_many_beside_rows_that_fit_fail(importing: Importing, wide: int) -> None:
    broken = "".join(f"Oak {i},Inc,Basel,CH\n" for i in range(wide))
    done = importing.run(f"Firm,Town,Land\nRowan,Jena,DE\n{broken}Yew,Pisa,IT\n", "company", column_mapping=FIRMS)
    assert done["failed_count"] == wide
    assert [record["name"] for record in importing.stored("company")] == ["Rowan", "Yew"]


def test_a_split_name_is_put_together_in_a_row_whose_last_cell_is_empty(importing: Importing) -> None:
    importing.run("Firm,Town,Land\nRowan,Jena,DE\nHazel, GmbH,Gera,\nYew,Pisa,IT\n", "company", column_mapping=FIRMS)
    assert importing.stored("company")[1] == {"name": "Hazel, GmbH", "city": "Gera"}


def test_a_person_is_asked_where_all_rows_have_a_cell_more_than_the_header(importing: Importing) -> None:
    text = "Company,City,Country\nOak,Inc,Basel,CH\nElm,Ltd,Genf,CH\n"
    waiting = importing.run(text, "company")
    assert waiting["status"] == "needs_review"
    assert "The header names 3 columns, and most rows have 4 cells" in waiting["reason"]
    assert importing.stored("company") == []
    importing.run(text, "company", column_mapping={"Company": "name", "Country": "city", "Column 4": "country"})
    assert importing.stored("company")[0] == {"name": "Oak", "city": "Basel", "country": "CH"}


def test_row_numbers_without_a_name_and_spare_delimiters_are_asked_about_by_nobody(importing: Importing) -> None:
    importing.run("Company,City\n1,Oak,Bern\n2,Elm,Genf\n", "company")
    importing.run("Company,City\nAsh,Rom,\nFir,Bari,\n", "company")
    assert {record["name"] for record in importing.stored("company")} == {"Oak", "Elm", "Ash", "Fir"}


def test_padded_rows_are_cut_as_they_stand(importing: Importing) -> None:
    done = importing.run("Firm, Town, Land\nRowan, Jena, DE\nHazel, Gera, DE, x\nYew, Pisa, IT\n", "company")
    assert done["failed_count"] == 1
    assert [record["name"] for record in importing.stored("company")] == ["Rowan", "Yew"]


@pytest.mark.parametrize("later", ["", '"Moss, Cy",cy@example.org,"+1 212 555 0109"\n'])
def test_an_apostrophe_before_a_phone_quotes_nothing(importing: Importing, later: str) -> None:
    rows = "Ida,ida@example.org,'(415) 555-0133\nRob,rob@example.org,(415) 555-0134\n"
    filling = "".join(f"P{i},p{i}@example.org,\n" for i in range(300))
    done = importing.run("Name,Email,Phone\n" + rows + filling + later)
    assert done["failed_count"] == 0
    stored = {record["email"]: record.get("phone") for record in importing.stored()}
    assert len(stored) == 302 + bool(later)
    assert "(415) 555-0133" in (stored["ida@example.org"] or "")
    assert not (stored["ida@example.org"] or "").startswith("'")


def test_cells_in_apostrophes_are_still_quoted(importing: Importing) -> None:
    importing.run("Name,Email,City\n'Moss, Ida',ida@example.org,'Bern'\n'O''Hara, Rob',rob@example.org,'Genf'\n")
    assert {record["city"] for record in importing.stored()} == {"Bern", "Genf"}


def test_the_day_on_which_a_report_was_printed_is_no_record(importing: Importing) -> None:
    text = (
        '"Sample Trading, Inc",,,\nVendor List,,,\n\nCompany,Phone,Email,Address\n'
        "Oak Ltd,(415) 555-0133,oak@example.org,2 Mill Rd\nElm Corp,(415) 555-0134,elm@example.net,9 Hill St\n"
        'Ash Inc,,ash@example.org,\n\n\n\n" Tuesday, March 03, 2026 09:12 AM GMT-08:00",,,\n'
    )
    importing.run(text, "company", auto_map=True)
    assert [record["name"] for record in importing.stored("company")] == ["Oak Ltd", "Elm Corp", "Ash Inc"]
