"""Every accepted vocabulary by one way in: the functions that turn a body into an `ImportSpec`.

Nothing is translated here; one module for each vocabulary does it.
"""

from import_pipeline.run_config.page_000 import from_page_000
from import_pipeline.run_config.page_001 import from_page_001, from_page_002
from import_pipeline.run_config.page_003 import from_page_003
from import_pipeline.run_config.page_004 import from_page_004, read_page_004
from import_pipeline.run_config.plain import from_plain, spec_from_options

__all__ = [
    "from_page_000",
    "from_page_001",
    "from_page_002",
    "from_page_003",
    "from_page_004",
    "from_plain",
    "read_page_004",
    "spec_from_options",
]
