"""`Home`: one installation, as every use case is given it: its settings, its registry and its bucket.

Each is opened when it is first used. What can be done with them is in `service/`, one use case a module.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from import_pipeline.private_files import keep_home_private
from import_pipeline.settings import Settings

if TYPE_CHECKING:
    from import_pipeline.intake.bucket import Bucket
    from import_pipeline.stores.registry import Registry


class Home:
    """One installation.

    Args:
        settings: The settings of the process.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        keep_home_private(settings)

    @cached_property
    def registry(self) -> "Registry":
        """The registry: imports, phases, saved schemas, tokens, claims."""
        from import_pipeline.stores.registry import Registry

        self.settings.home_path.mkdir(parents=True, exist_ok=True)
        return Registry(self.settings.registry_address, pool=self.settings.registry_pool)

    @cached_property
    def impatient_registry(self) -> "Registry":
        """The registry by connections of its own, which tries nothing again: for those who ask whether it answers."""
        from import_pipeline.stores.registry import Registry

        return Registry(self.settings.registry_address, retry_seconds=0, pool=2)

    @cached_property
    def bucket(self) -> "Bucket":
        """The bucket: files that are imported, and what is published of imports."""
        from import_pipeline.intake.buckets import open_bucket

        return open_bucket(self.settings)

    @cached_property
    def at_once(self) -> "Home | None":
        """This home for those who may not wait, since others wait for them; None where it is on servers.

        Its registry raises RegistryError where it would have to be waited for.
        """
        from import_pipeline.stores.registry import Registry

        if not self.registry.is_sqlite or self.settings.bucket_url is not None:
            return None
        home = Home(self.settings)
        home.registry = Registry(self.settings.registry_address, retry_seconds=0, lock_seconds=0)
        return home
