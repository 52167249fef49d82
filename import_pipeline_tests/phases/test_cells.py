"""What is taken off cells before they are values, and which cells mean that there is no value."""

import pytest

from import_pipeline_tests.importing import Importing, counts

HEAD = "external_id,first_name,last_name,email,phone,website,date_of_birth,city,notes\n"


def only(importing: Importing, record_type: str = "contact") -> dict[str, object]:
    """The one stored record."""
    (record,) = importing.stored(record_type)
    return record


WRAPPED = {
    " A-1": "A-1",
    "A-2\t ": "A-2",
    "\u00a0A-3": "A-3",
    "A-4\u202f": "A-4",
    "\u200bA-5": "A-5",
    "A\u200b-6": "A-6",
    "A-7\u200d": "A-7",
    "\ufeffA-8": "A-8",
    "\u202aA-9\u202c": "A-9",
    "\u200eA-10\u200f": "A-10",
    "A\u00ad-11": "A-11",
    '"=""0012"""': "0012",
    '"= ""0013"""': "0013",
    "'0014": "0014",
    " '0015": "0015",
    "'+16-A": "+16-A",
    '"""A-17"""': "A-17",
    "'A-18'": "A-18",
    "\u201cA-19\u201d": "A-19",
    "\u201eA-20\u201c": "A-20",
    "\u00abA-21\u00bb": "A-21",
    "\u2018A-22\u2019": "A-22",
    '"=""a""&""23"""': '="a"&"23"',
    "A'24": "A'24",
}
"""Cells of a CSV file, and the ids that they are."""


def test_what_is_around_an_id_is_not_stored(importing: Importing):
    imported = importing.run("external_id,city\n" + "".join(f"{cell},Ulm\n" for cell in WRAPPED))
    assert counts(imported) == {"created": len(WRAPPED)}
    assert [record["external_id"] for record in importing.stored()] == list(WRAPPED.values())


def test_ids_that_differ_by_white_space_alone_are_one_record(importing: Importing):
    importing.run("external_id,name\n Q1, Oak\n\u200bQ2,Elm\n", "company")
    assert counts(importing.run("external_id,name\nQ1,Oak\nQ2\u00a0,Elm\n", "company")) == {"unchanged": 2}


def test_long_texts_keep_what_is_inside(importing: Importing):
    note = "two\u00a0words, \u200ba mark and\n'quotes'"
    importing.run(f'email,notes\nann@example.com,"\u200b {note}\u00a0"\n')
    assert only(importing)["notes"] == note


def test_names_keep_their_apostrophes_and_joiners(importing: Importing):
    importing.run(
        "email,first_name,last_name\na@example.com,D'Arcy,'t Hart\nb@example.com,\u0645\u200c\u0631,O\u2019Shea\n"
    )
    assert [(one["first_name"], one["last_name"]) for one in importing.stored()] == [
        ("D'Arcy", "'t Hart"),
        ("\u0645\u200c\u0631", "O\u2019Shea"),
    ]


NOTHING = (
    "-", "--", "\u2013", "\u2014", "N/A", "n/a", "NULL", "null", "none", "None", "nan", "\\N", "?", "...",
    "(empty)", "[null]", "<NULL>", "k.A.", "unbekannt", "néant", "n.v.t.", "undefined",
)  # fmt: skip
NO_DATES = ("0000-00-00", "0000-00-00 00:00:00", "0/0/00", "00.00.0000", "0", "00/00/0000")


@pytest.mark.parametrize("sign", ["n/v", "N/V", "n. a.", "N. A.", "n.a.", "N/A"])
def test_a_sign_for_nothing_is_nothing_in_any_text(importing: Importing, sign: str):
    importing.run(f"email,city,notes\na@example.com,{sign},{sign}\nb@example.com,Neuss,none of it\n")
    assert importing.stored() == [
        {"email": "a@example.com"},
        {"email": "b@example.com", "city": "Neuss", "notes": "none of it"},
    ]


def test_a_word_for_nothing_is_nothing_where_a_value_has_a_form(importing: Importing):
    rows = [f"{row}@example.com,{word},{word},{word},{word}\n" for row, word in enumerate(NOTHING)]
    rows += [f"date{row}@example.com,000,,{cell},\n" for row, cell in enumerate(NO_DATES)]
    imported = importing.run("email,phone,website,date_of_birth,status\n" + "".join(rows))
    assert counts(imported) == {"created": len(rows)}
    assert {tuple(sorted(record)) for record in importing.stored()} == {("email",)}
    assert importing.defects(imported["id"]) == []
    assert f"{4 * len(NOTHING) + 2 * len(NO_DATES)} cells say that there is no value" in imported["reason"]
    assert "'N/A' (4)" in imported["reason"]


def test_an_error_of_a_spreadsheet_is_told_and_costs_the_cell_alone_where_it_identifies_nothing(importing: Importing):
    imported = importing.run("email,website,city\na@example.com,#N/A,Ulm\nb@example.com,b.example.org,#REF!\n")
    assert counts(imported) == {"created": 2}
    assert {(row, field, code) for row, field, code in importing.defects(imported["id"]) if row} == {
        (1, "website", "error_value"),
        (2, "city", "error_value"),
    }
    assert not any("#" in str(record) for record in importing.stored())


