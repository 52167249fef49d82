"""Imports of one batch leave what they would have left one after the other, whatever they have in common."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from import_pipeline.errors import ImportPipelineError
from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import creating, queries, run_imports, running, transitions
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline.words import RESULTS, Phase, Source, Status
from import_pipeline_tests.examples import examples
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.store_kinds import Stores
from import_pipeline_tests.stored import all_tables

COLUMNS = {
    "external_id": ["", "1", "2", "3"],
    "email": ["a@example.com", "b@example.com", "B@example.com", "no address", ""],
    "phone": ["+1 555 0100", "+1 555 0101", "12", ""],
    "first_name": ["Ann", "Bob", "", "Cyd"],
    "date_of_birth": ["1990-01-02", "1990-02-30", ""],
    "status": ["lead", "Kunde", ""],
    "groups": ["Team", "team", "Other", ""],
    "source": ["Fair", "fair", "Web", ""],
    "company_external_id": ["c1", "c2", ""],
    "Shoe size": ["38", ""],
}
APART = {"external_id": "{}-{}", "email": "{}.{}", "phone": "{1}{0}{0}"}
CONSTANT = ("updated_at", "created_at", "changed_at", "applied_at", "digest", "sequence", "mark_sequence")


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[str], dict[str, Any]]:
    """Some files with the same columns, seldom in another order, most with identifiers of their own; and the spec."""
    columns = draw(st.lists(st.sampled_from(list(COLUMNS)), unique=True, min_size=3, max_size=7))
    if not {"external_id", "email", "phone"} & set(columns):
        columns.append("email")
    files = []
    for number in range(draw(st.integers(2, 6))):
        apart = draw(st.integers(0, 4)) > 0
        ordered = columns if draw(st.integers(0, 4)) > 0 else columns[::-1]
        rows = draw(st.lists(st.tuples(*(st.sampled_from(COLUMNS[name]) for name in ordered)), min_size=1, max_size=5))
        lines = [",".join(ordered)]
        for row in rows:
            cells = [
                APART[name].format(number, cell) if apart and cell and name in APART else cell
                for name, cell in zip(ordered, row, strict=True)
            ]
            lines.append(",".join(cells))
        files.append("\n".join(lines) + "\n")
    asked = {
        "duplicate_strategy": draw(st.sampled_from(["skip", "fill", "merge", "overwrite"])),
        "duplicate_handling": draw(st.sampled_from(["ignore_all", "use_first"])),
        "invalid_data": draw(st.sampled_from(["remove_rows", "null_cells"])),
        "create_missing": draw(st.sampled_from([[], ["company", "group", "source"], ["group", "source"]])),
        "keep_unmapped": draw(st.booleans()),
        "tags": draw(st.sampled_from([[], ["fair"]])),
        "groups": draw(st.sampled_from([[], ["Team"]])),
        "column_mapping": {name: name for name in columns if name != "Shoe size"},
        "reading": {"delimiter": ",", "header_row": 1},
    }
    if "status" in columns:
        asked["value_mappings"] = {"status": {"Kunde": "customer"}}
    return files, asked


@examples(3, shrink=False)  # each takes seconds
@given(before=batches(), batch=batches())
def test_imports_in_batches_store_what_they_store_one_by_one(stores: Stores, before, batch):
    with tempfile.TemporaryDirectory() as folder, _two_homes_after(stores, Path(folder), before) as (one, other):
        told_in_batches = _told_after(one, batch, at_once=True)
        told_alone = _told_after(other, batch, at_once=False)
        for what, told in told_alone.items():
            assert (what, told_in_batches[what]) == (what, told)


def test_imports_that_do_not_conflict_are_one_batch(importing):
    ids = [
        importing.begin(f"email,first_name\na{n}@example.com,Ann\nb{n}@example.com,Bob\nbad,Cyd\n") for n in range(5)
    ]
    assert import_in_batches(importing, ids) == ids
    assert len(importing.stored()) == 10
    assert importing.defects(ids[3]) == [(3, "email", "invalid_email")]


def test_an_import_that_cannot_be_read_leaves_the_others_alone(importing):
    ids = [importing.begin(f"email\na{n}@example.com\n") for n in range(3)]
    broken = importing.begin("email\n")
    assert import_in_batches(importing, [ids[0], broken, *ids[1:]]) == ids
    assert queries.import_object(importing.home, broken)["status"] == "failed"
    assert [queries.import_object(importing.home, one)["status"] for one in ids] == ["completed"] * 3
    assert len(importing.stored()) == 3


def test_an_import_that_is_cancelled_before_it_is_written_is_not_written(importing):
    ids = [importing.begin(f"email\na{n}@example.com\n") for n in range(3)]
    transitions.cancel(importing.home, [ids[1]]).one()
    assert import_in_batches(importing, ids) == [ids[0], ids[2]]
    assert sorted(record["email"] for record in importing.stored()) == ["a0@example.com", "a2@example.com"]


def test_the_same_bytes_come_in_once_by_the_automatic_ways(importing):
    home = importing.home
    obj = home.bucket.upload(_file(importing.folder, "email\na@example.com\n"), "uploads/default/contact/a.csv")
    other = home.bucket.upload(_file(importing.folder, "email\nb@example.com\n"), "uploads/default/contact/b.csv")
    again = home.bucket.upload(_file(importing.folder, "email\na@example.com\n"), "uploads/default/contact/c.csv")
    spec = ImportSpec(record_type="contact")
    ids = [
        creating.create_from_object(home, one, spec, Source.BUCKET, status=Status.QUEUED).id
        for one in (obj, other, again)
    ]
    assert import_in_batches(importing, ids) == ids[:2]
    # Another file wrote the table between them: what the repeat would do then, a person has to say.
    assert imports.get(home.registry, ids[2]).status is Status.NEEDS_REVIEW
    assert len(importing.stored()) == 2


def test_a_repeat_right_behind_its_first_is_left_out_and_what_follows_comes_in(importing):
    texts = ["email\na@example.com\n", "email\na@example.com\n", "email\nb@example.com\n", "email\nc@example.com\n"]
    home, spec = importing.home, ImportSpec(record_type="contact")
    found = [
        home.bucket.upload(_file(importing.folder, text), f"uploads/default/contact/{place}.csv")
        for place, text in enumerate(texts)
    ]
    ids = [creating.create_from_object(home, one, spec, Source.BUCKET, status=Status.QUEUED).id for one in found]
    import_in_batches(importing, ids)
    ended = [imports.get(home.registry, import_id).status for import_id in ids]
    assert ended == [Status.COMPLETED, Status.CANCELLED, Status.COMPLETED, Status.COMPLETED]
    assert len(importing.stored()) == 3


def test_files_of_different_shapes_come_in_their_order(importing):
    files = ["email,first_name\na@example.com,First\nb@example.com,B\n", "email,first_name\nc@example.com,C\n"]
    files += ["first_name,email\nSecond,a@example.com\n", "email,first_name\na@example.com,Third\n"]
    ids = [importing.begin(text) for text in files]
    assert import_in_batches(importing, ids) == ids[:2]
    stored = {record["email"]: record["first_name"] for record in importing.stored()}
    assert stored == {"a@example.com": "Third", "b@example.com": "B", "c@example.com": "C"}


def test_how_dates_are_written_is_found_in_each_file_by_itself(importing):
    written = ["25/12/1990", "13/01/1991", "03/04/1993", "12/25/1992", "14/02/1994"]
    ids = [importing.begin(f"email,date_of_birth\na{n}@example.com,{day}\n") for n, day in enumerate(written)]
    assert import_in_batches(importing, ids) == ids[:2]
    statuses = [imports.get(importing.home.registry, one).status for one in ids]
    assert statuses == [Status.NEEDS_REVIEW if n == 2 else Status.COMPLETED for n in range(5)]
    stored = {record["email"][1]: str(record["date_of_birth"]) for record in importing.stored()}
    assert stored == {"0": "1990-12-25", "1": "1991-01-13", "3": "1992-12-25", "4": "1994-02-14"}


def test_a_defect_of_a_row_is_told_of_the_row_of_its_own_file(importing):
    whole = "email,first_name\na{0}@example.com,Ann\nb{0}@example.com,Bob\n"
    ids = [importing.begin(whole.format(n) + ("c@example.com,Cyd,x\n" if n == 1 else "")) for n in range(3)]
    import_in_batches(importing, ids)
    assert [[row for row, *_ in importing.defects(one)] for one in ids] == [[], [3], []]
    assert len(importing.stored()) == 6


def _file(folder: Path, text: str) -> Path:
    path = folder / "object"
    path.write_text(text)
    return path


@contextmanager
def _two_homes_after(
    stores: Stores, folder: Path, before: tuple[list[str], dict[str, Any]]
) -> Iterator[tuple[Settings, Settings]]:
    """Two new homes after the same imports one by one: where records lie in the home, the second is a copy."""
    with stores.new_settings(folder / "one") as one, stores.new_settings(folder / "other") as other:
        for settings in (one,) if stores.kind == "file" else (one, other):
            settings.home_path.mkdir()
            home = Home(settings)
            _import(home, "before", *before, at_once=False)
            home.registry.close()
        if stores.kind == "file":
            shutil.copytree(one.home_path, other.home_path)
        yield one, other


def _told_after(settings: Settings, batch: tuple[list[str], dict[str, Any]], *, at_once: bool) -> dict[str, Any]:
    """What is told of a home after imports, perhaps in batches."""
    home = Home(settings)
    _import(home, "batch", *batch, at_once=at_once)
    told = _told(home)
    home.registry.close()
    return told


def _import(home: Home, name: str, files: list[str], asked: dict[str, Any], *, at_once: bool) -> None:
    ids = []
    for number, text in enumerate(files):
        path = home.settings.home_path / "file.csv"
        path.write_text(text)
        spec = ImportSpec.model_validate({"record_type": "contact", **asked})
        ids.append(creating.create_from_file(home, path, spec, Source.TERMINAL, import_id=f"{name}{number}").id)
    if at_once:
        run_imports.run_imports(home, ids, None, lambda phase, result: None)
    else:
        for import_id in ids:
            _import_alone(home, import_id)


def _import_alone(home: Home, import_id: str) -> None:
    """Take an import through its phases by itself; it may fail, in the same way wherever it goes."""
    with suppress(ImportPipelineError):
        for phase in Phase:
            running.run_phase_of(home, import_id, phase)


def import_in_batches(importing: Importing, ids: list[str]) -> list[str]:
    """Take imports through their phases; gives those that came to their end in a batch with others."""
    ended: list[str] = []

    def note(phase: Phase, result: running.PhaseResult) -> None:
        if phase is Phase.CLEANUP and len(result.reports) > 1:
            ended.extend(result.reports)

    run_imports.run_imports(importing.home, ids, None, note)
    return ended


def _told(home: Home) -> dict[str, Any]:
    """Everything that is stored, and what the program tells of each import."""
    told: dict[str, Any] = {**all_tables(home.settings, CONSTANT)}
    for record in imports.list_imports(home.registry, limit=100).items:
        imported = queries.import_object(home, record.id)
        told[record.id] = {
            name: value for name, value in imported.items() if name.endswith(("_count", "_rows", "_file"))
        }
        told[record.id] |= {"status": imported["status"], "mapping": imported["column_mapping"]}
        told[record.id]["phases"] = [
            (phase["status"], phase["total"], phase["success"], phase["error"]) for phase in imported["phases"]
        ]
        told[record.id]["defects"] = queries.defects(home, record.id, limit=1_000)
        told[record.id]["rows"] = queries.rows(home, record.id, limit=1_000)
        results = home.settings.local_bucket / RESULTS / record.id
        told[record.id]["files"] = {path.name: path.read_text() for path in sorted(results.glob("*.csv"))}
    return told
