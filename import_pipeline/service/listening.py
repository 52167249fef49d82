"""On which addresses the servers of a home may listen: this machine's own, unless a setting names a proxy before."""

from import_pipeline.errors import MisuseError
from import_pipeline.settings import Settings

LOOPBACK = "127.0.0.1"
_THIS_MACHINE = (LOOPBACK, "localhost")


def check_api_host(host: str, settings: Settings) -> None:
    """Refuse to have tokens travel unencrypted.

    Raises:
        MisuseError: Others reach the address, and no setting names a proxy before it.
    """
    if host not in _THIS_MACHINE and settings.public_url is None:
        raise MisuseError(
            f"--host {host}: the API's tokens would travel unencrypted. Put a reverse proxy with TLS before it and "
            "name its address in IMPORT_PIPELINE_PUBLIC_URL; or leave --host out.",
            host=host,
        )


def check_ui_host(host: str, settings: Settings) -> None:
    """Refuse to let in those whom nothing asks for a login.

    Raises:
        MisuseError: Others reach the address, and no setting names a proxy before it.
    """
    if host not in _THIS_MACHINE and settings.dagster_url is None:
        raise MisuseError(
            f"--host {host}: Dagster knows no login, so who reaches its port may launch runs and read what they log. "
            "Put a reverse proxy that asks for a login before it, see that nobody else reaches the port, and name the "
            "proxy's address in IMPORT_PIPELINE_DAGSTER_URL; or leave --host out.",
            host=host,
        )
