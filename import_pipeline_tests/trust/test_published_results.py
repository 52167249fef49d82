"""What an import did is read from the bucket: on any host, whole or not at all, whoever else reads or works."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from pydantic import SecretStr

from import_pipeline.errors import PayloadError, ResultsMissingError, StoppedError, StoreAwayError
from import_pipeline.home import Home
from import_pipeline.intake.bucket import unfinished
from import_pipeline.intake.local_bucket import LocalBucket
from import_pipeline.service import confirming, queries, review_pages, run_imports, transitions
from import_pipeline.service.batches import Batch
from import_pipeline.service.breaking_off import break_off
from import_pipeline.service.downloads import make_download
from import_pipeline.service.result_files import make_room
from import_pipeline.service.running import run_phase_of
from import_pipeline.settings import Settings
from import_pipeline.stores import imports, published
from import_pipeline.words import Phase, Status
from import_pipeline_tests.importing import Importing
from import_pipeline_tests.moving import move
from import_pipeline_tests.trust.test_keeping_house import round_after

STORED = "external_id,first_name\n1,Ada\n"
INCOMING = "external_id,first_name,email\n1,Eva,\n2,Bob,no address\n3,Cyd,\n"


def objects(importing: Importing, import_id: str) -> list[str]:
    return [obj.key for obj in importing.home.bucket.find(published.folder_of(import_id))]


def workspaces(importing: Importing) -> list[str]:
    return sorted(path.name for path in importing.settings.workspaces.iterdir())


def waiting(importing: Importing) -> str:
    """An import that waits because of a failed row."""
    import_id = importing.begin(INCOMING, invalid_data="block")
    importing.go(import_id)
    return import_id


def as_left_by_an_earlier_version(importing: Importing, text: str) -> str:
    """An import that ended with its results in its workspace alone."""
    import_id = importing.begin(text)
    importing.go(import_id, until=Phase.PROCESSING)
    move(importing.home.registry, import_id, Status.COMPLETED, has_errors_file=True)
    return import_id


def test_another_host_reads_the_same_while_the_import_is_held_by_somebody(s3_settings: Settings, tmp_path: Path):
    here = Importing(s3_settings, tmp_path)
    here.run(STORED)
    import_id = waiting(here)
    registry = SecretStr(f"sqlite:///{here.settings.home_path / 'registry.sqlite'}")
    there = Home(s3_settings.model_copy(update={"home": tmp_path / "there", "registry_url": registry}))
    for _ in range(2):  # the second time from its own copy
        assert queries.rows(there, import_id) == queries.rows(here.home, import_id)
        assert queries.defects(there, import_id) == queries.defects(here.home, import_id)
    changed, failed, _ = queries.rows(there, import_id)
    assert changed["changes"] == [{"field": "first_name", "before": "Ada", "after": "Eva"}]
    assert (failed["row_number"], failed["outcome"], failed["reason"]) == (2, "failed", "invalid_email")
    page = review_pages.failing_rows(there, imports.get(there.registry, import_id))
    assert [row["cells"] for row in page["rows"]] == [{"external_id": "2", "first_name": "Bob", "email": "no address"}]


@pytest.mark.parametrize("ended", [Status.COMPLETED, Status.NEEDS_REVIEW])
def test_a_host_that_was_cut_off_publishes_nothing_over_what_another_one_did_meanwhile(
    s3_settings: Settings, tmp_path: Path, ended: Status
) -> None:
    here = Importing(s3_settings, tmp_path)
    registry = SecretStr(f"sqlite:///{here.settings.home_path / 'registry.sqlite'}")
    there = Home(s3_settings.model_copy(update={"home": tmp_path / "there", "registry_url": registry}))
    import_id = here.begin(INCOMING, **({"invalid_data": "block"} if ended is Status.NEEDS_REVIEW else {}))
    for phase in (Phase.PREVALIDATION, Phase.PREPARSING):
        run_phase_of(here.home, import_id, phase, "here")
    begun = imports.get(here.home.registry, import_id)
    transitions.requeue(there, {import_id: "Its host fell silent."})
    for phase in Phase:
        run_phase_of(there, import_id, phase, "there")
    after = imports.get(there.registry, import_id)
    assert after.status is ended
    done, files = queries.rows(there, import_id), objects(here, import_id)
    assert [row["outcome"] for row in done] == ["created", "failed", "created"]

    late = Batch(here.home, [import_id], "here")
    [error] = break_off(late, [begun], Phase.TRANSFORMING, StoreAwayError("The server does not answer.")).values()

    assert isinstance(error, StoppedError)
    assert queries.rows(there, import_id) == done
    assert objects(here, import_id) == files
    assert imports.get(there.registry, import_id) == after


def test_many_readers_page_one_review_and_none_is_refused(importing: Importing):
    rows = "".join(f"{number},P,no address\n" for number in range(50))
    mapping = {name: name for name in ("external_id", "first_name", "email")}
    import_id = importing.begin(f"{','.join(mapping)}\n{rows}", invalid_data="block", column_mapping=mapping)
    importing.go(import_id)
    pages: list[int] = []

    def read() -> None:
        home, after = Home(importing.settings), 0
        while (page := review_pages.failing_rows(home, imports.get(home.registry, import_id), 10, after))["rows"]:
            pages.append(len(page["rows"]))
            after = page["next_after"] or 50

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert pages == [10] * 20


class Restless(LocalBucket):
    """A bucket in which results are replaced by the same ones as soon as somebody has asked where they lie."""

    def __init__(self, home: Home, import_id: str, times: int) -> None:
        super().__init__(home.settings.local_bucket)
        self._registry, self._import_id, self._times = home.registry, import_id, times

    def path_of(self, key: str) -> Path | None:
        path = super().path_of(key)
        if self._times:
            self._times -= 1
            record, former = (
                imports.get(self._registry, self._import_id),
                published.find(self._registry, self._import_id),
            )
            assert former is not None
            new = replace(former, version=secrets.token_hex(8))
            for key_before, key_now in ((former.rows_key, new.rows_key), (former.defects_key, new.defects_key)):
                self.upload(self._path(key_before), key_now)
            for one in published.note(self._registry, [new], record.run_id):
                for gone in one.keys:
                    self.delete(gone)
        return path


def test_whoever_reads_while_an_import_stops_anew_reads_what_it_is_then(importing: Importing, tmp_path: Path):
    done = importing.run(INCOMING)["id"]
    rows, defects = queries.rows(importing.home, done), queries.defects(importing.home, done)
    file = tmp_path / "errors.csv"

    def restless() -> Home:
        home = Home(importing.settings)
        home.__dict__["bucket"] = Restless(importing.home, done, times=2)
        return home

    assert queries.rows(restless(), done) == rows
    assert queries.defects(restless(), done) == defects
    assert queries.rows_page(restless(), done)["total"] == 3
    make_download(restless(), done, "errors.csv", file)
    assert file.read_text().count("\n") == 2
    page = review_pages.failing_rows(restless(), imports.get(importing.home.registry, done))
    assert [row["row_number"] for row in page["rows"]] == [2]


def test_readers_that_make_room_for_copies_at_once_do_not_disturb_each_other(tmp_path: Path):
    def bring(reader: int) -> None:
        for number in range(100):
            make_room(tmp_path, 1)
            with unfinished(tmp_path / f"{reader}-{number % 3}") as part:
                part.write_bytes(b"x")

    with ThreadPoolExecutor(4) as readers:
        list(readers.map(bring, range(4)))
    assert len(list(tmp_path.iterdir())) == 12


def test_an_object_that_is_gone_is_named_and_never_read_as_nothing(importing: Importing, tmp_path: Path):
    done = importing.run(INCOMING)["id"]
    rows, defects = sorted(objects(importing, done), reverse=True)
    importing.home.bucket.delete(rows)
    with pytest.raises(ResultsMissingError, match=rows):
        queries.rows(importing.home, done)
    with pytest.raises(ResultsMissingError, match=rows):
        make_download(importing.home, done, "errors.csv", tmp_path / "errors.csv")
    importing.home.bucket.delete(defects)
    with pytest.raises(ResultsMissingError):
        queries.defects(importing.home, done)


def test_an_import_that_never_read_a_row_has_nothing_to_show(importing: Importing):
    import_id = importing.begin(b"\x7fELF\x00\x01\x00")
    with pytest.raises(PayloadError):
        importing.go(import_id)
    assert queries.rows(importing.home, import_id) == []
    assert [one["code"] for one in queries.defects(importing.home, import_id)] == ["unreadable_file"]


def test_what_an_earlier_version_left_in_a_workspace_is_read_and_outlives_it(importing: Importing):
    read, cleared = (as_left_by_an_earlier_version(importing, text) for text in (INCOMING, STORED))
    assert [row["outcome"] for row in queries.rows(importing.home, read)] == ["created", "failed", "created"]
    assert importing.errors_file(read).splitlines()[1].startswith('"2","Bob","no address","2","invalid_email"')
    assert round_after(importing, 1.1) == {"workspaces": 2}
    assert workspaces(importing) == []
    assert [row["outcome"] for row in queries.rows(importing.home, cleared)] == ["updated"]
    assert len(queries.defects(importing.home, read)) == 1


def test_results_that_were_left_on_another_host_are_missing_and_not_empty(importing: Importing):
    import_id = as_left_by_an_earlier_version(importing, STORED)
    (importing.settings.workspaces / f"{import_id}.duckdb").unlink()
    with pytest.raises(ResultsMissingError, match=import_id):
        queries.rows(importing.home, import_id)


def test_a_later_stop_takes_the_place_of_the_one_before_it_and_leaves_one_version(importing: Importing):
    import_id = waiting(importing)
    first = objects(importing, import_id)
    assert workspaces(importing) == []
    confirming.confirm(importing.home, import_id, invalid_data="remove_rows")
    assert objects(importing, import_id) == first  # what is read while it goes on
    importing.go(import_id)
    assert len(objects(importing, import_id)) == 2
    assert not set(first) & set(objects(importing, import_id))
    assert [row["outcome"] for row in queries.rows(importing.home, import_id)] == ["created", "failed", "created"]


def test_small_imports_of_a_batch_leave_one_file_each_and_two_where_rows_failed(importing: Importing):
    texts = [f"external_id,first_name\n{number},P\n" for number in range(3)] + [
        "external_id,email\n8,a@example.com\n9,no address\n"
    ]
    ids = [importing.begin(text) for text in texts]
    run_imports.run_imports(importing.home, ids, None, lambda phase, result: None)
    assert [len(objects(importing, import_id)) for import_id in ids] == [1, 1, 1, 2]
    assert workspaces(importing) == []


def test_results_say_of_each_of_many_rows_what_became_of_it(importing: Importing):
    importing.run(STORED)
    many = "".join(f"{number},P{number},p{number}@example.com\n" for number in range(4, 10_001))
    import_id = importing.begin(INCOMING + many)
    importing.go(import_id)
    rows = queries.rows(importing.home, import_id, limit=20_000)
    assert [row["outcome"] for row in rows] == ["updated", "failed", *["created"] * 9_998]
    assert rows[0]["changes"] == [{"field": "first_name", "before": "Ada", "after": "Eva"}]
    last = {change["field"]: (change["before"], change["after"]) for change in rows[-1]["changes"]}
    assert last == {
        "external_id": (None, "10000"),
        "first_name": (None, "P10000"),
        "email": (None, "p10000@example.com"),
    }
    assert importing.errors_file(import_id).splitlines()[1].startswith('"2","Bob","no address","2","invalid_email"')
    assert workspaces(importing) == []


def test_what_is_published_is_parquet_that_anybody_can_read(importing: Importing):
    importing.run(STORED)
    done = importing.run(INCOMING)["id"]
    about = published.find(importing.home.registry, done)
    assert about is not None
    path = importing.home.bucket.path_of(about.rows_key)
    with duckdb.connect() as connection:
        select = 'SELECT row_number, outcome, "before".first_name, "after".first_name, cells FROM read_parquet(?)'
        found = connection.execute(f"{select} ORDER BY row_number", [str(path)]).fetchall()
    assert found == [
        (1, "updated", "Ada", "Eva", None),
        (2, "failed", None, None, ["2", "Bob", "no address"]),
        (3, "created", None, "Cyd", None),
    ]
