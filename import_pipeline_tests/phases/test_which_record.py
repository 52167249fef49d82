"""Which stored record a row means: strong identifiers are unique, weak ones count only where nothing contradicts."""

from datetime import date

import pytest

from import_pipeline.errors import MappingError
from import_pipeline.service import queries
from import_pipeline_tests.importing import Importing, counts

PHONE = "+44 20 7946 0101"


def messages(importing: Importing, import_id: str, code: str) -> list[str]:
    """What is told of the rows with this code."""
    return [one["message"] for one in queries.defects(importing.home, import_id) if one["code"] == code]


def test_a_row_that_would_give_an_address_to_a_second_contact_fails_and_names_the_first(importing: Importing):
    importing.run("external_id,email\nA,ann@example.com\nB,bob@example.com\n")
    imported = importing.run("external_id,email,first_name\nA,Bob@Example.com,Ann\n")
    assert counts(imported) == {"failed": 1}
    (message,) = messages(importing, imported["id"], "identifier_taken")
    assert importing.ids()[1] in message
    assert "match_by email" in message
    assert [record["email"] for record in importing.stored()] == ["ann@example.com", "bob@example.com"]


def test_people_who_come_with_the_ids_of_another_system_are_changed_where_match_by_says_so(importing: Importing):
    importing.run("external_id,email,notes\nA,ann@example.com,known for long\n")
    file = "external_id,email,city\nX-1,ann@example.com,Graz\n"
    assert counts(importing.run(file)) == {"failed": 1}
    assert counts(importing.run(file, match_by=["email"])) == {"updated": 1}
    assert importing.stored() == [
        {"external_id": "X-1", "email": "ann@example.com", "notes": "known for long", "city": "Graz"}
    ]


def test_addresses_that_are_passed_on_within_one_file_end_where_they_belong(importing: Importing):
    importing.run("external_id,email\nA,a@example.com\nB,b@example.com\nC,c@example.com\n")
    imported = importing.run("external_id,email\nA,b@example.com\nB,c@example.com\nC,a@example.com\n")
    assert counts(imported) == {"updated": 3}
    assert [record["email"] for record in importing.stored()] == ["b@example.com", "c@example.com", "a@example.com"]


def test_a_row_fails_with_the_row_that_was_to_free_its_address(importing: Importing):
    importing.run("external_id,email\nA,a@example.com\nB,b@example.com\nC,c@example.com\nD,d@example.com\n")
    imported = importing.run("external_id,email\nA,b@example.com\nB,c@example.com\nC,d@example.com\n")
    assert counts(imported) == {"failed": 3}
    imported = importing.run("external_id,email,company_external_id\nA,b@example.com,\nB,x@example.com,nowhere\n")
    assert counts(imported) == {"failed": 2}
    assert [record["email"][0] for record in importing.stored()] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("handling", "expected"), [("ignore_all", {"failed": 2}), ("use_first", None)])
def test_two_rows_that_give_one_address_to_two_contacts_do_not_both_do_so(importing: Importing, handling, expected):
    imported = importing.run("external_id,email\n1,ann@example.com\n2,ANN@example.com\n", duplicate_handling=handling)
    assert counts(imported) == (expected or {"created": 1, "failed": 1})
    told = messages(importing, imported["id"], "identifier_taken")
    assert [message[:5] for message in told] == (["Row 2", "Row 1"] if expected else ["Row 1"])
    assert len(importing.stored()) == (0 if expected else 1)


def test_an_id_in_composed_and_decomposed_characters_is_one_id(importing: Importing):
    importing.run("external_id,name\nO\u0308L-1,Oil\n", "company")
    assert counts(importing.run("external_id,city\n\u00d6L-1,Ulm\n", "company")) == {"updated": 1}
    assert len(importing.stored("company")) == 1


def test_a_second_address_finds_its_contact_and_does_not_push_the_first_one_out(importing: Importing):
    importing.run("email,email_2,first_name\nann@example.com,home@example.com,Ann\n")
    assert counts(importing.run("email,city\nhome@example.com,Graz\n")) == {"updated": 1}
    assert importing.stored() == [
        {"email": "ann@example.com", "email_2": "home@example.com", "first_name": "Ann", "city": "Graz"}
    ]


def test_nobody_gets_the_address_of_another_contact_as_a_second_one(importing: Importing):
    importing.run("email,first_name,last_name\nann@example.com,Ann,Arden\n")
    imported = importing.run("email,email_2,first_name,last_name\nbob@example.com,ann@example.com,Bob,Barth\n")
    assert counts(imported) == {"failed": 1}
    assert importing.ids()[0] in messages(importing, imported["id"], "identifier_taken")[0]
    assert len(importing.stored()) == 1


