"""What is particular to a folder as the bucket: links, other people's files, and how fast it is listed."""

import errno
import hashlib
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from import_pipeline.errors import BucketError, InvalidNameError, NotFoundError, ObjectChangedError
from import_pipeline.intake.bucket import Bucket
from import_pipeline.intake.buckets import open_bucket
from import_pipeline.settings import Settings

PLACE = "uploads/acme/contact"


@pytest.fixture
def folder(settings: Settings) -> Path:
    """The watched folder of a contact import, as a person sees it."""
    folder = settings.local_bucket / PLACE
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def local(settings: Settings) -> Bucket:
    """The bucket of the home."""
    return open_bucket(settings)


def test_a_bucket_that_nobody_wrote_to_is_empty(local: Bucket) -> None:
    assert local.find() == []
    assert not local.exists("uploads/acme/contact/a.csv")


@pytest.mark.parametrize("inside", [True, False], ids=["into the bucket", "out of the bucket"])
def test_a_link_to_a_file_is_neither_listed_nor_followed(
    local: Bucket, folder: Path, tmp_path: Path, inside: bool
) -> None:
    target = (folder if inside else tmp_path) / "secret"
    target.write_text("secret")
    (folder / "a.csv").symlink_to(target)
    assert f"{PLACE}/a.csv" not in [obj.key for obj in local.find()]
    for use in (local.stat, local.exists, local.delete, lambda key: local.read_bytes(key, 10)):
        with pytest.raises(InvalidNameError, match="symbolic link"):
            use(f"{PLACE}/a.csv")
    with pytest.raises(InvalidNameError):
        local.write_text(f"{PLACE}/a.csv", "overwritten")
    assert target.read_text() == "secret"


def test_a_link_to_a_folder_is_neither_listed_nor_followed(local: Bucket, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.csv").write_text("secret")
    (folder / "away").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    assert local.find() == []
    assert local.find(f"{PLACE}/away/") == []
    with pytest.raises(InvalidNameError):
        local.stat(f"{PLACE}/away/a.csv")
    with pytest.raises(InvalidNameError):
        local.write_text(f"{PLACE}/away/b.csv", "x")
    assert [path.name for path in outside.iterdir()] == ["a.csv"]


def test_a_pipe_is_no_object_and_nobody_waits_for_it(local: Bucket, folder: Path) -> None:
    os.mkfifo(folder / "a.csv")
    assert local.find() == []
    with pytest.raises(NotFoundError):
        local.read_bytes(f"{PLACE}/a.csv", 10)


def test_a_file_name_that_is_no_text_is_listed_and_otherwise_refused(local: Bucket, folder: Path) -> None:
    (folder / os.fsdecode(b"a\xff.csv")).write_text("a")
    (obj,) = local.find("uploads/")
    with pytest.raises(InvalidNameError):
        local.stat(obj.key)


def test_a_name_cannot_be_both_an_object_and_a_folder(local: Bucket) -> None:
    local.write_text("results/a", "object")
    with pytest.raises(BucketError, match="both an object and a folder"):
        local.write_text("results/a/b", "x")
    local.write_text("results/c/d", "object")
    with pytest.raises(BucketError, match="both an object and a folder"):
        local.write_text("results/c", "x")
    assert [obj.key for obj in local.find()] == ["results/a", "results/c/d"]


def test_the_version_tells_a_file_that_keeps_its_time_and_size(local: Bucket, folder: Path) -> None:
    path = folder / "a.csv"
    path.write_text("one")
    first = local.stat(f"{PLACE}/a.csv")
    other = folder.parent / "b.csv"
    other.write_text("two")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)
    assert local.stat(f"{PLACE}/a.csv").version != first.version


def test_a_file_copied_with_an_old_time_counts_as_changed_when_it_came(local: Bucket, folder: Path) -> None:
    path = folder / "a.csv"
    path.write_text("one")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert abs(local.stat(f"{PLACE}/a.csv").modified - time.time()) < 60


def test_a_file_that_grows_while_it_is_read_is_refused(
    local: Bucket, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(local), "copied_bytes", 100)
    path = folder / "a.csv"
    path.write_bytes(b"x" * 1000)
    obj = local.stat(f"{PLACE}/a.csv")

    def grow(received: int) -> None:
        if received == 100:
            with path.open("ab") as file:
                file.write(b"more")

    with pytest.raises(ObjectChangedError):
        local.download(obj, tmp_path / "copy", 10_000, on_progress=grow)
    assert not (tmp_path / "copy").exists()


