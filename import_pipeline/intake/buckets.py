"""Which bucket a home has: that of the settings, S3 or a local folder."""

from import_pipeline.intake.bucket import Bucket
from import_pipeline.settings import Settings


def open_bucket(settings: Settings) -> Bucket:
    """The bucket of the settings: S3 where `bucket_url` is set, else the folder `local_bucket`.

    Raises:
        SettingsError: The address is not of the form s3://bucket or s3://bucket/prefix.
    """
    if settings.bucket_url:
        from import_pipeline.intake.s3_bucket import S3Bucket

        return S3Bucket(settings)
    from import_pipeline.intake.local_bucket import LocalBucket

    return LocalBucket(settings.local_bucket)
