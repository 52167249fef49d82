"""Empty record stores of each kind, on servers of their own, for the benchmarks that compare them."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from import_pipeline_tests.servers import postgres_server, s3_server
from import_pipeline_tests.store_kinds import Kind, Stores


@contextlib.contextmanager
def stores_of_kinds() -> Iterator[Callable[[Kind], Stores]]:
    """PostgreSQL and S3 while the block runs; gives what makes stores of a kind on them."""
    with (
        tempfile.TemporaryDirectory(prefix="stores-s3-", dir="/tmp") as folder,
        postgres_server() as postgres,
        s3_server(Path(folder) / "s3") as s3,
    ):
        yield lambda kind: Stores(kind, lambda: postgres, lambda: s3)
