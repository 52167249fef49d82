"""Objects that are put into the upload folder, and the imports that the sensor makes of them."""

import time

from import_pipeline.service import queries
from import_pipeline.service.discovery import collect_uploads
from import_pipeline.stores import imports
from import_pipeline_tests.importing import Importing

A, B = "uploads/acme/contact/a.csv", "uploads/acme/contact/b.csv"


X, Y = "external_id,first_name\n1,Ada\n", "external_id,first_name\n1,Augusta\n"


_put_in: dict[str, int] = {}
"""Bucket → the second in which something was put there last."""


def put(importing: Importing, key: str, text: str) -> None:
    """Put an object; S3 tells the time of its change in whole seconds, so each one is put in a later second."""
    bucket = importing.settings.bucket_url
    while bucket and int(time.time()) <= _put_in.get(bucket, 0):
        time.sleep(0.02)
    importing.home.bucket.write_text(key, text)
    if bucket:
        _put_in[bucket] = int(time.time())


def arrive(importing: Importing, key: str, text: str) -> dict:
    """Put an object, let the sensor look and the queue run; gives the newest import."""
    put(importing, key, text)
    collect_uploads(importing.home, None)
    import_all(importing)
    return newest(importing)


def newest(importing: Importing) -> dict:
    return queries.import_object(importing.home, imports.list_imports(importing.home.registry).items[0].id)


def first_names(importing: Importing) -> list:
    return [record.get("first_name") for record in importing.stored(organization="acme")]


def import_all(importing: Importing) -> None:
    for record in imports.queued(importing.home.registry, 1_000):
        importing.go(record.id)
