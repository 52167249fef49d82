"""Which fields of a stored record a row changes: filled lists, names, defaults, cleared cells, kept choices."""

import pytest

from import_pipeline.errors import SpecError
from import_pipeline.service import queries
from import_pipeline_tests.importing import Importing, counts


def the_one(importing: Importing, record_type: str = "contact") -> dict:
    """The only stored record."""
    (record,) = importing.stored(record_type)
    return record


def names(importing: Importing) -> tuple[str | None, str | None, str | None]:
    """First, last and full name of the only contact."""
    record = the_one(importing)
    return record.get("first_name"), record.get("last_name"), record.get("full_name")


# --- fill, defaults, external ids


def test_fill_leaves_filled_lists_alone_and_fills_empty_ones_also_with_the_tags_of_the_import(importing: Importing):
    importing.run("email,tags\na@example.com,red;blue\nb@example.com,\n", tag_delimiter=";")
    again = importing.run(
        "email,tags\na@example.com,green\nb@example.com,green\n", duplicate_strategy="fill", tags=("fair",)
    )
    assert counts(again) == {"updated": 1, "unchanged": 1}
    assert [record["tags"] for record in importing.stored()] == [["red", "blue"], ["green", "fair"]]


@pytest.mark.parametrize("strategy", ["fill", "merge", "overwrite"])
def test_a_default_source_is_for_those_who_have_none(importing: Importing, strategy):
    importing.run("email,source\na@example.com,Trade fair\nb@example.com,\n")
    importing.run(
        "email,source,city\na@example.com,,Oslo\nb@example.com,,Rome\nc@example.com,Phone,Bonn\n",
        default_source="Newsletter",
        duplicate_strategy=strategy,
    )
    assert [record["source"] for record in importing.stored()] == ["Trade fair", "Newsletter", "Phone"]


def test_an_empty_id_takes_nobodys_id_away_and_other_empty_cells_empty_their_field(importing: Importing):
    importing.run("external_id,name,domain,city\nK-1,Vega,vega.example.com,Oslo\n", "company")
    importing.run("external_id,name,domain,city\n,Vega,vega.example.com,\n", "company", duplicate_strategy="overwrite")
    assert the_one(importing, "company") == {"external_id": "K-1", "name": "Vega", "domain": "vega.example.com"}


def test_an_id_that_stands_twice_in_a_list_to_delete_is_deleted_once(importing: Importing):
    importing.run("external_id\n1\n2\n")
    deleted = importing.run("external_id\n1\n1\n", action="delete")
    assert counts(deleted) == {"deleted": 1, "skipped": 1}
    assert importing.stored() == [{"external_id": "2"}]


# --- names and their parts


@pytest.mark.parametrize(
    ("stored", "row", "expected"),
    [
        ("full_name\nIda Holm", "last_name\nKeller", ("Ida", "Keller", "Ida Keller")),
        ("full_name\nDr. Ida Maria Holm", "last_name\nKeller", ("Ida Maria", "Keller", "Dr. Ida Maria Keller")),
        ('full_name\n"Holm, Ida"', "last_name\nKeller", ("Ida", "Keller", "Keller, Ida")),
        ("full_name\nCher", "last_name\nSarkisian", ("Cher", "Sarkisian", "Cher Sarkisian")),
        ("full_name\nIda Idason", "first_name\nEva", ("Eva", "Idason", "Eva Idason")),
        ("full_name\nIda Maria Holm", "first_name,last_name\nIda,Holm", ("Ida", "Holm", "Ida Maria Holm")),
        ("first_name,last_name\nIda,Holm", "last_name\nKeller", ("Ida", "Keller", None)),
        ("first_name,last_name\nIda,Jones", "full_name\nRoberta Smith", ("Roberta", "Smith", "Roberta Smith")),
        ("first_name,last_name\nIda,Jones", "full_name\nRoberta", ("Roberta", None, "Roberta")),
        ("first_name,last_name\nIda,Jones", "full_name\nIda", ("Ida", "Jones", "Ida")),
        (
            "first_name,last_name,full_name\nIda,Holm,Ida Holm",
            "first_name,last_name,full_name\nIda,Holm,Dr. Ida B. Holm",
            ("Ida", "Holm", "Dr. Ida B. Holm"),
        ),
        (
            "first_name,last_name,full_name\nIda,Holm,Ida B. Holm",
            "full_name\nIda B. Holm",
            ("Ida", "Holm", "Ida B. Holm"),
        ),
    ],
)
def test_a_name_and_its_parts_follow_each_other_in_a_merge(importing: Importing, stored, row, expected):
    header, cells = row.split("\n")
    before, values = stored.split("\n")
    importing.run(f"email,{before}\na@example.com,{values}\n")
    importing.run(f"email,{header}\na@example.com,{cells}\n")
    assert names(importing) == expected
    assert counts(importing.run(f"email,{header}\na@example.com,{cells}\n")) == {"unchanged": 1}


