"""Which record store an organization has, and which organizations have one: by `IMPORT_PIPELINE_STORE_URL`."""

from import_pipeline.settings import Settings
from import_pipeline.stores.record_stores.interface import RecordStore


def open_store(settings: Settings, organization: str) -> RecordStore:
    """The record store of an organization, of the kind that the settings say. Nothing is made or looked at yet.

    Raises:
        InvalidNameError: The organization's name breaks its pattern.
        SettingsError: The address of the server has an option that is not taken.
    """
    if settings.store_kind == "file":
        from import_pipeline.stores.record_stores.file_store import FileStore

        return FileStore(settings, organization)
    from import_pipeline.stores.record_stores.server_store import ServerStore

    if settings.store_kind == "postgres":
        from import_pipeline.stores.record_stores.postgres_store import PostgresKind

        return ServerStore(settings, organization, PostgresKind(organization))
    from import_pipeline.stores.record_stores.ducklake_store import DuckLakeKind

    return ServerStore(settings, organization, DuckLakeKind(settings, organization))


def organizations(settings: Settings) -> list[str]:
    """The organizations that have a record store, in the order of their names.

    Raises:
        StoreError: The server does not answer.
    """
    if settings.store_kind == "file":
        from import_pipeline.stores.record_stores import file_store

        return file_store.organizations(settings)
    from import_pipeline.stores.record_stores import server_store

    return server_store.organizations(settings)


def check_stores(settings: Settings) -> None:
    """See that the place where all record stores are answers, within seconds and without waiting for any lock.

    Raises:
        StoreError: It does not, and why.
    """
    if settings.store_kind == "file":
        from import_pipeline.stores.record_stores import file_store

        file_store.check(settings)
    else:
        from import_pipeline.stores.record_stores import server_store

        server_store.check(settings)
