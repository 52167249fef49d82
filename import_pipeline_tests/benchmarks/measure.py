"""Measuring one whole process: wall seconds, and peak memory of its largest process and of its whole tree.

Only measuring belongs here, no knowledge of what is measured.
"""

import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds the project and its tests: where measured processes start."""


@dataclass(frozen=True)
class Run:
    """What one process cost and what it printed."""

    seconds: float
    largest_mib: float
    """Peak resident memory of the largest process of the tree, from the kernel's own account."""
    tree_mib: float
    """Peak resident memory of all its processes together, sampled 20 times a second (0 where there is no /proc)."""
    output: str
    cpu: float = 0.0
    """Processor time of the process and of all that it waited for, user and system: what others do does not count."""

    @property
    def peak_mib(self) -> float:
        """The greater of both figures."""
        return max(self.largest_mib, self.tree_mib)

    def json(self) -> dict[str, Any]:
        """What the process printed, read as one JSON object."""
        return json.loads(self.output)


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end and measure it.

    Args:
        command: Program and arguments.
        environment: Variables on top of this process's own.

    Raises:
        RuntimeError: The command ended with another status than 0.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, stderr=errors, cwd=ROOT, env={**os.environ, **(environment or {})}
        )
        ended = threading.Event()
        peaks: list[float] = [0.0]
        sampler = threading.Thread(target=_sample, args=(process.pid, ended, peaks), daemon=True)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        ended.set()
        sampler.join()
        output.seek(0)
        errors.seek(0)
        printed, complaints = output.read().decode(), errors.read().decode(errors="replace")
    if process.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with status {process.returncode}; its last words:\n"
            f"{complaints[-4000:]}\n{printed[-2000:]}"
        )
    largest = usage.ru_maxrss / (1024 if os.uname().sysname == "Linux" else 1024 * 1024)
    return Run(seconds, largest, peaks[0], printed, usage.ru_utime + usage.ru_stime)


def _sample(root: int, ended: threading.Event, peaks: list[float]) -> None:
    page = os.sysconf("SC_PAGE_SIZE")
    if not Path("/proc/self/statm").exists():
        return
    while not ended.wait(0.05):
        total = sum(_resident_pages(pid) for pid in tree(root)) * page / 2**20
        peaks[0] = max(peaks[0], total)


def tree(root: int) -> list[int]:
    """The process and all its descendants; those that end meanwhile are left out."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            for task in tasks:
                waiting.extend(int(child) for child in (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0


def cpu_seconds(pid: int) -> float:
    """Processor time of a process until now, user and system, without that of its children; 0 where it has ended."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def command_of(pid: int) -> str:
    """The command line of a process; empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def resident_mib(pid: int) -> float:
    """The resident memory of a process, 0 where it has ended."""
    return _resident_pages(pid) * os.sysconf("SC_PAGE_SIZE") / 2**20


def median(values: Sequence[float]) -> float:
    """The middle one of some figures."""
    return statistics.median(values)


def verdict(name: str, value: float, bound: float, unit: str = "") -> str:
    """One line that says whether a figure keeps its bound."""
    word = "reached" if value <= bound else "MISSED "
    return f"{word}  {name}: {value:.2f}{unit} (at most {bound:g}{unit})"
