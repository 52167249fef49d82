"""What the process for JavaScript row hooks runs: QuickJS with limits, one line of JSON in, one line out.

Started by `javascript.py` as a file of its own, without the package around it: it imports nothing of the project.
"""

import json
import sys
import time
from io import TextIOWrapper
from typing import Any

import quickjs

STACK_BYTES = 512 * 1024

HARNESS = """
(fieldsText, delimitersText, levelsText) => {
  "use strict";
  // Hooks may change every object that scripts share (JSON, the prototypes). What is used here is taken before a hook
  // is compiled, and what is written here has no prototype that a hook could reach.
  const {parse, stringify} = JSON, {apply} = Reflect, {keys, setPrototypeOf} = Object, {isArray} = Array;
  const text = String, Failure = TypeError, evaluate = eval;
  const {isWellFormed, toWellFormed, slice} = text.prototype, {toISOString, getTime} = Date.prototype;
  // A trace would hand functions of this program to a hook that asks for one.
  Object.defineProperty(Error, "prepareStackTrace", {value: undefined, writable: false, configurable: false});
  const bare = (thing) => setPrototypeOf(thing, null);
  const list = () => bare([]);
  const put = (things, thing) => { things[things.length] = thing; };
  const namesOf = (given) => {
    const names = bare({});
    for (let at = 0; at < given.length; at++) names[given[at]] = true;
    return names;
  };
  const fields = parse(fieldsText), delimiters = bare(parse(delimitersText)), levels = namesOf(parse(levelsText));
  const known = namesOf(fields), hooks = list();
  let place = list(), result = "";
  const standAt = (row, hook) => { place = list(); put(place, row); put(place, hook); };
  const isDate = (value) => { try { apply(getTime, value, []); return true; } catch { return false; } };
  const told = (value) => {
    try { return apply(toWellFormed, apply(slice, text(value), [0, 500]), []); }
    catch { return "it threw something that cannot be written as text"; }
  };
  const whole = (value, field) => {
    if (!apply(isWellFormed, value, []))
      throw new Failure(`the value of ${field} holds half of a character (a lone surrogate)`);
    return value;
  };
  const textOf = (value, field) => {
    if (value === null || value === undefined || value === "") return null;
    if (isArray(value)) {
      let joined = "";
      for (let at = 0; at < value.length; at++) joined += (at ? delimiters[field] : "") + text(value[at]);
      return whole(joined, field);
    }
    if (typeof value === "object" && isDate(value)) return apply(toISOString, value, []);
    if (typeof value === "object" || typeof value === "function" || typeof value === "symbol")
      throw new Failure(`the value of ${field} is no text, number, boolean or list of them`);
    return whole(text(value), field);
  };
  const infosOf = (infos, field) => {
    const found = [];
    for (let at = 0; at < infos.length; at++) {
      const {field: of, message, level} = infos[at];
      if (of === field) put(found, {field, message, level});
    }
    return found;
  };
  const cellsOf = (row, texts, infos) => {
    const cells = {};
    for (let at = 0; at < fields.length; at++) {
      const field = fields[at];
      cells[field] = {value: texts[field], resultValue: row.v[field], info: infosOf(infos, field)};
    }
    return cells;
  };
  const take = (answer, row, texts, infos) => {
    if (answer === undefined || answer === null) return;
    const changed = answer.row;
    if (changed === undefined || changed === null) return;
    const names = keys(changed);
    for (let at = 0; at < names.length; at++) {
      const field = names[at];
      if (!known[field]) throw new Failure(`there is no field ${field}`);
      const cell = changed[field];
      if (cell === null || typeof cell !== "object") throw new Failure(`the answer for ${field} is no {value, info}`);
      if ("manyToOne" in cell) throw new Failure("manyToOne is not supported");
      if ("value" in cell) texts[field] = textOf(cell.value, field);
      for (const info of cell.info || []) {
        const level = info.level || "info";
        if (typeof level !== "string" || !levels[level]) throw new Failure(`there is no level ${told(level)}`);
        const message = apply(toWellFormed, text(info.message), []);
        put(infos, bare({n: row.n, field, message, value: texts[field], level}));
      }
    }
  };
  const batch = async (given) => {
    const out = bare({rows: list(), infos: list(), failed: list()});
    const rows = parse(given);
    for (let number = 0; number < rows.length; number++) {
      const row = rows[number], texts = bare({...row.t}), infos = list();
      try {
        for (let nth = 0; nth < hooks.length; nth++) {
          standAt(row.n, nth + 1);
          const hook = hooks[nth];
          let answer = hook({row: cellsOf(row, texts, infos), index: row.n - 1, rowId: text(row.n)}, "init");
          if (answer && typeof answer.then === "function") answer = await answer;
          take(answer, row, texts, infos);
        }
        put(out.rows, bare({n: row.n, t: texts}));
        for (let at = 0; at < infos.length; at++) put(out.infos, infos[at]);
      } catch (error) {
        const why = error === null ? "out of memory" : told(error);
        const message = `Row hook ${place[1]} failed: ${why}. Correct the hook, or the row.`;
        put(out.failed, bare({n: row.n, field: null, message, value: null, level: "error"}));
      }
    }
    result = stringify(out);
  };
  const compiled = (source) => {
    const hook = evaluate(source);
    if (typeof hook !== "function") return "";
    put(hooks, hook);
    return "function";
  };
  return (what, given) => {
    if (what === "hook") return compiled(given);
    if (what === "batch") { result = ""; batch(given); return ""; }
    return what === "place" ? stringify(place) : result;
  };
}
"""


