"""What Dagster keeps of imports, which anybody who reaches its UI may read: figures and shapes, no person's data."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from import_pipeline.orchestration.masking import shape_of
from import_pipeline.orchestration.runs import ImportRunner
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline_tests.orchestration.scenario import contact_file, failure_message, launch, launch_batch, registered

HEADER = "external_id,first_name,last_name,email,phone,company,customer_status\n"
SECRET = ("quirina", "zwiebelmann", "qz-mailbox", "7012345", "obscurecorp", "hushhush", "qz-key")
GOOD = "qz-key1,Quirina,Zwiebelmann,qz-mailbox@example.com,+49 30 7012345,,\n"
OTHER = "qz-key2,Quirino,Other,qz-mailbox2@example.com,,,\n"
BAD = (
    "qz-key3,Quirina,Zwiebelmann,qz-mailbox@,7012345x,,\n"
    "qz-key4,Quirina,Zwiebelmann,qz-mailbox4@example.com,,Obscurecorp,hushhush\n"
    "qz-key5,Quirina,Zwiebelmann,qz-mailbox5@example.com,,Obscurecorp,\n"
    "qz-key1,Quirina,Zwiebelmann,qz-mailbox@example.com,+49 30 7012345,,\n"
    ",Quirina,Zwiebelmann,,,,\n"
    "qz-key2,Quirina,Zwiebelmann,qz-mailbox@example.com,,,\n"
)
HOOKS = (
    "(row) => ({row: {}, infos: {email: [{message: 'seen ' + row.email.value}]}})",
    "(row) => { if (row.first_name.value) throw new Error('no ' + row.last_name.value); return row; }",
)


FAILING = """
def fail(frame):
    raise ValueError("no luck with " + frame["last_name"].iloc[0])
"""


@pytest.fixture
def failing_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Python hook that is installed, and raises what stands in a row."""
    site = tmp_path / "site"
    about = site / "guest_hooks-1.dist-info"
    about.mkdir(parents=True)
    (site / "guest_hooks_of_people.py").write_text(FAILING)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: guest-hooks\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[import_pipeline.hooks]\nfail = guest_hooks_of_people:fail\n")
    monkeypatch.syspath_prepend(site)
    return "fail"


def kept_by_dagster(settings: Settings) -> str:
    """All bytes of Dagster's folder as text, in lower case."""
    files = [path for path in settings.dagster_home.rglob("*") if path.is_file()]
    return "\n".join(path.read_bytes().decode("latin-1") for path in files).lower()


def samples_of(runner: ImportRunner, run_id: str) -> list[dict[str, Any]]:
    """The samples of all checks of a run."""
    found = []
    for entry in runner.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        data = entry.get_dagster_event().asset_check_evaluation_data
        table = data.metadata.get("samples")
        found += [record.data for record in table.value.records] if isinstance(table, dg.TableMetadataValue) else []
    return found


def test_no_value_of_any_row_goes_into_dagster(runner: ImportRunner, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"create_missing": []}
    for name, text, spec in (
        ("good", HEADER + GOOD + OTHER, {}),
        ("bad", HEADER + BAD, asked),
        ("again", HEADER + "qz-key9,Quirina,Zwiebelmann,,+49 30 7012345,,\n", {"on_possible_duplicate": "ask"}),
        ("fewer", HEADER + OTHER + "qz-key8,Quirina,Zwiebelmann,qz-mailbox@,,,\n", {"action": "overwrite"}),
        ("hooked", HEADER + GOOD, {"row_hooks": HOOKS}),
        ("strict", HEADER + BAD, {"invalid_data": "block"}),
        ("headless", GOOD + OTHER, {}),
        ("told", 'external_id,tags\n7310.0,"qz-key6, Zwiebelmann"\n', {}),
        ("cut", HEADER + GOOD + 'qz-key7,"Quirina,Zwiebelmann', {}),
    ):
        record = registered(runner, contact_file(tmp_path, f"{name}.csv", text), "acme", f"imp-{name}", **spec)
        runner.execute(record.id)
    texts = {"range1": HEADER + BAD, "range2": HEADER, "range3": HEADER + BAD}
    for import_id, text in texts.items():
        registered(runner, contact_file(tmp_path, f"{import_id}.csv", text), "ranged", import_id)
    launch_batch(runner, list(texts))

    kept = kept_by_dagster(runner.settings)

    assert "imp-bad" in kept, "what is looked at holds what Dagster keeps"
    assert [secret for secret in SECRET if secret in kept] == []


def test_a_failure_that_quotes_a_row_is_told_to_who_may_see_it(
    runner: ImportRunner, tmp_path: Path, failing_hook: str
) -> None:
    path = contact_file(tmp_path, "hooked.csv", HEADER + GOOD)
    one = registered(runner, path, "acme", "imp-one", python_hooks=(failing_hook,))
    alone = launch(runner, one.id)
    for import_id in ("imp-r1", "imp-r2"):
        registered(runner, path, "acme", import_id, python_hooks=(failing_hook,))
    registered(runner, contact_file(tmp_path, "empty.csv", HEADER), "acme", "imp-r3")
    batch = launch_batch(runner, ["imp-r1", "imp-r2", "imp-r3"])
    assert (alone.success, batch.success) == (False, False)
    assert "Zwiebelmann" in str(imports.get(runner.home.registry, one.id).reason)
    assert "import-pipeline show imp-one" in failure_message(alone)
    assert "no data rows" in failure_message(batch)
    kept = kept_by_dagster(runner.settings)
    assert [secret for secret in SECRET if secret in kept] == []


def test_a_check_shows_row_column_code_message_and_the_shape_of_the_value(runner: ImportRunner, tmp_path: Path) -> None:
    path = contact_file(tmp_path, "bad.csv", "First Name,E-Mail\nAnna,Anna.B2@\n")
    run = runner.execute(registered(runner, path, "acme").id)
    [sample] = samples_of(runner, run.run_id)
    assert (sample["row_number"], sample["column"], sample["code"]) == ("1", "E-Mail", "invalid_email")
    assert sample["value"] == "Aaaa.A9@"
    assert "Not an email address" in str(sample["message"])


def test_a_team_that_may_see_the_values_sees_them(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", show_values=True)
    with ImportRunner(settings) as runner:
        path = contact_file(tmp_path, "bad.csv", "First Name,E-Mail\nAnna,Anna.B2@\nQuirina,q@example.com\n")
        run = runner.execute(registered(runner, path, "acme").id)
        assert [sample["value"] for sample in samples_of(runner, run.run_id)] == ["Anna.B2@"]
        assert "anna.b2@" in kept_by_dagster(settings)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("Anna Müller", "Aaaa Aaaaaa"),
        ("+49 (30) 123-456", "+99 (99) 999-999"),
        ("joe@", "aaa@"),
        ("李雷", "aa"),
        ("٣٤", "99"),
        ("🙂x", "·a"),
        ("", ""),
    ],
)
def test_a_shape_shows_what_kinds_of_letters_a_value_has(value: str, shape: str) -> None:
    assert shape_of(value) == shape
