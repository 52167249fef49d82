"""Processes of tests that begin their work at the same moment."""

import subprocess
import sys
from collections.abc import Iterable, Sequence


def run_at_once(code: str, arguments: Iterable[Sequence[str]]) -> list[str]:
    """Run a script in several processes: each prints `ready`, waits for a line, and goes on when all are ready.

    Args:
        code: The script.
        arguments: The arguments of each process.

    Returns:
        What each printed after that.
    """
    processes = [
        subprocess.Popen([sys.executable, "-c", code, *own], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for own in arguments
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return printed
