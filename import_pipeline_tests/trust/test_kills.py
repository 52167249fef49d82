"""What is killed goes on, and ends with the tables of what nothing disturbed: imports, undos, looks at the bucket."""

import subprocess
import sys

import pytest


@pytest.mark.timeout(900)  # its processes follow one another: it takes minutes where much else is at work
def test_after_twenty_kills_at_seeded_moments_all_tables_are_those_of_what_nothing_disturbed():
    # A process of its own: its children are forked, which a process with other threads must not do.
    command = [sys.executable, "-m", "import_pipeline_tests.benchmarks.kills", "--kills", "20", "--seed", "7"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=880, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "everything ended with the tables of what nothing disturbed" in ended.stdout
