"""What a person corrects in a review is kept in the registry: with who did it, within bounds, as long as its import."""

import pytest
from sqlalchemy import select

from import_pipeline.errors import MisuseError
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import review_pages, reviewing, run_imports
from import_pipeline.stores import corrections, imports
from import_pipeline.stores.tables import corrections as table
from import_pipeline.stores.tables import review_operations as operations
from import_pipeline.words import Status
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.moving import move
from import_pipeline_tests.trust.test_keeping_house import round_after
from import_pipeline_tests.trust.test_published_results import waiting


def corrected(importing: Importing) -> str:
    import_id = waiting(importing)
    record = imports.get(importing.home.registry, import_id)
    reviewing.correct(importing.home, record, {2: {"email": "bob@example.com"}}, "ann")
    return import_id


def test_corrections_are_the_registrys_and_count_on_any_host_and_in_a_batch(importing: Importing):
    import_id = corrected(importing)
    other = importing.begin("external_id,first_name,email\n7,Dee,\n", invalid_data="block")
    assert review_pages.failing_rows(importing.home, imports.get(importing.home.registry, import_id))["rows"][0][
        "corrected"
    ] == ["email"]
    reviewing.submit(importing.home, imports.get(importing.home.registry, import_id), invalid_data="remove_rows")
    spec = ImportSpec.model_validate(imports.get(importing.home.registry, import_id).spec)
    imports.update(importing.home.registry, other, spec=spec.model_dump(mode="json"))
    run_imports.run_imports(importing.home, [import_id, other], None, lambda phase, result: None)
    assert {one["external_id"]: one.get("email") for one in importing.stored()}["2"] == "bob@example.com"


def test_corrections_say_who_made_them_are_bounded_and_go_with_their_import(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
):

    import_id = corrected(importing)
    registry = importing.home.registry

    def kept() -> list[tuple]:
        cells = select(table.c.row_number, table.c.column_name, table.c.text, operations.c.created_by).join(
            operations, operations.c.number == table.c.operation
        )
        return [tuple(row) for row in registry.read(lambda connection: connection.execute(cells).all())]

    assert kept() == [(2, "email", "bob@example.com", "ann")]
    monkeypatch.setattr(corrections, "MOST_CELLS", 2)
    record = imports.get(registry, import_id)
    with pytest.raises(MisuseError, match="too many"):
        reviewing.correct(importing.home, record, {1: {"email": "a", "first_name": "b"}}, "bob")
    assert len(kept()) == 1
    move(registry, import_id, Status.CANCELLED)
    assert round_after(importing, 400)["imports"] == 1
    assert kept() == []
