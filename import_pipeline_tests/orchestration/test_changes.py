"""Record assets name what imports changed, and an asset that depends on one reads what is new to it."""

import re
from pathlib import Path

import dagster as dg
import pytest

from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.service import changes
from import_pipeline_tests.orchestration.scenario import contact_file, materializations, people, registered

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
[EXAMPLE] = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "follow_changes" in block]


def test_the_asset_that_readme_shows_reads_each_change_once_and_again_after_a_failure(
    runner: ImportRunner, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPORT_PIPELINE_HOME", str(runner.settings.home_path))
    shown: dict = {}
    exec(EXAMPLE, shown)
    asset = shown["other_system"]
    assert asset.dependency_keys == {dg.AssetKey("contacts")}

    def read() -> object:
        result = dg.materialize([asset], instance=runner.instance, raise_on_error=False)
        return result.asset_materializations_for_node("other_system")[0].metadata["changes"].value

    runner.execute(registered(runner, contact_file(files, "a.csv", people("ann", "bob")), "default").id)
    assert read() == 2
    assert read() == 0
    runner.execute(
        registered(runner, contact_file(files, "b.csv", people("bob", "cyd", email="{}@x.com")), "default").id
    )
    with monkeypatch.context() as broken:
        broken.setattr(changes, "page", None)
        assert not dg.materialize([asset], instance=runner.instance, raise_on_error=False).success
    assert read() == 2


def test_a_record_asset_names_the_import_its_counts_and_the_cursor_also_for_what_references_created(
    runner: ImportRunner, files: Path
) -> None:
    text = "external_id,email,company_external_id\n1,ann@example.com,c1\n"
    record = registered(runner, contact_file(files, "c.csv", text), "default", create_missing=("company",))
    found = materializations(runner.instance, runner.execute(record.id).run_id)
    for table, record_type in (("contacts", "contact"), ("companies", "company")):
        told = found[table, None]
        assert (told["import"], told["created"], told["dagster/row_count"]) == (record.id, 1, 1)
        assert changes.page(runner.home, record_type, "default", told["changes_cursor"])["data"] == []
