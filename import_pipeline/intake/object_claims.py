"""How a version of an object is named: by the key under which it is claimed, and by the id of its import."""

import hashlib

from import_pipeline.intake.bucket import StoredObject


def claim_key(bucket_name: str, obj: StoredObject) -> str:
    """The key under which a version of an object is claimed."""
    return f"{bucket_name}/{obj.key}@{obj.version}"


def mint_import_id(bucket_name: str, obj: StoredObject, sidecar: StoredObject | None = None) -> str:
    """The import id of a version of an object: the same for everyone who looks.

    Args:
        bucket_name: `Bucket.name`.
        obj: The object.
        sidecar: The sidecar for which it is taken up once more.

    >>> mint_import_id("local", StoredObject("uploads/acme/contact/a.csv", 1, 0.0, "v1"))
    'imp_e2cdde19a71ac8f0ccd0'
    """
    text = f"{bucket_name}|{obj.key}|{obj.version}" + (f"|{sidecar.version}" if sidecar is not None else "")
    return "imp_" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
