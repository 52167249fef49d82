"""Changes out: each created, updated and deleted record once, in the order of commits, whatever happened to it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_pipeline import record_types
from import_pipeline.errors import ChangesGoneError, MisuseError, UnknownRecordTypeError
from import_pipeline.service import change_cursors, changes, showing, undoing
from import_pipeline.service.change_cursors import START, Place
from import_pipeline.stores import record_changes
from import_pipeline_tests.examples import examples
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.trust.random_imports import histories
from import_pipeline_tests.trust.replaying import follow, replayed, stored
from import_pipeline_tests.trust.worlds import World

TABLES = {"contact": "contacts", "company": "companies", "group": "groups", "source": "sources"}
PEOPLE = "external_id,email,first_name,company_external_id,groups\n"


@pytest.fixture(scope="module")
def world() -> World:
    """A world that the examples share."""
    return World()


def read_on(world: World, name: str, place: Place, limit: int) -> tuple[list[dict], Place]:
    """The changes behind a place, read in pages."""
    record_type, found, has_more = record_types.get(name), list[dict](), True
    while has_more:
        place, has_more = changes.look_up(world.connection, record_type, place, limit)
        found += showing.dictionaries(world.connection, record_changes.changes_of_page(record_type))
    return found, place


def as_stored(world: World, table: str) -> dict[str, Any]:
    """The records as they are stored, by id."""
    found = showing.dictionaries(world.connection, f'SELECT * EXCLUDE (digest) FROM store.main."{table}"')
    return {one["id"]: one for one in found}


@given(story=histories(), undone=st.integers(0, 3), limit=st.integers(1, 4))
@examples(4)
def test_replaying_all_changes_gives_what_is_stored_and_pages_of_any_size_say_the_same(
    world: World, story: list, undone: int, limit: int
) -> None:
    world.empty()
    copies: dict[str, dict] = {name: {} for name in TABLES}
    places = dict.fromkeys(TABLES, START)
    undid: dict[str, str] = {}
    for step in [*story, undone, 0]:
        if isinstance(step, int):
            import_id = f"imp_{max(1, world.imports - step)}"
            world.undo(import_id, undid.get(import_id))
            undid[world.latest] = import_id
        else:
            world.run(*step)
        for name, table in TABLES.items():  # a reader that looks after each step
            found, places[name] = read_on(world, name, places[name], 1_000)
            assert replayed(found, copies[name]) == as_stored(world, table)
    for name in TABLES:
        whole, _ = read_on(world, name, START, 1_000)
        assert replayed(whole) == copies[name]
        assert read_on(world, name, START, limit)[0] == whole
        assert [one["sequence"] for one in whole] == sorted(one["sequence"] for one in whole)


@pytest.mark.every_store
def test_what_imports_overwrites_deletions_and_undos_did_is_replayed_to_what_is_stored(importing: Importing) -> None:
    made = importing.run(PEOPLE + "1,a@example.com,Ann,,Team\n2,b@example.com,Bob,,\n")["id"]
    importing.run("external_id,first_name\n2,Bert\n3,Cyd\n", action="overwrite", confirm_deletions=True)
    importing.run("external_id\n3\n", action="delete")
    undone = undoing.undo(importing.home, made).id
    undoing.undo(importing.home, undone)
    for name, table in TABLES.items():
        whole = follow(importing.home, name)
        assert replayed(whole) == stored(importing.home, table)
        assert follow(importing.home, name, limit=1) == whole
    assert [(one["operation"], one["row_number"]) for one in follow(importing.home)][:6] == [
        ("created", 1), ("created", 2), ("updated", 1), ("created", 2), ("deleted", None), ("deleted", 1),
    ]  # fmt: skip


def test_a_reader_beside_writers_misses_nothing_and_reads_nothing_twice(importing: Importing) -> None:
    importing.run("external_id\n0\n")
    begun = [importing.begin("external_id,first_name\n" + f"{one},A{one}\n0,B{one}\n") for one in range(1, 6)]
    seen: list[dict] = []
    with ThreadPoolExecutor(2) as writers:
        at_work = [writers.submit(importing.go, import_id) for import_id in begun]
        cursor = None
        while True:
            is_last = all(one.done() for one in at_work)
            page = changes.page(importing.home, "contact", "default", cursor, 3)
            seen += page["data"]
            cursor = page["next_cursor"]
            if is_last and not page["has_more"]:
                break
        assert [one.result()["status"] for one in at_work] == ["completed"] * 5
    assert seen == follow(importing.home)
    assert len(seen) == 1 + 5 + 5
    assert len({(one["sequence"], one["record_id"]) for one in seen}) == len(seen)


def test_a_record_made_for_a_reference_and_a_reference_that_was_emptied_are_changes(importing: Importing) -> None:
    made = importing.run(PEOPLE + "1,a@example.com,Ann,c1,Team\n", create_missing=("company", "group"))["id"]
    [company] = follow(importing.home, "company")
    assert (company["operation"], company["import_id"], company["row_number"]) == ("created", made, None)
    assert company["after"]["external_id"] == "c1"
    gone = importing.run("external_id\nc1\n", "company", action="delete", on_referenced="clear")["id"]
    contact = follow(importing.home)[-1]
    assert (contact["operation"], contact["import_id"]) == ("updated", gone)
    assert contact["before"]["company_external_id"] == company["record_id"]
    assert "company_external_id" not in contact["after"]
    assert follow(importing.home, "company")[-1]["operation"] == "deleted"


def test_other_organizations_and_other_types_see_nothing_and_their_cursors_are_refused(importing: Importing) -> None:
    importing.run("external_id\n1\n")
    cursor = changes.page(importing.home, "contact", "default")["next_cursor"]
    assert changes.page(importing.home, "contact", "acme")["data"] == []
    assert changes.page(importing.home, "company", "default")["data"] == []
    importing.run("external_id\n1\n", organization="acme")
    for organization, record_type in (("acme", "contact"), ("default", "company")):
        with pytest.raises(MisuseError, match="no cursor"):
            changes.page(importing.home, record_type, organization, cursor)
    with pytest.raises(UnknownRecordTypeError):
        changes.page(importing.home, "vehicle", "default")


def test_a_cursor_that_was_changed_is_refused(importing: Importing) -> None:
    importing.run("external_id\n1\n2\n")
    cursor = changes.page(importing.home, "contact", "default", limit=1)["next_cursor"]
    wrong = [cursor[:-2], cursor[::-1], "x", "", "é" * 9, "A" * 40, ("B" if cursor[0] == "A" else "A") + cursor[1:]]
    for one in wrong:
        with pytest.raises(MisuseError):
            changes.page(importing.home, "contact", "default", one)


@pytest.mark.file_store(reason="an older copy of the file takes its place")
def test_a_cursor_of_a_change_that_the_store_does_not_hold_is_told_how_to_begin_anew(importing: Importing) -> None:
    importing.run("external_id\n1\n")
    backup = (importing.settings.records / "default.duckdb").read_bytes()
    kept = changes.page(importing.home, "contact", "default")["next_cursor"]
    importing.run("external_id\n2\n")
    lost = changes.page(importing.home, "contact", "default")["next_cursor"]
    (importing.settings.records / "default.duckdb").write_bytes(backup)
    importing.run("external_id\n3\n")
    assert [one["after"]["external_id"] for one in follow(importing.home, after=kept)] == ["3"]
    with pytest.raises(ChangesGoneError, match="snapshot contact"):
        changes.page(importing.home, "contact", "default", lost)
    (importing.settings.records / "default.duckdb").unlink()
    with pytest.raises(ChangesGoneError):
        changes.page(importing.home, "contact", "default", kept)


@pytest.mark.every_store
def test_the_parquet_file_holds_the_same_changes_and_a_cursor(importing: Importing, tmp_path: Path) -> None:
    empty = changes.write_parquet(importing.home, "contact", "default", tmp_path / "none.parquet")
    assert empty["rows"] == 0
    importing.run("external_id,tags\n1,a\n2,\n", tag_delimiter=";")
    importing.run("external_id,first_name\n1,Ann\n")
    path = tmp_path / "changes.parquet"
    first = changes.write_parquet(importing.home, "contact", "default", path, empty["next_cursor"], limit=2)
    assert (first["rows"], first["has_more"]) == (2, True)
    rest = changes.write_parquet(importing.home, "contact", "default", path, first["next_cursor"])
    found = duckdb.sql(f"SELECT operation, before.first_name, after.first_name, after.tags FROM '{path}'").fetchall()
    assert (rest["rows"], rest["has_more"], found) == (1, False, [("updated", None, "Ann", ["a"])])
    columns = [duckdb.sql(f"DESCRIBE FROM '{tmp_path / name}'").fetchall() for name in ("none.parquet", path.name)]
    assert [one[:2] for one in columns[0]] == [one[:2] for one in columns[1]]


def test_a_cursor_names_no_value_of_a_record_but_its_id(importing: Importing) -> None:
    importing.run("external_id,email\n1,ann@example.com\n2,bob@example.com\n")
    cursor = changes.page(importing.home, "contact", "default", limit=1)["next_cursor"]
    place = change_cursors.read(cursor, "default", "contact")
    assert (place.sequence, place.row_number, place.record_id) == (1, 1, importing.ids()[0])
