"""Tags and groups on rows, references to other records, unmapped columns, constants, names."""

from import_pipeline_tests.importing import Importing, counts


def test_tags_are_split_by_the_delimiter_and_the_tag_list_goes_on_every_row(importing: Importing):
    importing.run("email,tags\nann@example.com,red;blue; red\nbob@example.com,\n", tag_delimiter=";", tags=("fair",))
    assert [record["tags"] for record in importing.stored()] == [["red", "blue", "fair"], ["fair"]]


def test_groups_are_joined_and_created_by_name_once(importing: Importing):
    importing.run("external_id,name\ng1,Friends\n", "group")
    imported = importing.run(
        "email,groups\nann@example.com,friends;Team\nbob@example.com,Team\n", tag_delimiter=";", groups=("All",)
    )
    assert counts(imported) == {"created": 2}
    assert [record["groups"] for record in importing.stored()] == [["Friends", "Team", "All"], ["Team", "All"]]
    assert sorted(group["name"] for group in importing.stored("group")) == ["All", "Friends", "Team"]


def test_import_by_group_takes_the_rows_of_these_groups_and_tags_them(importing: Importing):
    imported = importing.run(
        "email,groups\nann@example.com,Friends\nbob@example.com,Work\n",
        groups=("Friends",),
        import_by_group=True,
        group_tags={"Friends": ("pal",)},
    )
    assert counts(imported) == {"created": 1, "skipped": 1}
    assert importing.stored() == [{"email": "ann@example.com", "groups": ["Friends"], "tags": ["pal"]}]
    assert importing.outcomes(imported["id"])[1] == (2, "skipped", "not_in_groups")


def test_a_contact_of_an_unknown_company_fails_unless_companies_may_be_created(importing: Importing):
    csv = "email,company_external_id,company_name\nann@example.com,c1,Acme\nbob@example.com,c1,Acme\n"
    imported = importing.run(csv)
    assert counts(imported) == {"failed": 2}
    assert importing.defects(imported["id"])[0] == (1, "company_external_id", "unknown_reference")
    assert counts(importing.run(csv, create_missing=["company"])) == {"created": 2}
    assert importing.stored("company") == [{"external_id": "c1", "name": "Acme"}]


def test_a_company_may_refer_to_another_one_of_the_same_file(importing: Importing):
    imported = importing.run("external_id,name,parent_external_id\n1,Parent,\n2,Child,1\n3,Lost,9\n", "company")
    assert counts(imported) == {"created": 2, "failed": 1}
    assert importing.defects(imported["id"]) == [(3, "parent_external_id", "unknown_reference")]


def test_unmapped_columns_are_kept_as_json_when_asked(importing: Importing):
    mapping = {"Mail": "email"}
    csv = "Mail,Shoe size,Note; odd\nann@example.com,38,\n"
    importing.run(csv, column_mapping=mapping)
    assert importing.stored() == [{"email": "ann@example.com"}]
    importing.run(csv, column_mapping=mapping, keep_unmapped=True)
    assert importing.stored() == [{"email": "ann@example.com", "extra": '{"Shoe size":"38"}'}]


def test_values_become_constants_or_nothing_as_was_said_and_others_fail_their_rows(importing: Importing):
    imported = importing.run(
        "email,status\na@example.com,Kunde\nb@example.com,ACTIVE\nc@example.com,hm\nd@example.com,weg\n",
        value_mappings={"status": {"Kunde": "customer", "weg": None}},
    )
    assert counts(imported) == {"created": 3, "failed": 1}
    assert [record.get("status") for record in importing.stored()] == ["customer", "active", None]
    assert [(row, field) for row, field, _ in importing.defects(imported["id"])] == [(3, "status")]


def test_a_whole_name_is_taken_apart_where_its_parts_are_not_given(importing: Importing):
    importing.run("email,full_name,first_name\na@example.com,Ada King,\nb@example.com,Bob Stone,Robert\n")
    names = [(record.get("first_name"), record.get("last_name")) for record in importing.stored()]
    assert names == [("Ada", "King"), ("Robert", None)]


def test_identifiers_stay_text_with_zeros_plus_signs_and_length(importing: Importing):
    importing.run("external_id,phone,postal_code\n00012345678901234567890,+49 30 0001,01067\n")
    assert importing.stored() == [
        {"external_id": "00012345678901234567890", "phone": "+49 30 0001", "postal_code": "01067"}
    ]


def test_rows_without_a_source_get_the_one_that_the_import_names(importing: Importing):
    importing.run("email,source\na@example.com,Fair\nb@example.com,\n", default_source="Web")
    assert [record["source"] for record in importing.stored()] == ["Fair", "Web"]
    assert sorted(source["name"] for source in importing.stored("source")) == ["Fair", "Web"]


def test_an_empty_cell_can_be_given_a_constant(importing: Importing):
    importing.run("email,status\na@example.com,\nb@example.com,lead\n", value_mappings={"status": {"": "active"}})
    assert [record["status"] for record in importing.stored()] == ["active", "lead"]
