"""A file that came is taken once, whoever notices it first: the call that brought it, or somebody who polls."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from import_pipeline.errors import StateError
from import_pipeline.home import Home
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.service import imports
from import_pipeline.service.incoming import incoming_path
from import_pipeline.service.reconciling import reconcile
from import_pipeline.service.uploading import finish_upload, receive_file, request_upload, settle, upload_key
from import_pipeline.settings import Settings
from import_pipeline.words import Status


@pytest.fixture
def home(settings: Settings) -> Iterator[Home]:
    """A home of files."""
    home = Home(settings)
    yield home
    home.registry.close()


def test_an_upload_is_taken_though_somebody_who_polls_noticed_its_file_first(home: Home) -> None:
    for _ in range(20):
        record = request_upload(home, ImportSpec(record_type="contact", organization="acme"))
        ended = threading.Event()

        def poll(import_id: str = record.id, ended: threading.Event = ended) -> None:
            while not ended.is_set():
                settle(home, imports.get(home, import_id))

        pollers = [threading.Thread(target=poll) for _ in range(4)]
        for poller in pollers:
            poller.start()
        try:
            path = incoming_path(home)
            path.write_bytes(b"email\nada@example.com\n")
            taken = receive_file(home, record.id, path, given_by="token:1")
        finally:
            ended.set()
            for poller in pollers:
                poller.join()
        assert taken.status is Status.QUEUED
        assert imports.get(home, record.id).size_bytes == 22


def test_of_two_uploads_for_one_import_the_second_does_not_take_the_place_of_what_is_imported(home: Home) -> None:
    for _ in range(10):
        record, at_once = request_upload(home, ImportSpec(record_type="contact")), threading.Barrier(2)

        def upload(name: str, import_id: str = record.id, at_once: threading.Barrier = at_once) -> Status | None:
            path = incoming_path(home)
            path.write_text(f"email\n{name}@example.com\n")
            at_once.wait()
            try:
                return receive_file(home, import_id, path).status
            except StateError:
                return None

        with ThreadPoolExecutor(2) as callers:
            assert set(callers.map(upload, ("ada", "eva"))) == {Status.QUEUED, None}
        assert imports.get(home, record.id).object_version == home.bucket.stat(upload_key(record.id)).version


ANOTHER_SERVER = """
import sys
from import_pipeline.home import Home
from import_pipeline.intake.local_bucket import LocalBucket
from import_pipeline.service.incoming import incoming_path
from import_pipeline.service.uploading import receive_file
from import_pipeline.settings import Settings

class SlowBucket(LocalBucket):
    def _move_in(self, path, key):
        print("bringing", flush=True)
        sys.stdin.readline()
        return super()._move_in(path, key)

home = Home(Settings())
home.bucket = SlowBucket(home.settings.local_bucket)
path = incoming_path(home)
path.write_text("email\\nada@example.com\\n")
print(receive_file(home, sys.argv[1], path).status, flush=True)
"""


def test_of_two_uploads_for_one_import_on_two_servers_the_first_to_bring_its_file_is_the_one_that_is_imported(
    home: Home,
) -> None:
    record = request_upload(home, ImportSpec(record_type="contact"))

    def upload() -> Status | None:
        path = incoming_path(home)
        path.write_text("email\neva@example.com\n")
        try:
            return receive_file(home, record.id, path).status
        except StateError:
            return None

    command = [sys.executable, "-c", ANOTHER_SERVER, record.id]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "bringing\n"
        with ThreadPoolExecutor(1) as caller:
            uploaded = caller.submit(upload)
            wait([uploaded], 0.3)
            assert other.communicate("go on\n", timeout=20)[0] == "queued\n"
            assert uploaded.result() is None
    assert b"ada" in home.bucket.read_bytes(upload_key(record.id), 100)
    assert imports.get(home, record.id).object_version == home.bucket.stat(upload_key(record.id)).version


def test_an_upload_that_was_noted_by_a_process_that_died_is_started_by_whoever_looks_next(home: Home) -> None:
    left = [request_upload(home, ImportSpec(record_type="contact", organization="acme")) for _ in range(2)]
    for record in left:
        home.bucket.write_text(upload_key(record.id), "email\nada@example.com\n")
        assert finish_upload(home, record.id).status is Status.UPLOADED
    polled, found = left
    assert settle(home, imports.get(home, polled.id)).status is Status.QUEUED
    assert reconcile(home).done == {found.id: "start"}
    assert imports.get(home, found.id).status is Status.QUEUED