@pytest.mark.parametrize(
    ("stored", "row", "expected"),
    [
        ("first_name,last_name\nIda,Jones", "full_name\nRoberta Smith", ("Ida", "Jones", None)),
        ("first_name,last_name\nIda,Jones", "full_name\nDr. Ida Jones", ("Ida", "Jones", "Dr. Ida Jones")),
        ("first_name\nIda", "full_name\nRoberta Smith", ("Ida", None, None)),
        ("first_name\nIda", "full_name\nIda Smith", ("Ida", "Smith", "Ida Smith")),
        ("first_name\nIda", "first_name,last_name\nAda,Smith", ("Ida", "Smith", None)),
        ("full_name\nIda", "last_name\nSmith", ("Ida", None, "Ida")),
        ("job_title\nCook", "full_name\nIda Smith", ("Ida", "Smith", "Ida Smith")),
    ],
)
def test_fill_puts_no_name_on_a_record_that_contradicts_the_one_it_has(importing: Importing, stored, row, expected):
    header, cells = row.split("\n")
    before, values = stored.split("\n")
    importing.run(f"email,{before}\na@example.com,{values}\n")
    importing.run(f"email,{header}\na@example.com,{cells}\n", duplicate_strategy="fill")
    assert names(importing) == expected


# --- tags and groups


def test_tags_and_groups_are_one_whatever_their_case_and_keep_the_spelling_that_stands(importing: Importing):
    first = "email,tags,groups\na@example.com,VIP;vip;Vip ;Big  spender,Walkers;walkers\n"
    importing.run(first, tag_delimiter=";")
    expected = {"email": "a@example.com", "tags": ["VIP", "Big  spender"], "groups": ["Walkers"]}
    assert the_one(importing) == expected
    again = "email,tags,groups\na@example.com,vip;big spender,WALKERS\n"
    for strategy in ("merge", "fill", "overwrite"):
        assert counts(importing.run(again, tag_delimiter=";", duplicate_strategy=strategy)) == {"unchanged": 1}
    assert the_one(importing) == expected
    importing.run("email,tags\na@example.com,vip;cafe\u0301\n", tag_delimiter=";", tags=("Vip", "caf\u00e9"))
    assert the_one(importing)["tags"] == ["VIP", "Big  spender", "cafe\u0301"]
    assert [group["name"] for group in importing.stored("group")] == ["Walkers"]


def test_groups_that_the_import_names_are_found_in_any_case(importing: Importing):
    imported = importing.run(
        "email,groups\na@example.com,FRIENDS\nb@example.com,Work\n",
        groups=("Friends",),
        import_by_group=True,
        group_tags={"friends": ("pal",)},
    )
    assert counts(imported) == {"created": 1, "skipped": 1}
    assert the_one(importing) == {"email": "a@example.com", "groups": ["FRIENDS"], "tags": ["pal"]}


# --- clear_token


CLEARED = "external_id,email,first_name,date_of_birth,status,tags,source\n"


@pytest.mark.parametrize("strategy", ["merge", "overwrite"])
def test_a_cell_that_says_the_clear_token_empties_its_field_whatever_its_type(importing: Importing, strategy):
    importing.run(CLEARED + "1,a@example.com,Ida,1980-01-02,lead,red,Fair\n")
    cleared = importing.run(CLEARED + "1,-, - ,-,-,-,-\n", clear_token="-", tags=("new",), duplicate_strategy=strategy)
    assert (counts(cleared), importing.defects(cleared["id"])) == ({"updated": 1}, [])
    assert the_one(importing) == {"external_id": "1", "tags": ["new"]}


