"""Python row hooks: functions that packages install under the entry point group `import_pipeline.hooks`.

A hook gets a pandas frame (row_number and the texts of the fields) and gives one back with the same rows. It may leave
messages in `frame.attrs["infos"]`: a frame of row_number, field, message, level.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from import_pipeline.errors import HookError
from import_pipeline.phases.cells import Cells
from import_pipeline.phases.hooks.javascript import FAILED, SAID
from import_pipeline.phases.work import ALIVE, Work
from import_pipeline.sql import quote, quoted_list
from import_pipeline.words import DefectLevel, Phase

if TYPE_CHECKING:
    import pandas

GROUP = "import_pipeline.hooks"
_CHUNK_VECTORS = 50  # of 2,048 rows each

Hook = Callable[["pandas.DataFrame"], "pandas.DataFrame"]


def installed() -> tuple[str, ...]:
    """The names of the hooks that are installed."""
    return tuple(sorted(entry_points(group=GROUP).names))


def hook_of(name: str) -> Hook:
    """The hook of that name.

    Raises:
        HookError: None is installed.
    """
    found = entry_points(group=GROUP, name=name)
    if not found:
        known = ", ".join(installed()) or "none"
        raise HookError(f"There is no Python hook {name!r}. Installed are: {known}. Install its package.", hook=name)
    return next(iter(found)).load()


def run_python_hooks(work: Work, cells: Cells, source: str, target: str) -> None:
    """Send the rows of a table through the spec's Python hooks, chunk by chunk.

    Args:
        work: The import at work.
        cells: The cells of that table.
        source: The table of texts: row_number and the fields.
        target: The table, of the same columns, that gets what the hooks made of them.

    Raises:
        HookError: A hook is not installed, raised, or gave something else back than the rows it got.
    """
    fields = list(cells.columns)
    hooks = {name: hook_of(name) for name in work.spec.python_hooks}
    cursor = work.second_connection()
    cursor.execute(f"SELECT row_number, {quoted_list(fields)} FROM {source} WHERE {ALIVE} ORDER BY row_number")
    while len(frame := cursor.fetch_df_chunk(_CHUNK_VECTORS)):
        for name, hook in hooks.items():
            frame = _whole(work, name, _through(work, name, hook, frame, fields), fields)
        work.connection.register("frame_of_hook", frame)
        texts = ", ".join(f"CAST({quote(field)} AS VARCHAR) AS {quote(field)}" for field in fields)
        work.execute(f"INSERT INTO {target} BY NAME SELECT row_number, {texts} FROM frame_of_hook")
        work.connection.unregister("frame_of_hook")
    cursor.close()


def _through(work: Work, name: str, hook: Hook, frame: "pandas.DataFrame", fields: list[str]) -> "pandas.DataFrame":
    numbers = frame["row_number"].tolist()
    try:
        answer = hook(frame.copy())
    except Exception as error:  # whatever it is, it is the hook's, and ends the import with its words
        raise HookError(
            f"The Python hook {name!r} failed: {type(error).__name__}: {error}. Correct the hook, or the file.",
            hook=name,
        ) from error
    lacking = [field for field in ("row_number", *fields) if field not in getattr(answer, "columns", ())]
    if lacking or answer["row_number"].tolist() != numbers:
        raise HookError(
            f"The Python hook {name!r} did not give back the rows it got: it must keep row_number, the order of the "
            f"rows and all columns{f' (lacking: {lacking})' if lacking else ''}.",
            hook=name,
        )
    _keep_messages(work, answer.attrs.pop("infos", None))
    return answer.loc[:, ["row_number", *fields]]


def _whole(work: Work, name: str, frame: "pandas.DataFrame", fields: list[str]) -> "pandas.DataFrame":
    """The rows whose texts are whole: one with half of a character (a lone surrogate) fails, nothing can store it."""
    for field in fields:
        if frame[field].dtype != object:
            continue  # texts of pandas itself are whole
        halved = frame[field].map(_is_halved).astype(bool)
        for row_number in frame.loc[halved, "row_number"].tolist():
            work.execute(
                """
                INSERT INTO defects BY NAME
                SELECT $row_number AS row_number, max(name) AS "column", $field AS field, $phase AS phase,
                    $code AS code, $message AS message, NULL AS value, $level AS level
                FROM source_columns WHERE field = $field
                """,
                {
                    "row_number": row_number,
                    "field": field,
                    "phase": str(Phase.PREVALIDATION),
                    "code": FAILED,
                    "message": f"The Python hook {name!r} failed: its value of {field} holds half of a character (a "
                    "lone surrogate). Correct the hook, or the row.",
                    "level": str(DefectLevel.ERROR),
                },
            )
        frame = frame.loc[~halved]
    return frame


def _is_halved(value: object) -> bool:
    return isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value)


def _keep_messages(work: Work, infos: "pandas.DataFrame | None") -> None:
    if infos is None or infos.empty:
        return
    messages = infos["message"].map(lambda text: str(text).encode("utf-8", "replace").decode())
    work.connection.register("infos_of_hook", infos.assign(message=messages))
    work.execute(
        """
        INSERT INTO defects BY NAME
        SELECT infos.row_number, source_columns.name AS "column", infos.field, $phase AS phase, $code AS code,
            infos.message, NULL AS value,
            CASE WHEN list_contains($levels::VARCHAR[], infos.level) THEN infos.level ELSE 'info' END AS level
        FROM infos_of_hook AS infos
        LEFT JOIN source_columns ON source_columns.field = infos.field
        """,
        {"phase": str(Phase.PREVALIDATION), "code": SAID, "levels": [str(level) for level in DefectLevel]},
    )
    work.connection.unregister("infos_of_hook")
