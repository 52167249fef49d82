"""Record stores are copied from any kind to any other with all that they hold, and imports go on there."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from import_pipeline.errors import MisuseError, NotFoundError
from import_pipeline.home import Home
from import_pipeline.service import queries, store_checking, store_copying, undoing
from import_pipeline.settings import Settings
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.servers import PostgresServer, S3Server
from import_pipeline_tests.store_kinds import Kind, Stores, settings_of
from import_pipeline_tests.stored import all_tables, by_hand, rows_of

FIELDS = [
    {"key": "name"},
    {"key": "paid", "type": "number"},
    {"key": "on", "type": "date"},
    {"key": "tags", "type": ["multi-select", {"delimiter": ";", "allowCustom": True}]},
]
HOPS: list[Kind] = ["postgres", "ducklake", "postgres", "postgres", "file", "ducklake", "ducklake", "file"]
"""From files and back to files, by every pair of kinds."""

NewStore = Callable[[Kind], dict[str, str]]


@pytest.fixture
def new_store(postgres_server: PostgresServer, s3_server: S3Server) -> Iterator[NewStore]:
    """Gives the environment of an empty store of a kind."""
    with ExitStack() as stack:
        yield lambda kind: stack.enter_context(Stores(kind, lambda: postgres_server, lambda: s3_server).new())


@pytest.fixture
def importing(tmp_path: Path, s3_server: S3Server) -> Importing:
    """A home with its records in files, and with the keys of S3."""
    keys = {
        "IMPORT_PIPELINE_STORE_DATA_ENDPOINT": s3_server.endpoint,
        "IMPORT_PIPELINE_STORE_DATA_KEY": s3_server.key,
        "IMPORT_PIPELINE_STORE_DATA_SECRET": s3_server.secret,
    }
    return Importing(settings_of(tmp_path / "home", keys), tmp_path)


def copied(home: Home, environment: dict[str, str], organization: str | None = "default") -> Home:
    """Copy a store to the one that the environment names; gives the home with that."""
    to = environment.get("IMPORT_PIPELINE_STORE_URL", "file")
    target = store_copying.settings_of_target(home.settings, to, environment.get("IMPORT_PIPELINE_STORE_DATA"))
    for one in store_copying.copy_stores(home, target, organization):
        assert one.refused is None
        assert not one.was_there
        assert one.rows["records"] > 0
    return Home(target)


def a_story(importing: Importing) -> str:
    """Imports that create, update and delete, with references, extra columns and a type of their own; and an undo."""
    importing.run("external_id,name,parent_external_id\nK-1,Kite,\nK-2,Lake,K-1\n", "company")
    importing.run("external_id,email,groups,company_external_id,Shoe\n1,ann@example.com,Team,K-1,38\n2,b@x.org,,,\n")
    importing.run("name,paid,on,tags\nÄnn 🙂,1.50,2024-02-29,a;b\nBob,,,\n", "custom_guests", schema_fields=FIELDS)
    undoing.undo(importing.home, importing.run("external_id,first_name\n2,Bob\n9,Zoe\n")["id"])
    importing.run("external_id\n2\n", action="delete")
    return importing.run("external_id,first_name,date_of_birth\n1,Ann,1990-01-02\n3,Cyd,\nno,\n")["id"]


def everything(settings: Settings) -> dict[str, list[tuple]]:
    """All that a store holds, digests and times included."""
    found = all_tables(settings, without=())
    tables = "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'store'"
    for (table,) in rows_of(settings, f"{tables} AND table_name LIKE 'custom_guests%'"):
        found[table] = rows_of(settings, f"SELECT * FROM {table} ORDER BY ALL")
    return found


def test_a_store_goes_by_every_pair_of_kinds_and_nothing_of_it_changes(importing: Importing, new_store: NewStore):
    last = a_story(importing)
    before, home = everything(importing.settings), importing.home
    assert len(before) == 4 * 2 + 2 + 2
    shown = queries.records(home, "custom_guests", "default"), queries.rows(home, last)
    history = queries.history(home, "contact", importing.ids()[0], "default")
    for kind in HOPS:
        if kind == "file":
            (home.settings.records / "default.duckdb").unlink()
        home = copied(home, new_store(kind))
        assert everything(home.settings) == before, kind
        assert store_checking.check_stores(home, None)[0].is_right
    assert (queries.records(home, "custom_guests", "default"), queries.rows(home, last)) == shown
    assert queries.history(home, "contact", importing.ids()[0], "default") == history


@pytest.mark.parametrize("kind", ["postgres", "ducklake"])
def test_what_was_imported_before_is_undone_and_changes_by_hand_are_kept_where_it_was_copied_to(
    importing: Importing, new_store: NewStore, kind: Kind
):
    importing.run("external_id,first_name\n1,Ada\n2,Bob\n")
    before = importing.stored()
    changed = importing.run("external_id,first_name\n1,Augusta\n2,Bert\n3,Cyd\n")["id"]
    there = Importing(copied(importing.home, new_store(kind)).settings, importing.folder)
    assert there.run("external_id,first_name\n4,Dan\n")["created_count"] == 1
    undoing.undo(there.home, changed)
    assert [one for one in there.stored() if one["external_id"] != "4"] == before
    assert len(importing.stored()) == 3, "the source stays as it was"
    by_hand(there.settings, "UPDATE contacts SET first_name = 'Dora' WHERE external_id = '4'")
    (found,) = store_checking.check_stores(there.home, "default")
    (contacts,) = found.tables
    assert (found.is_right, len(contacts.different), contacts.records) == (False, 1, 3)


def test_copying_again_finds_what_is_there_and_refuses_what_is_other(importing: Importing, new_store: NewStore):
    for organization in ("acme", "beta"):
        importing.run("external_id\n1\n", organization=organization)
    environment = new_store("postgres")
    there = copied(importing.home, environment, "acme")
    again = list(store_copying.copy_stores(importing.home, there.settings, None))
    assert [(one.organization, one.was_there) for one in again] == [("acme", True), ("beta", False)]
    importing.run("external_id\n2\n", organization="acme")
    with pytest.raises(MisuseError, match=r"other records of the organization 'acme' already \(in .*contacts"):
        store_copying.copy_store(importing.home, there.settings, "acme")
    third = list(store_copying.copy_stores(importing.home, there.settings, None))
    assert [(one.refused is None, one.was_there) for one in third] == [(False, False), (True, True)]
    assert len(queries.records(there, "contact", "acme")) == 1


def test_what_cannot_be_copied_is_refused_in_words(importing: Importing, new_store: NewStore):
    importing.run("external_id\n1\n")
    settings, environment = importing.settings, new_store("postgres")
    with pytest.raises(MisuseError, match="already"):
        store_copying.copy_store(importing.home, store_copying.settings_of_target(settings, "file", None), "default")
    target = store_copying.settings_of_target(settings, environment["IMPORT_PIPELINE_STORE_URL"], None)
    with pytest.raises(NotFoundError, match="nobody"):
        store_copying.copy_store(importing.home, target, "nobody")
    for to, data in (("mysql://user:secret@host/records", None), ("ducklake:postgresql://user:secret@host/r", None)):
        with pytest.raises(MisuseError, match="--to") as refused:
            store_copying.settings_of_target(settings, to, data)
        assert "secret" not in refused.value.message
