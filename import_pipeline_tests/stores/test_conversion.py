"""Record stores of earlier versions are brought to the present form once, and nothing of them is lost."""

import shutil

from import_pipeline import record_types
from import_pipeline.home import Home
from import_pipeline.service import changes, queries, undoing
from import_pipeline.settings import Settings
from import_pipeline.stores.digests import digest_sql
from import_pipeline.stores.records import record_columns
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.stored import opened_store, rows_of

COMPANIES = "external_id,name\nK-1,Kite\nK-2,Lake\n"
PEOPLE = "external_id,email,company_external_id,groups,source\n1,ann@example.com,K-1,Team,Fair\n2,bob@example.com,,,\n"


def as_it_was_before(importing: Importing) -> Home:
    """The same home with names in place of ids, as earlier versions kept them; one name leads nowhere."""
    digest = digest_sql(record_columns(record_types.get("contact")))
    with opened_store(importing.settings, write=True) as connection:
        for table in ("contacts", "contacts_history"):
            connection.execute(
                f"""
                UPDATE {table} SET company_external_id = 'K-1', groups = ['team', 'Gone'], source = 'Fair'
                WHERE external_id = '1'
                """
            )
            connection.execute(f"UPDATE {table} SET digest = {digest} WHERE external_id = '1'")
        connection.execute("UPDATE contacts SET city = 'Rome' WHERE external_id = '2'")
        connection.execute("DROP TABLE layout")
        connection.execute("ALTER TABLE contacts DROP COLUMN website")  # a field that came later
    home = importing.settings.home.parent / "earlier"
    shutil.copytree(importing.settings.home, home)  # this process knows the form of the stores that it has seen
    return Home(Settings(home=home))


def test_names_become_ids_in_records_and_history_and_what_nobody_is_called_stays(importing: Importing):
    importing.run(COMPANIES, "company")
    importing.run(PEOPLE)
    changed = importing.run("external_id,first_name\n1,Ann\n")["id"]
    company, group = importing.ids("company")[0], importing.ids("group")[0]
    home = as_it_was_before(importing)
    shown = queries.records(home, "contact", "default", None)[0]
    assert (shown["company_external_id"], shown["groups"], shown["source"]) == ("K-1", ["Team", "Gone"], "Fair")
    for table in ("contacts", "contacts_history"):
        kept = rows_of(home.settings, f"SELECT company_external_id, groups FROM {table} WHERE external_id = '1'")
        assert kept == [(company, [group, "Gone"])]
    assert undoing.undo(home, changed).reason is None
    assert queries.records(home, "contact", "default", None)[0]["first_name"] is None


def test_a_change_by_hand_still_shows_after_the_store_was_brought_to_the_present_form(importing: Importing):
    importing.run(COMPANIES, "company")
    done = importing.run(PEOPLE)["id"]
    home = as_it_was_before(importing)
    undo = undoing.undo(home, done)
    kept = [one for one in queries.defects(home, undo.id) if one["code"] == "changed_since"]
    assert ["by hand" in one["message"] for one in kept] == [True]
    assert [record["external_id"] for record in queries.records(home, "contact", "default", None)] == ["2"]


def test_the_changes_of_a_store_whose_lines_had_no_numbers_are_those_that_it_would_have_had(importing: Importing):
    importing.run(COMPANIES, "company")
    importing.run(PEOPLE, create_missing=("company", "group", "source"))
    importing.run("external_id\nK-2\n", "company", action="overwrite", on_referenced="clear", confirm_deletions=True)
    undoing.undo(importing.home, importing.run("external_id\n1\n", action="delete")["id"])
    names = ("contact", "company", "group", "source")
    before = {name: changes.page(importing.home, name, "default") for name in names}
    with opened_store(importing.settings, write=True) as connection:
        for name in names:
            table = record_types.table_of(name)
            connection.execute(f"DELETE FROM {table}_history WHERE operation = 'created'")
            connection.execute(f"ALTER TABLE {table}_history DROP COLUMN mark_sequence")
        connection.execute("ALTER TABLE row_outcomes DROP COLUMN mark_sequence")
        connection.execute("CREATE TABLE custom_vans_history (import_id VARCHAR, row_number BIGINT, operation VARCHAR)")
        connection.execute("UPDATE layout SET version = 1")
    home = importing.settings.home.parent / "earlier"
    shutil.copytree(importing.settings.home, home)
    earlier = Home(Settings(home=home))
    assert {name: changes.page(earlier, name, "default") for name in names} == before
    assert rows_of(earlier.settings, "SELECT mark_sequence FROM custom_vans_history") == []
    assert {one["operation"] for one in before["company"]["data"]} == {"created", "deleted"}
    assert "updated" in {one["operation"] for one in before["contact"]["data"]}
