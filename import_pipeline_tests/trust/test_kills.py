"""An import whose process is killed goes on by itself, and ends with the tables of an import that nothing disturbed."""

import subprocess
import sys


def test_after_twenty_kills_at_seeded_moments_all_tables_are_those_of_an_undisturbed_import():
    # A process of its own: its children are forked, which a process with other threads must not do.
    command = [sys.executable, "-m", "import_pipeline_tests.benchmarks.kills", "--kills", "20", "--seed", "7"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "every import ended with the tables of an undisturbed one" in ended.stdout