def begin(given: dict[str, Any]) -> Any:
    """Make the context and the function that takes batches; a hook that does not compile is named by its number.

    Hooks are compiled last, so that none of them meets anything that is not finished.
    """
    context = quickjs.Context()
    context.set_max_stack_size(STACK_BYTES)
    context.set_memory_limit(given["memory_bytes"])
    context.set_time_limit(given["seconds"])
    parts = [json.dumps(json.dumps(given[name])) for name in ("fields", "delimiters", "levels")]
    harness = context.eval(f"({HARNESS})({', '.join(parts)})")
    for number, source in enumerate(given["hooks"], start=1):
        try:
            kind = harness("hook", f"({source}\n)")
        except quickjs.JSException as error:
            raise SystemExit(stop(f"Row hook {number} does not compile: {first_line(error)}", hook=number)) from error
        if kind != "function":
            raise SystemExit(stop(f"Row hook {number} is no function (record, mode) => ({{row}}).", hook=number))
    return context, harness


def answer(context: Any, harness: Any, batch: str, seconds: float) -> str:
    """What became of one batch."""
    started = time.monotonic()
    try:
        harness("batch", batch)
        while context.execute_pending_job():
            if time.monotonic() - started > seconds:
                return stop("It ran longer than it may.", *json.loads(harness("place", "")))
        result = harness("result", "")
    except quickjs.JSException as error:
        problem = first_line(error)
        problem = "It ran longer than it may." if "interrupted" in problem else f"{problem}."
        return stop(problem, *json.loads(harness("place", "")))
    return result or stop("It was stopped, or waits for what never comes.", *json.loads(harness("place", "")))


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
        context, harness = begin(given)
    except SystemExit as ending:
        print(ending.code, flush=True)  # noqa: T201 - the answer to the other process
        return
    print("{}", flush=True)  # noqa: T201
    for line in sys.stdin:
        print(answer(context, harness, line, given["seconds"]), flush=True)  # noqa: T201


if __name__ == "__main__":
    # Both are text streams of this process's own; their declared type also allows others, which cannot be reconfigured.
    assert isinstance(sys.stdin, TextIOWrapper)
    assert isinstance(sys.stdout, TextIOWrapper)
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogatepass")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    main()