@pytest.mark.parametrize("strategy", ["skip", "fill"])
def test_the_clear_token_clears_nothing_under_skip_and_fill(importing: Importing, strategy):
    importing.run(CLEARED + "1,a@example.com,Ida,1980-01-02,lead,red,Fair\n")
    before = importing.stored()
    importing.run(CLEARED + "1,-,-,-,-,-,-\n", clear_token="-", duplicate_strategy=strategy)
    assert importing.stored() == before


def test_in_a_new_record_a_cell_that_says_the_clear_token_is_empty(importing: Importing):
    importing.run("email,date_of_birth,Badge\na@example.com,-,-\n", clear_token="-", keep_unmapped=True)
    assert the_one(importing) == {"email": "a@example.com", "extra": "{}"}


def test_the_clear_token_in_an_unmapped_column_that_is_kept_clears_just_that(importing: Importing):
    importing.run("email,Badge,Shoe size\na@example.com,red,38\n", keep_unmapped=True)
    importing.run("email,Badge,Shoe size\na@example.com,-,\n", clear_token="-", keep_unmapped=True)
    assert the_one(importing)["extra"] == '{"Shoe size":"38"}'


def test_an_id_is_cleared_where_the_record_is_found_by_another_identifier(importing: Importing):
    importing.run("external_id,email\n1,a@example.com\n")
    importing.run("external_id,email\n-,a@example.com\n", clear_token="-")
    assert the_one(importing) == {"email": "a@example.com"}


def test_who_loses_a_part_of_the_name_loses_it_in_the_full_name_too(importing: Importing):
    importing.run("email,full_name\na@example.com,Ida Holm\n")
    importing.run("email,last_name\na@example.com,-\n", clear_token="-")
    assert names(importing) == ("Ida", None, "Ida")


def test_a_cell_is_cleared_through_hooks_too_unless_the_hook_writes_something_into_it(importing: Importing):
    importing.run("email,city\na@example.com,Oslo\nb@example.com,Rome\n")
    hook = "(record) => record.row.email.value === 'b@example.com' ? {row: {city: {value: 'Bonn'}}} : null"
    importing.run("email,city\na@example.com,-\nb@example.com,-\n", clear_token="-", row_hooks=(hook,))
    assert [record.get("city") for record in importing.stored()] == [None, "Bonn"]


def test_a_clear_token_of_white_space_is_refused(importing: Importing):
    with pytest.raises((SpecError, ValueError)):
        importing.run("email\na@example.com\n", clear_token="  ")


# --- choices that a merge never loses


def test_an_unsubscription_stays_in_a_merge_and_the_row_is_told(importing: Importing):
    importing.run("email,newsletter\na@example.com,unsubscribed\nb@example.com,bounced\nc@example.com,yes\n")
    again = importing.run(
        "email,newsletter,city\na@example.com,yes,Oslo\nb@example.com,unsubscribed,\nc@example.com,bounced,\n"
    )
    assert counts(again) == {"updated": 3}
    assert [one["newsletter"] for one in importing.stored()] == ["unsubscribed", "unsubscribed", "bounced"]
    assert importing.defects(again["id"]) == [(1, "newsletter", "kept_value")]
    (told,) = queries.defects(importing.home, again["id"])
    assert (told["level"], told["message"].startswith("Stays unsubscribed; the row says yes.")) == ("warning", True)


def test_an_unsubscription_ends_by_overwrite_or_by_a_mapping_that_says_so(importing: Importing):
    importing.run("email,newsletter\na@example.com,unsubscribed\nb@example.com,unsubscribed\n")
    importing.run("email,newsletter\na@example.com,yes\n", duplicate_strategy="overwrite")
    mapped = importing.run("email,newsletter\nb@example.com,Again\n", value_mappings={"newsletter": {"Again": "yes"}})
    assert importing.defects(mapped["id"]) == []
    assert [one["newsletter"] for one in importing.stored()] == ["yes", "yes"]
