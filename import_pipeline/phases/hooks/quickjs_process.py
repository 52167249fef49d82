"""What the process for JavaScript row hooks runs: QuickJS with limits, one line of JSON in, one line out.

Started by `javascript.py` as a file of its own, without the package around it: it imports nothing of the project.
"""

import json
import sys
import time
from typing import Any

import quickjs

STACK_BYTES = 512 * 1024

HARNESS = """
(hooks, fieldsText, delimitersText, levelsText) => {
  const {parse, stringify} = JSON;
  const fields = parse(fieldsText), delimiters = parse(delimitersText), levels = parse(levelsText);
  let place = [0, 0], result = "";
  const textOf = (value, field) => {
    if (value === null || value === undefined || value === "") return null;
    if (Array.isArray(value)) return value.map(String).join(delimiters[field]);
    if (value instanceof Date) return value.toISOString();
    if (typeof value === "object" || typeof value === "function" || typeof value === "symbol")
      throw new TypeError(`the value of ${field} is no text, number, boolean or list of them`);
    return String(value);
  };
  const cellsOf = (row, texts, infos) => {
    const cells = {};
    for (const field of fields)
      cells[field] = {value: texts[field], resultValue: row.v[field], info: infos.filter((one) => one.field === field)};
    return cells;
  };
  const take = (answer, row, texts, infos) => {
    if (answer === undefined || answer === null) return;
    const changed = answer.row;
    if (changed === undefined || changed === null) return;
    for (const field of Object.keys(changed)) {
      if (!fields.includes(field)) throw new TypeError(`there is no field ${field}`);
      const cell = changed[field];
      if (cell === null || typeof cell !== "object") throw new TypeError(`the answer for ${field} is no {value, info}`);
      if ("manyToOne" in cell) throw new TypeError("manyToOne is not supported");
      if ("value" in cell) texts[field] = textOf(cell.value, field);
      for (const info of cell.info || []) {
        if (!levels.includes(info.level || "info")) throw new TypeError(`there is no level ${info.level}`);
        infos.push({n: row.n, field, message: String(info.message), value: texts[field], level: info.level || "info"});
      }
    }
  };
  const batch = async (given) => {
    const out = {rows: [], infos: [], failed: []};
    for (const row of parse(given)) {
      const texts = {...row.t}, infos = [];
      let at = 0;
      try {
        for (; at < hooks.length; at++) {
          place = [row.n, at + 1];
          let answer = hooks[at]({row: cellsOf(row, texts, infos), index: row.n - 1, rowId: String(row.n)}, "init");
          if (answer && typeof answer.then === "function") answer = await answer;
          take(answer, row, texts, infos);
        }
        out.rows.push({n: row.n, t: texts});
        out.infos.push(...infos);
      } catch (error) {
        const told = error === null ? "out of memory" : String(error).slice(0, 500);
        const message = `Row hook ${at + 1} failed: ${told}. Correct the hook, or the row.`;
        out.failed.push({n: row.n, field: null, message, value: null, level: "error"});
      }
    }
    result = stringify(out);
  };
  return (what, given) => {
    if (what === "batch") { result = ""; batch(given); return ""; }
    return what === "place" ? stringify(place) : result;
  };
}
"""


def begin(given: dict[str, Any]) -> Any:
    """Make the context and the function that takes batches; a hook that does not compile is named by its number."""
    context = quickjs.Context()
    context.set_max_stack_size(STACK_BYTES)
    context.set_memory_limit(given["memory_bytes"])
    context.set_time_limit(given["seconds"])
    context.eval("globalThis.hooks = []")
    for number, source in enumerate(given["hooks"], start=1):
        try:
            context.set("source", f"({source}\n)")
            context.eval("hooks.push((0, eval)(source))")
            is_function = context.eval("typeof hooks[hooks.length - 1] === 'function'")
        except quickjs.JSException as error:
            raise SystemExit(stop(f"Row hook {number} does not compile: {first_line(error)}", hook=number)) from error
        if not is_function:
            raise SystemExit(stop(f"Row hook {number} is no function (record, mode) => ({{row}}).", hook=number))
    parts = [json.dumps(json.dumps(given[name])) for name in ("fields", "delimiters", "levels")]
    door = context.eval(f"({HARNESS})(hooks, {', '.join(parts)})")
    context.eval("delete globalThis.hooks; delete globalThis.source")
    return context, door


def answer(context: Any, door: Any, batch: str, seconds: float) -> str:
    """What became of one batch."""
    started = time.monotonic()
    try:
        door("batch", batch)
        while context.execute_pending_job():
            if time.monotonic() - started > seconds:
                return stop("It ran longer than it may.", *json.loads(door("place", "")))
        result = door("result", "")
    except quickjs.JSException as error:
        problem = first_line(error)
        problem = "It ran longer than it may." if "interrupted" in problem else f"{problem}."
        return stop(problem, *json.loads(door("place", "")))
    return result or stop("It was stopped, or waits for what never comes.", *json.loads(door("place", "")))


def stop(problem: str, row_number: int = 0, hook: int = 0) -> str:
    """The line that ends the import."""
    text = f"Row hook {hook} failed in row {row_number}: {problem}" if row_number else problem
    remedy = " Make it do less for each row, or raise IMPORT_PIPELINE_HOOK_SECONDS." if row_number else ""
    return json.dumps({"error": text + remedy, "row_number": row_number, "hook": hook})


def first_line(error: Exception) -> str:
    """What an error says, without its trace."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def main() -> None:
    """Read what to begin with, then batches, until there are no more."""
    given = json.loads(sys.stdin.readline())
    try:
        context, door = begin(given)
    except SystemExit as ending:
        print(ending.code, flush=True)  # noqa: T201 - the answer to the other process
        return
    print("{}", flush=True)  # noqa: T201
    for line in sys.stdin:
        print(answer(context, door, line, given["seconds"]), flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogatepass")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    main()