@pytest.mark.parametrize(
    ("row", "is_same"),
    [
        ("Alma,Arden", True),
        ("alma,ARDEN", True),
        ("A.,Arden", True),
        ("Alma,", True),
        (",Arden", True),
        ("Alma Maria,Arden", True),
        ("Arden,Alma", True),
        ("Alma,Ardne", True),
        ("Älma,Arden", True),
        ("Bruno,Arden", False),
        ("Alma,Barth", False),
        ("Almo,Arden", False),
    ],
)
def test_a_shared_phone_means_the_same_person_only_if_the_names_allow_it(importing: Importing, row, is_same):
    importing.run(f"phone,first_name,last_name,city\n{PHONE},Alma,Arden,Leeds\n")
    imported = importing.run(f"first_name,last_name,phone,city\n{row},{PHONE},York\n")
    assert counts(imported) == ({"updated": 1} if is_same else {"created": 1})
    assert ("Leeds" in [record["city"] for record in importing.stored()]) is not is_same
    assert (messages(importing, imported["id"], "possible_duplicate") == []) is is_same


def test_the_record_that_a_new_one_may_repeat_is_named_asked_about_or_left_alone(importing: Importing):
    importing.run(f"phone,first_name\n{PHONE},Alma\n")
    row = f"phone,first_name\n{PHONE},Bruno\n"
    skipped = importing.run(row, on_possible_duplicate="skip")
    assert counts(skipped) == {"skipped": 1}
    waiting = importing.run(row, on_possible_duplicate="ask")
    assert waiting["status"] == "needs_review"
    assert "1 row" in waiting["reason"]
    assert len(importing.stored()) == 1
    created = importing.run(row)
    assert counts(created) == {"created": 1}
    assert importing.ids()[0] in messages(importing, created["id"], "possible_duplicate")[0]


def test_a_family_with_one_phone_is_as_many_people(importing: Importing):
    imported = importing.run(f"first_name,last_name,phone\nCleo,Dorn,{PHONE}\nDina,Dorn,{PHONE}\nC.,Dorn,{PHONE}\n")
    assert counts(imported) == {"created": 1, "skipped": 2}
    assert [record["first_name"] for record in importing.stored()] == ["Dina"]
    assert "Row 1" in messages(importing, imported["id"], "possible_duplicate")[0]
    waiting = importing.run(f"first_name,phone\nEmil,{PHONE}2\nFay,{PHONE}2\n", on_possible_duplicate="ask")
    assert waiting["status"] == "needs_review"


def test_many_people_behind_one_switchboard_are_kept_apart_and_found_again(importing: Importing):
    rows = "".join(f"Person{number},Nr{number},{PHONE}\n" for number in range(150))
    assert counts(importing.run(f"first_name,last_name,phone\n{rows}")) == {"created": 150}
    assert counts(importing.run(f"first_name,last_name,phone\n{rows}")) == {"unchanged": 150}


@pytest.mark.parametrize("phone", ["0044 20 7946 0101", "+44 (0)20 7946 0101", "020 7946 0101", "(020) 7946-0101"])
def test_one_number_is_one_number_however_it_is_dialled(importing: Importing, phone):
    importing.run(f"phone,country\n{PHONE},United Kingdom\n")
    assert counts(importing.run(f"phone,country,first_name\n{phone},GB,Ann\n")) == {"updated": 1}
    assert len(importing.stored()) == 1


def test_a_national_number_without_a_country_is_no_other_countrys_number(importing: Importing):
    importing.run(f"phone\n{PHONE}\n")
    assert counts(importing.run("phone,first_name\n020 7946 0101,Ann\n")) == {"created": 1}


def test_companies_of_one_domain_are_one_only_if_they_have_one_name(importing: Importing):
    importing.run("name,domain,city\nVega Holding,vega.example.com,Oslo\n", "company")
    imported = importing.run("name,domain,city\nVega Retail AS,vega.example.com,Bergen\n", "company")
    assert counts(imported) == {"created": 1}
    assert importing.ids("company")[0] in messages(importing, imported["id"], "possible_duplicate")[0]
    assert counts(importing.run("name,domain,city\nVEGA HOLDING AS,vega.example.com,Rome\n", "company")) == {
        "updated": 1
    }
    assert [(record["name"], record["city"]) for record in importing.stored("company")] == [
        ("VEGA HOLDING AS", "Rome"),
        ("Vega Retail AS", "Bergen"),
    ]


def test_a_domain_with_www_is_the_domain_without(importing: Importing):
    importing.run("external_id,name,domain\n1,Acme,acme.example.com\n2,Acme,\n3,Www,www.com\n", "company")
    imported = importing.run("name,domain,city\nAcme,WWW.acme.example.com,Ulm\nCom,com.com,Bonn\n", "company")
    assert counts(imported) == {"created": 1, "updated": 1}
    assert [(one.get("external_id"), one["city"]) for one in importing.stored("company") if "city" in one] == [
        ("1", "Ulm"),
        (None, "Bonn"),
    ]


