/** What the steps before the preview share: the file as it is read, and what is asked of it, kept at each change. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { banner, button, problem, stepFrame } from "../parts.js";

/** @typedef {import("../pages/import.js").StepContext} StepContext */
/**
 * @typedef {object} Column
 * @property {string} name
 * @property {number} filled
 * @property {number} distinct
 * @property {string[]} samples
 * @property {string | null} type
 * @property {{field: string | null, score: number, is_sure: boolean, why?: string | null}} suggestion
 * @property {{field: string, score: number}[]} alternatives
 */
/**
 * @typedef {object} Question
 * @property {string} kind
 * @property {string | null} column
 * @property {string} text
 * @property {string | null} cell
 * @property {{value: any, text: string}[]} choices
 * @property {{path: string[]}} answer Where the choice goes in the reading options.
 */
/** @typedef {{[option: string]: any}} Reading */
/**
 * @typedef {object} Inspection
 * @property {string} file_name
 * @property {number} size_bytes
 * @property {string} format
 * @property {Reading} reading As it was read.
 * @property {number} total_rows
 * @property {{name: string, rows: number, columns: number, is_used: boolean, is_hidden: boolean}[]} sheets
 * @property {string[]} members
 * @property {{line: number | null, kind: "header" | "row" | "skipped", row_number: number | null, cells: string[], reason?: string | null}[]} lines
 * @property {{row_number: number, reason: string, text: string}[]} skipped_lines
 * @property {Column[]} columns
 * @property {{[field: string]: string} | null} remembered_mapping
 * @property {Question[]} questions
 * @property {{message: string, level: string}[]} defects
 * @property {{resource: string, score: number}[]} record_type_guess
 */

/** The last inspection, and of what: a large file takes seconds to read, and the next step asks for the same. */
let known = { key: "", found: /** @type {Inspection | null} */ (null) };

/**
 * Read the file as the draft says, or as given.
 * @param {StepContext} context
 * @param {Reading} [reading]
 * @param {{anew?: boolean}} [options] Whether to read it again though nothing of the reading changed.
 * @returns {Promise<Inspection>}
 */
export async function inspect(context, reading = specOf(context).reading ?? {}, { anew = false } = {}) {
  const key = JSON.stringify([context.importId, context.import.resource, reading]);
  if (!anew && key === known.key && known.found) return known.found;
  const found = await context.api.post(`/v1/imports/${context.importId}/inspection`, { body: { reading }, signal: context.signal });
  known = { key, found };
  return found;
}

/** Another file is there now. */
export const forgetInspection = () => void (known = { key: "", found: null });

/** What the draft asks, in the words of the API. @param {StepContext} context @returns {{[name: string]: any}} */
export const specOf = (context) => context.import.spec ?? {};

/**
 * Keep other reading options: those that are gone are detected again.
 * @param {StepContext} context
 * @param {Reading} reading
 */
export function keepReading(context, reading) {
  const gone = Object.keys(specOf(context).reading ?? {}).map((name) => [name, null]);
  return keep(context, { reading: { ...Object.fromEntries(gone), ...reading } });
}

let last = Promise.resolve();

/**
 * Keep what a person chose; changes are sent one after the other, in their order.
 * @param {StepContext} context
 * @param {{[name: string]: any}} body
 * @returns {Promise<void>}
 */
export function keep(context, body) {
  const work = last.then(async () => {
    Object.assign(context.import, await context.api.patch(`/v1/imports/${context.importId}`, { body }));
    context.changed(context.import);
  });
  last = work.catch(() => {});
  return work;
}

/** Whether what is asked can still be changed. @param {StepContext} context */
export const isOpen = ({ import: { is_draft: isDraft, state } }) => isDraft || state === "needs_review" || state === "requested";

/**
 * Say why a step has nothing to change, if so.
 * @param {HTMLElement} root
 * @param {StepContext} context
 * @param {string} step
 * @returns {boolean} Whether that was said.
 */
export function isClosed(root, context, step) {
  if (context.canWrite && isOpen(context)) return false;
  const text = t(context.canWrite ? "draft.started" : "draft.read_only");
  stepFrame(root, { title: t(`${step}.title`), body: banner("info", text, context.import.is_draft ? null : h("p", null, button(t("draft.see"), () => context.open(`/imports/${context.importId}`)))) });
  return true;
}

/**
 * The bar at the end of a step: back, and on once `work` is done.
 * @param {StepContext} context
 * @param {string | null} back
 * @param {string} text
 * @param {() => Promise<void>} work Leads on by itself.
 */
export function footer(context, back, text, work) {
  const said = h("p", { class: "error", role: "alert" });
  let isAtWork = false;
  const on = button(text, async () => {
    if (isAtWork) return; // a disabled button would lose the focus
    isAtWork = true;
    on.setAttribute("aria-busy", "true");
    said.textContent = "";
    try {
      await work();
    } catch (error) {
      if (!context.signal.aborted) said.textContent = problem(error);
    }
    isAtWork = false;
    on.removeAttribute("aria-busy");
  }, { kind: "primary" });
  return [back ? button(t("common.back"), () => context.go(back)) : null, said, on];
}

/**
 * Put a value at a place of the reading options; null takes it away.
 * @param {Reading} reading
 * @param {string[]} path For example `["date_orders", "Born"]`.
 * @param {any} value
 * @returns {Reading}
 */
export function withAnswer(reading, [name, column], value) {
  const put = column === undefined ? value : { ...reading[name], [column]: value };
  const kept = { ...reading, [name]: put };
  if (put === null) delete kept[name];
  return kept;
}
