/** The order of the steps, which of them are open to an import in its state, and the one that its state calls for. */

const DRAFTED = ["file", "columns", "values", "rules", "preview"];
const AT_WORK = ["queued", "processing", "uploaded"];

/**
 * The step that the state of an import calls for.
 * @param {any} shown The import object.
 */
export function stepOf(shown) {
  if (shown.is_draft) return shown.has_upload_file && shown.spec?.column_mapping ? "columns" : "file";
  if (shown.is_preview) return "preview";
  if (shown.state === "requested") return "file";
  if (AT_WORK.includes(shown.state)) return "run";
  if (shown.state !== "needs_review") return "result";
  const asked = shown.details ?? {};
  if (asked.questions || asked.tables || asked.sheets) return "file";
  if (asked.mapping || asked.suggestions) return "columns";
  return shown.failed_count > 0 ? "mend" : "preview";
}

/**
 * The steps of an import, each with whether one can go there and whether it is behind.
 * @param {any} shown
 * @param {string} current
 * @returns {{step: string, isOpen: boolean, isDone: boolean}[]}
 */
export function stepsOf(shown, current) {
  const waits = shown.is_draft || shown.state === "needs_review" || shown.state === "requested";
  const read = shown.has_upload_file;
  const mends = shown.state === "needs_review" && (shown.failed_count > 0 || current === "mend");
  const steps = [...DRAFTED, ...(mends || current === "mend" ? ["mend"] : []), waits ? "run" : "result"];
  if (!waits && AT_WORK.includes(shown.state)) steps[steps.length - 1] = "run";
  const at = steps.indexOf(current);
  return steps.map((step, place) => ({
    step,
    isDone: waits ? place < at : step !== current,
    isOpen: waits ? step === "file" || (read && (step !== "run")) : step === "run" || step === "result" || step === "preview",
  }));
}