def test_two_ids_with_one_name_do_not_share_the_record_that_has_the_name_and_no_id(importing: Importing):
    importing.run("name,city\nSubline,Oslo\n", "company")
    rows = "external_id,name,city\nS-1,Subline,Oslo\nS-2,Subline,Bergen\n"
    assert counts(importing.run(rows, "company")) == {"created": 2}
    assert counts(importing.run(rows, "company")) == {"unchanged": 2}


@pytest.mark.parametrize("strategy", ["merge", "overwrite"])
def test_a_row_whose_bad_address_was_to_be_emptied_does_not_become_who_has_its_phone(importing: Importing, strategy):
    importing.run(f"email,phone,date_of_birth\njon@example.com,{PHONE},1981-01-01\n")
    imported = importing.run(
        f"external_id,email,phone,date_of_birth\n,karl@@example.com,{PHONE},1990-01-01\nK,k@@example.com,{PHONE},\n",
        invalid_data="null_cells",
        duplicate_strategy=strategy,
    )
    assert counts(imported) == {"created": 1, "failed": 1}
    assert importing.stored()[0] == {"email": "jon@example.com", "phone": PHONE, "date_of_birth": date(1981, 1, 1)}


def test_of_rows_that_repeat_each_other_the_first_good_one_is_used(importing: Importing):
    imported = importing.run(
        "email,first_name,company_external_id\n"
        "ann@example.com,Ann,X-9\nann@example.com,Anna,X-9\nann@example.com,Anne,\nann@example.com,Annie,\n",
        duplicate_handling="use_first",
    )
    assert counts(imported) == {"created": 1, "skipped": 1, "failed": 2}
    assert importing.stored() == [{"email": "ann@example.com", "first_name": "Anne"}]
    assert [reason for _, _, reason in importing.outcomes(imported["id"])] == [
        "unknown_reference",
        "unknown_reference",
        None,
        "duplicate_in_file",
    ]


def test_match_by_says_which_identifier_counts_most(importing: Importing):
    importing.run(f"external_id,email,phone\nA,ann@example.com,{PHONE}\n")
    imported = importing.run("external_id,email,city\nA,ann@example.com,Graz\n", match_by=["email", "external_id"])
    assert counts(imported) == {"updated": 1}
    with pytest.raises(MappingError, match="match_by names 'city'"):
        importing.run("email\nann@example.com\n", match_by=["city"])


def test_a_group_that_is_named_like_another_one_is_never_joined_by_that_name(importing: Importing):
    importing.run("external_id,name\nG-1,Walkers\nG-2,Walkers\n", "group")
    imported = importing.run("email,groups\nann@example.com,Walkers\n")
    assert counts(imported) == {"failed": 1}
    (message,) = messages(importing, imported["id"], "ambiguous_reference")
    assert all(record_id in message for record_id in importing.ids("group"))
    assert counts(importing.run(f"email,groups\nann@example.com,{importing.ids('group')[1]}\n")) == {"created": 1}


def test_an_identifier_is_emptied_only_beside_one_that_counts_more(importing: Importing):
    importing.run("external_id,email,first_name\nA,ann@example.com,Ann\n")
    imported = importing.run(
        "external_id,email,first_name\n1.23E+10,ann@example.com,Zoe\nA,ann@@example.com,Anna\n",
        invalid_data="null_cells",
    )
    assert counts(imported) == {"updated": 1, "failed": 1}
    assert importing.stored() == [{"external_id": "A", "email": "ann@example.com", "first_name": "Anna"}]


def test_an_import_tells_where_its_rows_and_columns_went(importing: Importing):
    importing.run(f"phone,first_name\n{PHONE},Alma\n")
    imported = importing.run(f"first_name,phone,Badge\nBruno,{PHONE},red\n,,\nCarla,+44 20 7946 0102,\n")
    assert [(one["code"], one["count"]) for one in imported["details"]["notices"]] == [
        ("blank_row", 1),
        ("possible_duplicate", 1),
        ("columns_not_imported", 1),
    ]
    assert "'Badge' (1 value)" in imported["reason"]


def test_a_possible_duplicate_says_which_cells_differ(importing: Importing):
    importing.run(f"first_name,last_name,email,phone\nAda,Byron,ada@example.com,{PHONE}\n")
    imported = importing.run(f"first_name,last_name,email,phone\nBen,Byron,ben@example.com,{PHONE}\n")
    (message,) = messages(importing, imported["id"], "possible_duplicate")
    assert "first_name 'Ada' where the row has 'Ben'" in message
    assert "email 'ada@example.com' where the row has 'ben@example.com'" in message
    assert "last_name" not in message
