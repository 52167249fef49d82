"""What is particular to S3 as the bucket: its address and keys, several pages, and a server that fails."""

import pickle
import subprocess
import sys
import traceback

import pytest
from pydantic import SecretStr

from import_pipeline.errors import BucketError, SettingsError
from import_pipeline.intake.bucket import Bucket
from import_pipeline.intake.buckets import open_bucket
from import_pipeline.settings import Settings
from import_pipeline_tests import servers
from import_pipeline_tests.ports import free_ports


def changed(settings: Settings, **changes: object) -> Bucket:
    return open_bucket(settings.model_copy(update=changes))


def test_two_prefixes_of_one_bucket_never_see_each_other(s3_settings: Settings) -> None:
    one = changed(s3_settings, bucket_url=f"{s3_settings.bucket_url}/one")
    two = changed(s3_settings, bucket_url=f"{s3_settings.bucket_url}/two/")
    one.write_text("uploads/a", "one")
    two.write_text("uploads/a", "two!")
    assert [(obj.key, obj.size) for obj in one.find()] == [("uploads/a", 3)]
    assert two.read_bytes("uploads/a", 10) == b"two!"
    assert sorted(obj.key for obj in open_bucket(s3_settings).find()) == ["one/uploads/a", "two/uploads/a"]


def test_an_object_of_somebody_else_is_seen_at_once(s3_settings: Settings) -> None:
    mine, theirs = open_bucket(s3_settings), open_bucket(s3_settings)
    assert mine.find() == []
    theirs.write_text("uploads/a", "a")
    assert [obj.key for obj in mine.find()] == ["uploads/a"]
    theirs.delete("uploads/a")
    assert mine.find() == []


def test_a_listing_of_several_pages_is_complete_and_passes_over_folder_markers(s3_settings: Settings) -> None:
    bucket = open_bucket(s3_settings)
    _store_many(bucket, [f"uploads/{number:04}.csv" for number in range(1_005)] + ["uploads/", "uploads/folder/"])
    found = bucket.find("uploads/")
    assert [obj.key for obj in found] == [f"uploads/{number:04}.csv" for number in range(1_005)]


def _store_many(bucket: Bucket, keys: list[str]) -> None:
    """Stores empty objects together, also under names that the bucket itself refuses."""
    import asyncio

    from fsspec.asyn import sync

    from import_pipeline.intake.s3_bucket import S3Bucket

    assert isinstance(bucket, S3Bucket)
    server, name, prefix = bucket._server, bucket._bucket, bucket._prefix

    async def store() -> None:
        for start in range(0, len(keys), 50):
            some = keys[start : start + 50]
            await asyncio.gather(*(server._call_s3("put_object", Bucket=name, Key=prefix + key) for key in some))

    sync(server.loop, store)


def test_keys_are_in_no_text_that_can_be_seen(s3_settings: Settings, s3_server: servers.S3Server) -> None:
    bucket = open_bucket(s3_settings)
    seen = [repr(bucket), str(bucket), bucket.name, repr(s3_settings), str(s3_settings), repr(s3_server)]
    for wrong in (
        changed(s3_settings, bucket_secret=SecretStr("wrong" + s3_server.secret)),
        changed(s3_settings, bucket_key=SecretStr("wrong" + s3_server.key)),
    ):
        with pytest.raises(BucketError, match="IMPORT_PIPELINE_BUCKET_SECRET") as refused:
            wrong.find()
        again = pickle.loads(pickle.dumps(refused.value))
        seen += [str(again), repr(again.culprits), "".join(traceback.format_exception(refused.value))]
    for text in seen:
        assert s3_server.secret not in text
        assert s3_server.key not in text


def test_a_bucket_that_is_not_there_is_named_with_the_remedy(s3_settings: Settings) -> None:
    bucket = changed(s3_settings, bucket_url="s3://no-such-bucket")
    with pytest.raises(BucketError, match=r"s3://no-such-bucket .*IMPORT_PIPELINE_BUCKET_URL"):
        bucket.find()


def test_a_server_that_does_not_answer_is_a_passing_error(s3_settings: Settings) -> None:
    (port,) = free_ports(1)
    bucket = changed(s3_settings, bucket_endpoint=f"http://127.0.0.1:{port}")
    with pytest.raises(BucketError, match="IMPORT_PIPELINE_BUCKET_ENDPOINT") as failed:
        bucket.find()
    assert failed.value.transient
    with pytest.raises(BucketError, match=r"uploads/a\.csv"):
        bucket.stat("uploads/a.csv")


@pytest.mark.parametrize(
    "url",
    [
        "gs://bucket",
        "bucket",
        "s3://",
        "s3:///x",
        "s3://key:hidden@bucket",
        "s3://UPPER",
        "s3://bucket/../x",
        "s3://bucket//x",
    ],
)
def test_an_address_of_another_form_is_refused_without_repeating_it(settings: Settings, url: str) -> None:
    with pytest.raises(SettingsError, match="IMPORT_PIPELINE_BUCKET_URL") as refused:
        changed(settings, bucket_url=url)
    assert "hidden" not in str(refused.value)


def test_half_a_pair_of_keys_is_refused(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="IMPORT_PIPELINE_BUCKET_SECRET"):
        changed(settings, bucket_url="s3://bucket", bucket_key=SecretStr("key"))


def test_a_local_bucket_costs_no_import_of_s3() -> None:
    code = (
        "import sys; from import_pipeline.settings import Settings; "
        "from import_pipeline.intake.buckets import open_bucket; "
        "open_bucket(Settings()); print(sorted({'s3fs', 'botocore', 'aiohttp', 'fsspec'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