def test_an_upload_that_breaks_off_leaves_the_old_object_and_nothing_else(local: Bucket, settings: Settings) -> None:
    unreadable = Path("/proc/self/mem")  # opens, and fails when it is read
    if not unreadable.exists():
        pytest.skip("this system has no file that fails when it is read")
    local.write_text(f"{PLACE}/a.csv", "old")
    with pytest.raises(BucketError):
        local.upload(unreadable, f"{PLACE}/a.csv")
    assert local.read_bytes(f"{PLACE}/a.csv", 10) == b"old"
    assert [path.name for path in settings.local_bucket.rglob("*") if path.is_file()] == ["a.csv"]


def test_a_file_that_is_moved_in_is_not_copied_unless_it_lies_on_another_disk(
    local: Bucket, settings: Settings
) -> None:
    incoming = settings.home_path / "incoming"
    incoming.parent.mkdir(parents=True)
    incoming.write_bytes(b"here")
    inode = incoming.stat().st_ino
    local.move_in(incoming, f"{PLACE}/a.csv")
    assert (settings.local_bucket / PLACE / "a.csv").stat().st_ino == inode
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == settings.home_path.stat().st_dev:
        pytest.skip("this system has no second disk")
    with tempfile.NamedTemporaryFile(dir=memory) as elsewhere:
        elsewhere.write(b"elsewhere")
        elsewhere.flush()
        local.move_in(Path(elsewhere.name), f"{PLACE}/a.csv")
    assert local.read_bytes(f"{PLACE}/a.csv", 10) == b"elsewhere"
    assert [path.name for path in settings.local_bucket.rglob("*") if path.is_file()] == ["a.csv"]


def test_a_name_that_is_a_folder_takes_no_file_that_is_moved_in(local: Bucket, settings: Settings) -> None:
    local.write_text(f"{PLACE}/a/b.csv", "b")
    incoming = settings.home_path / "incoming"
    incoming.write_bytes(b"here")
    for key in (f"{PLACE}/a", f"{PLACE}/a/b.csv/c"):
        with pytest.raises(BucketError, match="cannot be stored"):
            local.move_in(incoming, key)
    assert incoming.read_bytes() == b"here"


def test_ten_thousand_objects_are_listed_in_a_moment(local: Bucket, folder: Path) -> None:
    for number in range(10_000):
        (folder / f"{number:05}.csv").touch()
    started = time.process_time()
    found = local.find("uploads/")
    assert time.process_time() - started < 5
    assert len(found) == 10_000
    assert found[0].key == f"{PLACE}/00000.csv"
    assert found[-1].key == f"{PLACE}/09999.csv"


def test_rights_that_change_while_a_file_is_read_are_no_change_of_the_file(
    local: Bucket, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(local), "copied_bytes", 100)
    path = folder / "a.csv"
    path.write_bytes(b"x" * 1000)
    before = local.stat(f"{PLACE}/a.csv")
    came = local.download(before, tmp_path / "copy", 1000, on_progress=lambda received: path.chmod(0o600))
    assert (came.size_bytes, (tmp_path / "copy").read_bytes()) == (1000, path.read_bytes())
    assert local.stat(before.key).version == before.version


@pytest.mark.parametrize("answer", [errno.EXDEV, errno.EINVAL, 0])
def test_a_file_that_the_system_does_not_copy_is_copied_all_the_same(
    local: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    def refuse(source: int, target: int, most: int) -> int:
        if answer:
            raise OSError(answer, os.strerror(answer))
        return 0

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    content = b"0123456789" * 300_000
    (tmp_path / "content").write_bytes(content)
    obj = local.upload(tmp_path / "content", f"{PLACE}/a.csv")
    came = local.download(obj, tmp_path / "copy", len(content))
    assert (tmp_path / "copy").read_bytes() == content
    assert came.checksum == hashlib.sha256(content).hexdigest()


def test_objects_written_while_the_last_one_of_their_folder_is_deleted_arrive(local: Bucket) -> None:
    def write_and_delete(number: int) -> None:
        for turn in range(60):
            local.write_text(f"payloads/shared/{number}-{turn}.csv", "x")
            local.delete(f"payloads/shared/{number}-{turn}.csv")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_and_delete, range(4)))
    assert local.find() == []
