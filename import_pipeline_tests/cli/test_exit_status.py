"""Exit statuses are one rule: 0 done, 1 not done though it was right, 2 wrongly asked, 130 interrupted."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from import_pipeline_tests.cli.terminal import Terminal

CONTACT = ("--record-type", "contact")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("show", "first"), 0),
        (("show", "nobody"), 2),
        (("confirm", "first"), 2),
        (("resume", "first"), 2),
        (("cancel", "first"), 2),
        (("records", "contract"), 2),
        (("records", "contact", "--id", "nothing"), 2),
        (("run", "nowhere.csv", *CONTACT), 1),
        (("inspect", "nowhere.csv"), 1),
        (("list", "--status", "nowhere"), 2),
        (("token", "revoke", "nothing"), 2),
        (("shout",), 2),
    ],
)
def test_the_exit_status_says_whether_the_question_or_the_answer_is_wrong(
    arguments: tuple[str, ...], status: int, imported: Terminal
) -> None:
    result = imported.run(*arguments)
    assert result.exit_code == status, result.output


def test_help_says_what_an_exit_status_means(imported: Terminal) -> None:
    told = " ".join(imported.run("--help").stdout.split())
    for part in ("0: done", "1: it could not be done", "2: what was asked is wrong", "130: interrupted"):
        assert part in told


def test_ctrl_c_while_the_program_still_starts_is_a_word_and_130(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    code = (
        "import builtins, pathlib, signal, sys, time; real = builtins.__import__\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in the background
        "def slow(name, *rest):\n"
        f"    if name == 'typer': pathlib.Path({str(begun)!r}).touch(); time.sleep(60)\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = slow; from import_pipeline.cli import main; main()"
    )
    process = subprocess.Popen([sys.executable, "-c", code, "list"], stderr=subprocess.PIPE, text=True)
    while not begun.exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "Error: Interrupted.\n")


def test_an_interrupted_import_ends_with_130_and_says_so_once(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    rows = "".join(f"{number},Ada,ada{number}@example.com\n" for number in range(100_000))
    file.write_text("External ID,First name,Email\n" + rows)
    process = terminal.start("run", file, *CONTACT, "--id", "stopped")
    workspaces = terminal.home / "workspaces"
    while not (workspaces.exists() and any(workspaces.iterdir())):  # before the first phase has ended
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, output + errors
    assert (output + errors).count("was interrupted") == 1
    assert "import-pipeline resume stopped" in errors
