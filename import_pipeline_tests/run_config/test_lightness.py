import subprocess
import sys

import pytest

MODULES = ["translate", "mapping", "value_mapping", "sidecar", "feeds", "object_key", "status_words"]


@pytest.mark.parametrize("module", MODULES)
def test_a_request_is_read_without_loading_the_engine(module: str):
    slow = ["pandas", "pandera", "dagster", "duckdb", "rapidfuzz", "sqlalchemy", "numpy"]
    code = f"import sys, import_pipeline.run_config.{module}; print([name for name in {slow} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
