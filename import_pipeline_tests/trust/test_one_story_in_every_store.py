"""One story leaves the same records, outcomes, history, marks and digests in every kind of record store."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, queries, running, undoing
from import_pipeline.settings import Settings
from import_pipeline.words import Phase, Source
from import_pipeline_tests.servers import PostgresServer, S3Server
from import_pipeline_tests.store_kinds import KINDS, Stores
from import_pipeline_tests.stored import all_tables

NOT_THE_SAME_TWICE = ("_at", "digest", "engine")
"""Times, and the digests that are made over them."""
STORY: list[tuple[str, str, dict[str, Any]]] = [
    ("companies", "external_id,name,parent_external_id\nK-1,Kite,\nK-2,Lake,K-1\n", {"record_type": "company"}),
    (
        "people",
        "external_id,email,first_name,groups,tags,company_external_id,date_of_birth,Shoe\n"
        "1,ann@example.com,Ännchen,Team;Other,a;b,K-1,1990-01-02,38\n2,bob@example.com,Bob,team,,,,\n3,bad,Cyd,,,,,\n",
        {"keep_unmapped": True, "tag_delimiter": ";", "invalid_data": "null_cells"},
    ),
    ("merged", "external_id,first_name,tags\n1,Ann,c\n4,Dan,\n4,Dan,\n", {"tag_delimiter": ";"}),
    ("filled", "external_id,first_name,city\n1,Anna,Rome\n2,,Oslo\n", {"duplicate_strategy": "fill"}),
    ("looked", "external_id,first_name\n1,Augusta\n", {"dry_run": True}),
    ("deleted", "external_id\n2\n9\n", {"action": "delete"}),
    ("overwritten", "external_id,first_name\n1,Eve\n5,Fay\n", {"action": "overwrite", "confirm_deletions": True}),
]


def told(settings: Settings, folder: Path) -> dict[str, Any]:
    """All that the story leaves in a store, and what interfaces say of it."""
    home = Home(settings)
    shown: dict[str, Any] = {}
    for import_id, text, asked in STORY:
        path = folder / f"{import_id}.csv"
        path.write_text(text)
        spec = ImportSpec.model_validate({"record_type": "contact", **asked})
        creating.create_from_file(home, path, spec, Source.TERMINAL, import_id=import_id)
        for phase in Phase:
            running.run_phase_of(home, import_id, phase)
        shown[import_id] = queries.rows(home, import_id), queries.defects(home, import_id, limit=100)
    undos = {undoing.undo(home, undone).id: undone for undone in ("overwritten", "filled")}
    (found,) = queries.find_records(home, "contact", "default", {"email": "ANN@example.com"})["data"]
    history = queries.history(home, "contact", found["id"], "default")
    shown["history"] = [(event["operation"], event["changes"]) for event in history]
    tables = all_tables(settings, without=NOT_THE_SAME_TWICE)
    text = repr(sorted(tables.items()))
    for undo, undone in undos.items():  # whose ids are minted
        text = text.replace(undo, f"undo of {undone}")
    shown["digest"] = hashlib.sha256(text.encode()).hexdigest()
    shown["counts"] = {table: len(rows) for table, rows in tables.items()}
    home.registry.close()
    return shown


@pytest.fixture(scope="module")
def in_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the story leaves in files."""
    folder = tmp_path_factory.mktemp("files")
    return told(Settings(home=folder / "home"), folder)


@pytest.fixture(params=KINDS[1:])
def on_server(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, s3_server: S3Server, tmp_path: Path
) -> Iterator[Settings]:
    """Settings of a home with an empty store of each kind on a server."""
    with Stores(request.param, lambda: postgres_server, lambda: s3_server).new_settings(tmp_path / "home") as settings:
        yield settings


def test_one_story_has_equal_digests_in_every_kind_of_store(
    in_files: dict[str, Any], on_server: Settings, tmp_path: Path
):
    there = told(on_server, tmp_path)
    assert in_files["counts"]["contacts"] == 2
    assert in_files["counts"]["contacts_history"] > 5
    for what, said in in_files.items():
        assert (what, there[what]) == (what, said)
