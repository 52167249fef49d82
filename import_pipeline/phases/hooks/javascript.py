"""JavaScript row hooks: batches of rows go as JSON to a process of their own that runs QuickJS, and come back as JSON.

The process has nothing but the batch: no file, no network, no environment, and limits of time and memory. Whatever a
hook does there, this process lives on. What the other one runs is in `quickjs_process.py`.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from import_pipeline.errors import HookError, SpecError
from import_pipeline.phases.cells import Cells
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.settings import Settings
from import_pipeline.sql import Parameters, literal, quote
from import_pipeline.words import DefectLevel, Phase

BATCH_ROWS = 2_000
FAILED = "hook_failed"
SAID = "hook_message"
_PROGRAM = Path(__file__).with_name("quickjs_process.py")
_GRACE_SECONDS = 2.0
_COMPILE_SECONDS = 2.0


def check_row_hooks(hooks: Sequence[str], settings: Settings) -> None:
    """Compile row hooks as an import does, before any import is made of them.

    Args:
        hooks: JavaScript functions as text.
        settings: How much memory they may use.

    Raises:
        SpecError: One of them is no JavaScript, or no function.
    """
    if not hooks:
        return
    begin = _beginning(hooks, settings) | {"seconds": min(_COMPILE_SECONDS, settings.hook_batch_seconds)}
    try:
        with _process(begin, settings.hook_batch_seconds):
            pass
    except HookError as error:
        raise SpecError(f"{error.message} Correct it, then ask again.", **error.culprits) from error


def run_row_hooks(work: Work, cells: Cells, source: str, target: str) -> None:
    """Send the rows of a table through the spec's row hooks.

    Args:
        work: The import at work.
        cells: The cells of that table.
        source: The table of texts: row_number and the fields.
        target: The table, of the same columns, that gets what the hooks made of them.

    Raises:
        HookError: A hook is no function, ran out of time, or broke its process.
    """
    fields = list(cells.columns)
    types = {field.name: field.type for field in work.record_type.fields}
    delimiters = {
        name: getattr(types.get(name), "delimiter", None) or work.spec.tag_delimiter or "," for name in fields
    }
    begin = _beginning(work.spec.row_hooks, work.settings) | {"fields": fields, "delimiters": delimiters}
    rows = work.number(f"SELECT coalesce(max(row_number), 0) FROM {source}")
    deadline = time.monotonic() + work.settings.hook_seconds
    with _process(begin, work.settings.hook_batch_seconds) as process:
        for first in range(1, rows + 1, BATCH_ROWS):
            batch = _batch(work, cells, first)
            if batch is not None:
                seconds = min(work.settings.hook_batch_seconds, max(deadline - time.monotonic(), 0.0))
                _keep(work, fields, target, _ask(process, batch, seconds))


def _batch(work: Work, cells: Cells, first: int) -> str | None:
    """Some rows as one line of JSON: number, texts, typed values; None where no row of them is in."""
    bind = Parameters()
    typed = cells.typed(bind)
    texts = ", ".join(f"{bind.bind(name)}, {quote(name)}" for name in cells.columns)
    values = ", ".join(f"{bind.bind(name)}, {typed[name]}" for name in cells.columns)
    found = work.execute(
        f"""
        SELECT '[' || string_agg(
            CAST(json_object('n', row_number, 't', json_object({texts}), 'v', json_object({values})) AS VARCHAR), ','
            ORDER BY row_number) || ']'
        FROM {cells.table}
        WHERE row_number BETWEEN {bind.bind(first)} AND {bind.bind(first + BATCH_ROWS - 1)} AND {ALIVE}
        """,
        bind,
    ).fetchone()
    return found[0] if found else None


def _keep(work: Work, fields: list[str], target: str, answer: str) -> None:
    """Put the rows of an answer into the table, and what was said or failed into the defects."""
    of_row = {"n": "BIGINT", "t": dict.fromkeys(fields, "VARCHAR")}
    said = {"n": "BIGINT", "field": "VARCHAR", "message": "VARCHAR", "value": "VARCHAR", "level": "VARCHAR"}
    shape = literal(json.dumps({"rows": [of_row], "infos": [said], "failed": [said]}))
    work.create("hook_answer", f"SELECT from_json($answer, {shape}) AS answer", {"answer": answer})
    texts = ", ".join(f"struct_extract(line.t, {literal(name)}) AS {quote(name)}" for name in fields)
    work.execute(
        f"""
        INSERT INTO {target} BY NAME
        SELECT line.n AS row_number, {texts} FROM (SELECT unnest(answer.rows) AS line FROM hook_answer)
        """
    )
    for part, code in (("infos", SAID), ("failed", FAILED)):
        work.execute(
            f"""
            INSERT INTO defects BY NAME
            SELECT line.n AS row_number, source_columns.name AS "column", line.field AS field, $phase AS phase,
                $code AS code, line.message AS message, line.value AS value, line.level AS level
            FROM (SELECT unnest(answer.{part}) AS line FROM hook_answer)
            LEFT JOIN source_columns ON source_columns.field = line.field
            """,
            {"phase": str(Phase.PREVALIDATION), "code": code},
        )
    work.execute("DROP TABLE hook_answer")


def _beginning(hooks: Sequence[str], settings: Settings) -> dict[str, Any]:
    """What the process is told before any batch; the fields come on top of it."""
    return {
        "hooks": list(hooks),
        "fields": [],
        "delimiters": {},
        "levels": [str(level) for level in DefectLevel],
        "memory_bytes": settings.hook_memory_bytes,
        "seconds": settings.hook_batch_seconds,
    }


@contextmanager
def _process(begin: Mapping[str, Any], seconds: float) -> Iterator["subprocess.Popen[bytes]"]:
    """The process that runs the hooks, ready for batches; ended with the block whatever it does."""
    process = subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
        [sys.executable, "-I", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    try:
        _ask(process, json.dumps(begin), seconds + _GRACE_SECONDS)
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            _close(pipe)


def _ask(process: "subprocess.Popen[bytes]", line: str, seconds: float) -> str:
    """Send one line and read the one that answers it.

    Raises:
        HookError: No answer in time, the process broke, or it names an error.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Timer(seconds + _GRACE_SECONDS, process.kill)
    late.start()
    try:
        process.stdin.write(line.encode("utf-8", "surrogatepass") + b"\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except BrokenPipeError:
        answer = b""
    finally:
        late.cancel()
    if not answer.endswith(b"\n"):
        raise HookError(
            "The row hooks were stopped: they ran longer than they may, or used more memory. Make them do less for "
            "each row, or raise IMPORT_PIPELINE_HOOK_SECONDS or IMPORT_PIPELINE_HOOK_MEMORY_BYTES."
        )
    text = answer.decode("utf-8", "replace")
    if text.startswith('{"error"'):
        error: dict[str, Any] = json.loads(text)
        raise HookError(error["error"], **{name: error[name] for name in ("hook", "row_number") if error.get(name)})
    return text


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        try:
            pipe.close()
        except BrokenPipeError:  # what was not written goes to nobody: the process has ended
            return
