/** The order of the steps, which of them are open to an import in its state, and the one that its state calls for. */

/** The steps in which a person says what is to be done. */
export const ASKING = ["file", "columns", "values", "rules"];
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
  if (asked.tables || asked.sheets) return "file";
  if (asked.suggestions || asked.column_formats) return "columns";
  if (asked.preview) return "rules"; // what was asked changed since
  return shown.failed_count > 0 ? "mend" : "preview";
}

/**
 * The steps of an import, each with whether one can go there and whether it is behind.
 * @param {any} shown
 * @param {string} current
 * @returns {{step: string, isOpen: boolean, isDone: boolean}[]}
 */
export function stepsOf(shown, current) {
  const isAsked = shown.is_draft || shown.state === "requested" || shown.state === "needs_review";
  const isMended = current === "mend" || (shown.state === "needs_review" && shown.failed_count > 0);
  const last = isAsked || AT_WORK.includes(shown.state) ? "run" : "result";
  if (shown.undoes) return [{ step: last, isDone: false, isOpen: true }]; // nothing was asked of an undo
  const steps = [...ASKING, "preview", ...(isMended ? ["mend"] : []), last];
  const at = steps.indexOf(current);
  return steps.map((step, place) => {
    const isSeen = step === "preview" || step === "mend" ? shown.state === "needs_review" : ASKING.includes(step) && shown.has_upload_file;
    return {
      step,
      isDone: isAsked ? place < at : step !== current,
      isOpen: step === current || (isAsked ? isSeen || step === "file" : step === last || step === "preview"),
    };
  });
}
