"""What a bucket promises, each promise on a folder and on a real S3 server."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from import_pipeline.errors import (
    InvalidNameError,
    LimitExceededError,
    NotFoundError,
    ObjectChangedError,
)
from import_pipeline.intake.bucket import Bucket, StoredObject
from import_pipeline.intake.object_names import is_key
from import_pipeline_tests.examples import examples

AWKWARD = [
    "uploads/default/contact/plain.csv",
    "uploads/default/contact/with space.csv",
    "uploads/default/contact/ leading and trailing ",
    "uploads/default/contact/Grüße 你好 🎉.csv",
    "uploads/default/contact/cafe\u0301.csv",
    "uploads/default/contact/caf\u00e9.csv",
    "uploads/default/contact/#1?versionId=2&x=%41%zz+.csv",
    "uploads/default/contact/[x]{a,b}*?.csv",
    'uploads/default/contact/it\'s "quoted" `$(id)`;.csv',
    "uploads/default/contact/s3:..example.csv",
    "uploads/default/contact/file:",
    "uploads/default/contact/~",
    "uploads/default/contact/.hidden",
    "uploads/default/contact/a=b,c&d<e>|f",
    "uploads/default/contact/" + "n" * 255,
]
HOSTILE = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../registry.sqlite",
    "uploads/../../registry.sqlite",
    "uploads/./a",
    "uploads//a",
    "uploads/a/",
    "uploads/a\x00.csv",
    "uploads/a\n.csv",
    "uploads/a\x7f",
    "uploads/a\u2028b",
    "uploads\\..\\a",
    "uploads/\udcff.csv",
    "uploads/" + "n" * 256,
    "u/" * 600 + "a",
    ".unfinished/a",
    "s3://other/key",
    "file:///etc/passwd",
]


def stored(bucket: Bucket, key: str, content: bytes, folder: Path) -> StoredObject:
    path = folder / "content"
    path.write_bytes(content)
    return bucket.upload(path, key)


def content_of(bucket: Bucket, key: str) -> bytes:
    return bucket.read_bytes(key, 1_000_000)


def test_an_object_comes_back_byte_for_byte_with_its_checksum(bucket: Bucket, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    obj = stored(bucket, "uploads/default/contact/a.bin", content, tmp_path)
    download = bucket.download(obj, tmp_path / "copy", max_bytes=len(content))
    assert (tmp_path / "copy").read_bytes() == content
    assert download.checksum == hashlib.sha256(content).hexdigest()
    assert download.size_bytes == obj.size == len(content)


def test_an_empty_object_comes_back_empty(bucket: Bucket, tmp_path: Path) -> None:
    obj = stored(bucket, "uploads/default/contact/empty.csv", b"", tmp_path)
    assert obj.size == 0
    assert bucket.download(obj, tmp_path / "copy", 10).size_bytes == 0
    assert (tmp_path / "copy").read_bytes() == b""


def test_a_large_object_is_stored_in_parts_and_comes_back_whole(bucket: Bucket, tmp_path: Path) -> None:
    content = b"0123456789abcdef" * (33 * 1024 * 1024 // 16) + b"rest"
    obj = stored(bucket, "payloads/imp_1/large.csv", content, tmp_path)
    assert obj.size == len(content)
    assert bucket.download(obj, tmp_path / "copy", len(content)).checksum == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("key", AWKWARD)
def test_a_name_is_taken_letter_by_letter(bucket: Bucket, tmp_path: Path, key: str) -> None:
    bucket.write_text(key, "me")
    bucket.write_text("uploads/default/contact/other", "not me")
    assert content_of(bucket, key) == b"me"
    obj = bucket.stat(key)
    assert obj.key == key
    assert obj in bucket.find("uploads/")
    bucket.download(obj, tmp_path / "copy", 10)
    assert (tmp_path / "copy").read_bytes() == b"me"
    bucket.delete(key)
    assert not bucket.exists(key)
    assert [left.key for left in bucket.find()] == ["uploads/default/contact/other"]


@pytest.mark.parametrize("key", HOSTILE)
def test_a_hostile_name_is_refused_by_every_method(bucket: Bucket, tmp_path: Path, key: str) -> None:
    (tmp_path / "content").write_bytes(b"x")
    for use in (
        lambda: bucket.stat(key),
        lambda: bucket.exists(key),
        lambda: bucket.read_bytes(key, 10),
        lambda: bucket.download(StoredObject(key, 1, 0.0, "v"), tmp_path / "copy", 10),
        lambda: bucket.upload(tmp_path / "content", key),
        lambda: bucket.move_in(tmp_path / "content", key),
        lambda: bucket.write_text(key, "x"),
        lambda: bucket.delete(key),
    ):
        with pytest.raises(InvalidNameError):
            use()
    assert bucket.find() == []
    assert not (tmp_path / "copy").exists()


NAMES = st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4).map("/".join)


@examples(30)
@given(key=NAMES)
@example(key="a%2Fb")
@example(key="a+b c&d")
@example(key="?versionId=1")
def test_any_name_is_either_refused_or_holds_its_own_object(bucket: Bucket, key: str) -> None:
    if not is_key(key):
        with pytest.raises(InvalidNameError):
            bucket.write_text(key, key)
        return
    assert bucket.write_text(key, key).key == key
    assert content_of(bucket, key) == key.encode()
    assert [obj.key for obj in bucket.find(key) if obj.key == key] == [key]
    bucket.delete(key)
    assert bucket.find() == []


def test_a_name_is_free_again_when_all_objects_below_it_are_deleted(bucket: Bucket) -> None:
    bucket.write_text("uploads/a/b/c", "first")
    bucket.delete("uploads/a/b/c")
    bucket.write_text("uploads/a", "second")
    assert content_of(bucket, "uploads/a") == b"second"


def test_a_listing_is_sorted_and_keeps_to_its_prefix(bucket: Bucket) -> None:
    for key in ("uploads/b/x", "uploads/a/y", "uploads/a b/z", "uploads2/x", "results/uploads/x"):
        bucket.write_text(key, key)
    assert [obj.key for obj in bucket.find("uploads/")] == ["uploads/a b/z", "uploads/a/y", "uploads/b/x"]
    assert [obj.key for obj in bucket.find("uploads/a")] == ["uploads/a b/z", "uploads/a/y"]
    assert bucket.find("nothing/here/") == []
    assert [obj.size for obj in bucket.find("results/")] == [len("results/uploads/x")]


@pytest.mark.parametrize("prefix", ["../", "/", "uploads/../..", "a//b", "\x00", "..\\"])
def test_a_hostile_prefix_is_refused(bucket: Bucket, prefix: str) -> None:
    with pytest.raises(InvalidNameError):
        bucket.find(prefix)


def test_the_version_is_the_same_in_listing_and_stat_and_changes_with_the_content(bucket: Bucket) -> None:
    first = bucket.write_text("uploads/default/contact/a.csv", "one")
    assert bucket.find("uploads/")[0].version == bucket.stat("uploads/default/contact/a.csv").version == first.version
    second = bucket.write_text("uploads/default/contact/a.csv", "two")
    assert second.version != first.version
    assert bucket.find("uploads/")[0].version == second.version


def test_a_missing_object_is_named(bucket: Bucket, tmp_path: Path) -> None:
    obj = StoredObject("uploads/default/contact/gone.csv", 3, 0.0, "abc")
    for use in (
        lambda: bucket.stat(obj.key),
        lambda: bucket.read_bytes(obj.key, 10),
        lambda: bucket.download(obj, tmp_path / "copy", 10),
    ):
        with pytest.raises(NotFoundError, match=r"gone\.csv"):
            use()
    assert not bucket.exists(obj.key)
    bucket.delete(obj.key)


def test_a_folder_is_not_an_object(bucket: Bucket) -> None:
    bucket.write_text("uploads/default/contact/a.csv", "a")
    assert not bucket.exists("uploads/default")
    with pytest.raises(NotFoundError):
        bucket.stat("uploads/default")
    bucket.delete("uploads/default")
    assert bucket.exists("uploads/default/contact/a.csv")


def test_an_overwritten_object_is_not_downloaded_as_the_old_version(bucket: Bucket, tmp_path: Path) -> None:
    old = bucket.write_text("uploads/default/contact/a.csv", "one")
    bucket.write_text("uploads/default/contact/a.csv", "two")
    with pytest.raises(ObjectChangedError):
        bucket.download(old, tmp_path / "copy", 10)
    assert list(tmp_path.glob("*copy*")) == []


@pytest.mark.parametrize("size", [8_000, 24_000_000])
@pytest.mark.parametrize("change", ["overwrite", "delete"])
def test_an_object_that_changes_while_it_is_read_is_refused(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, size: int
) -> None:
    for name in ("chunk_bytes", "copied_bytes"):
        monkeypatch.setattr(type(bucket), name, size // 8, raising=False)
    obj = stored(bucket, "uploads/default/contact/a.csv", b"old " * (size // 4), tmp_path)
    seen: list[int] = []

    def change_it(received: int) -> None:
        seen.append(received)
        if len(seen) == 1 and change == "delete":
            bucket.delete(obj.key)
        elif len(seen) == 1:
            stored(bucket, obj.key, b"new " * (size // 4), tmp_path)

    with pytest.raises(ObjectChangedError):
        bucket.download(obj, tmp_path / "copy", size, on_progress=change_it)
    assert seen[0] == size // 8
    assert not (tmp_path / "copy").exists()
    assert list(tmp_path.glob(".*.part")) == []


def test_a_download_stops_at_the_limit_even_if_the_listing_said_less(bucket: Bucket, tmp_path: Path) -> None:
    obj = stored(bucket, "uploads/default/contact/a.csv", b"x" * 5000, tmp_path)
    with pytest.raises(LimitExceededError, match="IMPORT_PIPELINE_MAX_FILE_BYTES"):
        bucket.download(obj, tmp_path / "copy", max_bytes=4999)
    lied = StoredObject(obj.key, 1, obj.modified, obj.version)
    with pytest.raises(LimitExceededError):
        bucket.download(lied, tmp_path / "copy", max_bytes=4999)
    with pytest.raises(LimitExceededError):
        bucket.read_bytes(obj.key, 4999)
    assert not (tmp_path / "copy").exists()
    assert list(tmp_path.glob(".*.part")) == []
    assert bucket.download(obj, tmp_path / "copy", max_bytes=5000).size_bytes == 5000


def test_a_file_that_is_moved_in_takes_the_place_of_the_old_object(bucket: Bucket, tmp_path: Path) -> None:
    bucket.write_text("payloads/imp_1/payload", "old")
    (tmp_path / "content").write_bytes(b"email\nada@example.com\n")
    obj = bucket.move_in(tmp_path / "content", "payloads/imp_1/payload")
    assert obj == bucket.stat("payloads/imp_1/payload")
    assert content_of(bucket, "payloads/imp_1/payload") == b"email\nada@example.com\n"
    with pytest.raises(FileNotFoundError):
        bucket.move_in(tmp_path / "no such file", "payloads/imp_1/payload")
    assert [one.key for one in bucket.find()] == ["payloads/imp_1/payload"]


def test_a_failed_upload_leaves_the_old_object_in_place(bucket: Bucket, tmp_path: Path) -> None:
    bucket.write_text("uploads/default/contact/a.csv", "old")
    with pytest.raises(FileNotFoundError):
        bucket.upload(tmp_path / "no such file", "uploads/default/contact/a.csv")
    assert content_of(bucket, "uploads/default/contact/a.csv") == b"old"
    assert len(bucket.find()) == 1


def test_results_are_stored_as_utf_8(bucket: Bucket) -> None:
    assert bucket.write_text("results/imp_1/defects.csv", "Zeile,Grüße\r\n").size == len("Zeile,Grüße\r\n".encode())
    assert content_of(bucket, "results/imp_1/defects.csv").decode() == "Zeile,Grüße\r\n"