def test_people_called_null_or_none_keep_their_names_and_na_stays_a_country(importing: Importing):
    importing.run("email,first_name,last_name,country\na@example.com,Eve,Null,NA\nb@example.com,None,Nan,NO\n")
    assert importing.stored() == [
        {"email": "a@example.com", "first_name": "Eve", "last_name": "Null", "country": "NA"},
        {"email": "b@example.com", "first_name": "None", "last_name": "Nan", "country": "NO"},
    ]


def test_the_null_of_a_database_is_no_name_but_among_names_in_capitals(importing: Importing):
    importing.run("email,first_name,last_name\na@example.com,Eve,NULL\nb@example.com,EVE,NULL\n")
    assert [one.get("last_name") for one in importing.stored()] == [None, "NULL"]


def test_words_for_nothing_can_be_said(importing: Importing):
    text = "email,phone,city\nann@example.com,fehlt noch,-\nbob@example.com,+49 30 55501,Fehlt Noch\n"
    imported = importing.run(text, empty_words=["fehlt noch"])
    assert counts(imported) == {"created": 2}
    assert importing.stored() == [
        {"email": "ann@example.com", "city": "-"},
        {"email": "bob@example.com", "phone": "+49 30 55501"},
    ]


def test_where_no_word_means_nothing_each_cell_is_a_value(importing: Importing):
    importing.run("email,city\nann@example.com,N/A\n", empty_words=[])
    assert only(importing)["city"] == "N/A"


def test_a_word_that_the_spec_gives_a_meaning_keeps_it(importing: Importing):
    importing.run("email,city\nann@example.com,Ulm\n")
    importing.run(
        "email,status,city\nann@example.com,N/A,-\n",
        value_mappings={"status": {"N/A": "archived"}},
        clear_token="-",
    )
    assert only(importing) == {"email": "ann@example.com", "status": "archived"}


def test_an_empty_id_is_no_id_whatever_the_word_for_it(importing: Importing):
    imported = importing.run("external_id,email\nNULL,ann@example.com\nNULL,bob@example.com\nN/A,cyd@example.com\n")
    assert counts(imported) == {"created": 3}
    assert [sorted(record) for record in importing.stored()] == [["email"]] * 3


def test_declared_fields_are_only_trimmed(importing: Importing):
    fields = ({"label": "Code", "key": "code", "type": "string"}, {"label": "Note", "key": "note", "type": "string"})
    importing.run("Code,Note\n\u200b K1,-\nK2 ,N/A\n", "custom_codes", schema_fields=fields)
    stored = importing.stored("custom_codes")
    assert [(one["code"], one["note"]) for one in stored] == [("K1", "-"), ("K2", "N/A")]


def test_tags_are_stored_without_quotes(importing: Importing):
    importing.run(
        'email,tags\na@example.com,"""red"",""green"""\nb@example.com,"“red”, blue"\nc@example.com,"""red"""\n',
        tag_delimiter=",",
    )
    assert [one["tags"] for one in importing.stored()] == [["red", "green"], ["red", "blue"], ["red"]]


def test_labels_that_an_address_book_joins_are_labels_of_their_own(importing: Importing):
    importing.run("email,groups\na@example.com,Friends ::: Choir ::: Work\n")
    assert importing.stored()[0]["groups"] == ["Friends", "Choir", "Work"]


def test_a_list_in_a_cell_that_nothing_splits_is_one_tag_and_told(importing: Importing):
    rows = """a@example.com,"x, y"\nb@example.com,z\nc@example.com,"[""j, k""]"\nd@example.com,"""
    rows += '''"""VIP"",""Newsletter, weekly"""\n'''
    imported = importing.run(f"email,tags\n{rows}")
    assert [one["tags"] for one in importing.stored()] == [["x, y"], ["z"], ["j, k"], ["VIP", "Newsletter, weekly"]]
    assert "1 cell of column 'tags' (in row 1) may hold several tags" in imported["reason"]
    assert "may hold several" not in (importing.run(f"email,tags\n{rows}", tag_delimiter=",")["reason"] or "")


def test_ids_that_a_program_wrote_with_decimals_are_kept_and_told(importing: Importing):
    imported = importing.run("external_id,email,postal_code\n1001.0,a@example.com,1.0\n1002.0,b@example.com,1.1\n")
    assert [one["external_id"] for one in importing.stored()] == ["1001.0", "1002.0"]
    assert "All 2 ids of column 'external_id' end in .0, as" in imported["reason"]
    assert "postal_code" not in imported["reason"]


def test_quoted_tags_are_told_apart_without_a_delimiter(importing: Importing):
    importing.run('email,tags\na@example.com,"""red, dark"",""green"""\n')
    assert only(importing)["tags"] == ["red, dark", "green"]


def test_numbers_and_dates_in_wrappers_are_read(importing: Importing):
    importing.run('external_id,name,employees\n1,Oak,"=""1200"""\n2,Elm,\'35\n3,Ash,\u00a07\n', "company")
    assert [one["employees"] for one in importing.stored("company")] == [1200, 35, 7]


def test_what_cleaning_changed_is_the_same_record_the_next_time(importing: Importing):
    text = HEAD + "'01,\u200bAnn, Lee,ann@example.com,\u202a+49 30 55501\u202c,-,N/A,NULL,\\N\n"
    assert counts(importing.run(text)) == {"created": 1}
    assert counts(importing.run(text, import_again=True)) == {"unchanged": 1}
