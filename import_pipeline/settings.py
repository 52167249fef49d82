"""The settings of the process, from the environment (IMPORT_PIPELINE_*); nothing is read when the module is imported.

What one import asks for is not a setting: that is `run_config.spec.ImportSpec`.
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import AnyHttpUrl, Field, IPvAnyNetwork, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from import_pipeline.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import URL

HOME = Path("data/home")
"""Where a home lies in a project."""
HOME_PARTS = ("bucket", "dagster", "incoming", "logs", "records", "workspaces", "signing.key", "registry.sqlite")
"""What lies in a home."""
StoreKind = Literal["file", "postgres", "ducklake"]
_EXTENSIONS: dict[StoreKind, tuple[str, ...]] = {
    "file": (),
    "postgres": ("duckdb_extension_postgres_scanner", "psycopg"),
    "ducklake": (
        "duckdb_extension_ducklake",
        "duckdb_extension_httpfs",
        "duckdb_extension_postgres_scanner",
        "psycopg",
    ),
}
"""What each kind of record store needs to be installed; the extra of its name brings it."""
_STORE_URL = re.compile(r"(ducklake:)?postgres(ql)?(\+\w+)?://\S+")
_S3_PLACE = re.compile(r"s3://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/[A-Za-z0-9._=-]+)*/?")
_SIGNS_OF_URLS = re.compile(r"\?|%[0-9A-Fa-f]{2}")
_SIZE = re.compile(r"\d+(\.\d+)?\s*([KMGT]i?B|[KMGT]|B)", re.IGNORECASE)


def _kind_of_store(url: SecretStr | None) -> StoreKind | None:
    """The kind of record store that a URL names; None where it names none."""
    if url is None:
        return "file"
    found = _STORE_URL.fullmatch(url.get_secret_value())
    if found is None:
        return None
    return "ducklake" if found[1] else "postgres"


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def find_home() -> Path:
    """The home where no setting names one: the nearest `data/home` of the present folder and those above it.

    Where there is none yet, it is the one of the project, if the program runs from its source, else one of the user.

    Raises:
        SettingsError: The nearest one belongs to another user, whose dagster.yaml could name any code to be run.
    """
    present = Path.cwd()
    for folder in (present, *present.parents):
        home = folder / HOME
        if not _is_home(home):
            continue
        if os.geteuid() != home.stat().st_uid:
            raise SettingsError(f"The home {str(home)!r} belongs to another user. Name yours in IMPORT_PIPELINE_HOME.")
        return home
    project = Path(__file__).parents[1]
    if (project / "pyproject.toml").is_file():
        return project / HOME
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "import-pipeline"


def _is_home(folder: Path) -> bool:
    """Whether a folder is a home: one that holds a part of it, or nothing yet."""
    try:
        names = {path.name for path in folder.iterdir()}
    except OSError:
        return False
    return not names or not names.isdisjoint(HOME_PARTS)


class Settings(BaseSettings):
    """Process settings; each field is read from IMPORT_PIPELINE_<NAME IN CAPITALS>."""

    model_config = SettingsConfigDict(
        env_prefix="IMPORT_PIPELINE_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # what was given may hold a password
    )

    home: Path = Field(
        default_factory=find_home,
        validate_default=True,
        description="Where everything that the program writes lies; by default the nearest data/home of this folder "
        "and those above it, else the one of the project, or of the user.",
    )

    bucket_url: str | None = Field(
        default=None, description="s3://bucket/prefix; without it a folder of the home is the bucket."
    )
    bucket_endpoint: str | None = Field(default=None, description="Address of an S3 server other than AWS.")
    bucket_key: SecretStr | None = Field(default=None, description="S3 access key.")
    bucket_secret: SecretStr | None = Field(default=None, description="S3 secret key.")
    bucket_wait_seconds: float = Field(
        default=60.0, gt=0, description="How long an S3 server may be silent before a request is made again."
    )
    registry_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy URL of the registry; SQLite in the home by default."
    )
    store_url: SecretStr | None = Field(
        default=None,
        description="Where records are kept: postgresql://user:password@host/database, or "
        "ducklake:postgresql://… with IMPORT_PIPELINE_STORE_DATA; a DuckDB file for each organization in the home by "
        "default.",
    )
    store_data: str | None = Field(
        default=None,
        validate_default=True,
        description="s3://bucket/prefix for the data of a store on DuckLake, of which nobody else writes anything.",
    )
    store_data_endpoint: str | None = Field(
        default=None, description="Address of its S3 server other than AWS; the one of the bucket by default."
    )
    store_data_key: SecretStr | None = Field(default=None, description="Its S3 access key; the bucket's by default.")
    store_data_secret: SecretStr | None = Field(
        default=None, validate_default=True, description="Its S3 secret key; the bucket's by default."
    )
    registry_pool: int = Field(
        default=10,
        ge=1,
        description="How many connections to a registry on PostgreSQL a process has at most; never more than the "
        "server's max_connections.",
    )
    several_hosts: bool = Field(
        default=False,
        description="Whether this process belongs to several hosts that share their imports, also where no "
        "dagster.yaml says so: what they need is then checked at start.",
    )
    dagster_storage_url: SecretStr | None = Field(
        default=None, description="PostgreSQL that keeps Dagster's runs and events, for several hosts."
    )
    broker_url: SecretStr | None = Field(
        default=None, description="Valkey or Redis that shares runs between workers: redis://:password@host:6379/0."
    )
    run_slots: int | None = Field(
        default=None, ge=1, description="How many runs all workers of several hosts take at a time, together."
    )
    feeds: Path | None = Field(
        default=None, description="The feeds file; data/feeds.yaml beside the project by default."
    )

    launch_folders: tuple[Path, ...] = Field(
        default=(Path("data"),),
        description='Folders below which the Dagster UI may name local files, as JSON: ["/srv/imports"].',
    )

    memory_limit: str = Field(default="1GB", description="What DuckDB may use in one import, for example 2GB.")
    threads: int | None = Field(
        default=None, ge=1, description="Threads of DuckDB in one import; all cores by default."
    )
    store_wait_seconds: float = Field(
        default=120.0, gt=0, description="How long to wait for the lock of a record store."
    )

    settle_seconds: float = Field(
        default=5.0, ge=0, description="How long an object must stay unchanged before the sensor takes it."
    )
    objects_per_tick: int = Field(
        default=1_000, ge=1, description="How many imports the sensors start at most in one tick."
    )
    backlog_limit: int = Field(
        default=2_000, ge=1, description="No more imports are started while so many are queued or running."
    )

    retry_seconds: float = Field(
        default=60.0, ge=0, description="How long a phase is tried again while the bucket or the registry is away."
    )
    run_seconds: int = Field(default=4 * 3_600, ge=1, description="How long a run may take before it is stopped.")

    undo_days: int = Field(
        default=30,
        ge=0,
        description="How many days after it ended an import can be undone; then what the record store "
        "notes of its rows that changed nothing is cleared away.",
    )

    keep_uploads_days: int = Field(
        default=30, ge=0, description="How many days after it ended the file that was given for an import is kept."
    )
    keep_partitions_days: int = Field(
        default=90, ge=0, description="How many days after it ended an import stays among the partitions in Dagster."
    )
    keep_runs_days: int = Field(default=30, ge=0, description="How many days runs and their logs stay in Dagster.")
    keep_imports_days: int = Field(
        default=365, ge=0, description="How many days after it ended an import is listed, with its rows and defects."
    )

    max_file_bytes: int = Field(default=5_000_000_000, ge=1, description="Largest file that is read.")
    max_rows: int = Field(default=50_000_000, ge=1, description="Most rows that are read from one file.")
    max_columns: int = Field(default=10_000, ge=1, description="Most columns that are read from one file.")
    max_cell_bytes: int = Field(default=16_000_000, ge=1, description="Largest cell.")
    max_header_length: int = Field(default=1_000, ge=1, description="Longest column name.")
    max_inflated_bytes: int = Field(
        default=10_000_000_000, ge=1, description="Most bytes that a compressed file may hold, counted while inflating."
    )
    max_inflate_ratio: float = Field(
        default=300.0,
        gt=1,
        description="How many times its size a compressed file over 100 MB of content, or the cells of a workbook over "
        "32 MB, may hold.",
    )
    parse_memory_bytes: int = Field(
        default=2_000_000_000, ge=100_000_000, description="Memory of the process that reads a spreadsheet."
    )
    parse_seconds: float = Field(default=3_600.0, gt=0, description="How long reading one file may take.")

    public_url: str | None = Field(
        default=None, description="Address under which callers reach the API; the address listened on by default."
    )
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        default=(),
        description="Addresses or networks of reverse proxies that may say under which host and scheme the API was "
        'called, as JSON: ["10.0.0.5"].',
    )
    dagster_url: AnyHttpUrl | None = Field(
        default=None,
        description="Address under which a reverse proxy serves Dagster's UI; without it only this machine's names are "
        "answered.",
    )
    max_body_bytes: int = Field(
        default=25_000_000,
        ge=1,
        description="Largest body of an API call that takes rows, with a value for each 50 bytes; files have their own "
        "limit, all other calls take 1 MB.",
    )
    creates_per_minute: int = Field(
        default=20, ge=1, description="How many imports one token may begin over the API within a minute."
    )
    upload_url_seconds: int = Field(
        default=3_600, ge=1, le=604_800, description="How long a signed URL for an upload may be used."
    )
    download_url_seconds: int = Field(
        default=3_600, ge=1, le=604_800, description="How long a signed URL for a download may be used."
    )
    signing_key: SecretStr | None = Field(
        default=None, min_length=32, description="Signs URLs and webhooks; made and kept in the home by default."
    )
    sync_wait_seconds: float = Field(
        default=60.0, ge=0, description="How long a caller waits for an import before it goes on without them."
    )
    sync_workers: int = Field(default=1, ge=1, description="Processes that run imports for which a caller waits.")
    webhooks_to_private_addresses: bool = Field(
        default=False, description="Let webhooks call addresses of this machine and of private networks, by http too."
    )

    hook_memory_bytes: int = Field(
        default=64_000_000, ge=1_000_000, description="What the JavaScript row hooks of one import may use."
    )
    hook_batch_seconds: float = Field(
        default=10.0, gt=0, description="How long JavaScript row hooks may take for 2,000 rows."
    )
    hook_seconds: float = Field(
        default=600.0, gt=0, description="How long the JavaScript row hooks of one import may take in all."
    )

    alert_webhook: SecretStr | None = Field(
        default=None,
        description="Address of a chat webhook that the sensor import_alerts tells of imports that failed or wait.",
    )
    alert_mail_to: str | None = Field(
        default=None, description="Who gets these alerts by e-mail: addresses, with commas between them."
    )
    alert_mail_from: str = Field(
        default="import-pipeline@localhost", description="The sender of alerts that go out by e-mail."
    )
    alert_smtp_url: SecretStr | None = Field(
        default=None, description="The server that sends them: smtp://user:password@host:port, or smtps://."
    )
    show_values: bool = Field(
        default=False,
        description="Let Dagster's event log, which is read without a login, hold values of rows in clear.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Who sends it as bearer token reads /metrics, which counts the imports of all organizations; "
        "without it there are no metrics.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="How lines of the log look: json has one object each, with the import, run, phase and organization "
        "that it is about, and a line for each phase that ends.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much the HTTP server says of itself on the terminal."
    )

    @field_validator("home")
    @classmethod
    def _can_hold_databases(cls, given: Path) -> Path:
        sign = _SIGNS_OF_URLS.search(str(given.expanduser().resolve()))
        if sign is not None:  # DuckDB and Dagster take the path of a database for the end of a URL
            raise ValueError(
                f"databases below {str(given)!r} would be looked for elsewhere, for its path holds {sign[0]!r}. "
                "Name a folder without that."
            )
        return given

    @field_validator("memory_limit")
    @classmethod
    def _is_size(cls, given: str) -> str:
        if not _SIZE.fullmatch(given.strip()):
            raise ValueError(f"{given!r} is no size. Write a number with its unit, for example 2GB or 512MB.")
        return given

    @field_validator("store_url")
    @classmethod
    def _is_store(cls, given: SecretStr | None) -> SecretStr | None:
        kind = _kind_of_store(given)
        if kind is None:
            raise ValueError(
                "it names no kind of record store. Write postgresql://user:password@host:5432/database, or "
                "ducklake:postgresql://user:password@host:5432/database, or leave it away for a file of each "
                "organization."
            )
        missing = [name for name in _EXTENSIONS[kind] if not _is_installed(name)]
        if missing:
            raise ValueError(
                f"records on {kind} need {', '.join(missing)}, which is not installed. "
                f'Run: pip install "import-pipeline[{kind}]".'
            )
        return given

    @field_validator("store_data")
    @classmethod
    def _has_its_data(cls, given: str | None, info: ValidationInfo) -> str | None:
        if "store_url" not in info.data:  # that is wrong itself
            return given
        kind = _kind_of_store(info.data["store_url"])
        if kind == "ducklake" and given is None:
            raise ValueError("a store on DuckLake needs a place for its data: s3://bucket/prefix.")
        if kind != "ducklake" and given is not None:
            raise ValueError(
                "only a store on DuckLake has data of its own, and IMPORT_PIPELINE_STORE_URL names none "
                "(ducklake:postgresql://…)."
            )
        if given is not None and not _S3_PLACE.fullmatch(given):
            raise ValueError(f"{given!r} is no place on S3. Write s3://bucket/prefix.")
        return given

    @field_validator("store_data_secret")
    @classmethod
    def _comes_with_its_key(cls, given: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (given is None) != (info.data.get("store_data_key") is None):
            raise ValueError("only one of it and IMPORT_PIPELINE_STORE_DATA_KEY is set. Set both, or none.")
        return given

    @property
    def store_kind(self) -> StoreKind:
        """What the record stores are kept in."""
        return _kind_of_store(self.store_url) or "file"

    @property
    def home_path(self) -> Path:
        """The home folder as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def workspaces(self) -> Path:
        """Folder of the workspaces, one DuckDB file for each import."""
        return self.home_path / "workspaces"

    @property
    def records(self) -> Path:
        """Folder of the record stores, one DuckDB file for each organization."""
        return self.home_path / "records"

    @property
    def bucket_address(self) -> str:
        """Where the bucket is, for people: its URL, or its folder."""
        return self.bucket_url or str(self.local_bucket)

    @property
    def local_bucket(self) -> Path:
        """Folder that is the bucket where no bucket_url is set."""
        return self.home_path / "bucket"

    @property
    def dagster_home(self) -> Path:
        """Folder of Dagster's own storage."""
        return self.home_path / "dagster"

    @property
    def registry_address(self) -> "str | URL":
        """SQLAlchemy URL of the registry, secrets included: never log it."""
        if self.registry_url is not None:
            return self.registry_url.get_secret_value()
        from sqlalchemy import URL

        # not as text: which signs of a path are escaped in one differs between versions of SQLAlchemy
        return URL.create("sqlite", database=str(self.home_path / "registry.sqlite"))
