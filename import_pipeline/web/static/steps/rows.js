/** What becomes, or became, of the rows of an import: numbers by outcome that filter a grid of before → after. */
import { widthOf } from "../grid/columns.js";
import { Grid } from "../grid/grid.js";
import { RowSource } from "../grid/source.js";
import { fill, h } from "../dom.js";
import { number, t } from "../i18n.js";
import { banner, problem } from "../parts.js";
import { resourceOf } from "../resources.js";

/** @typedef {import("../pages/import.js").StepContext} StepContext */
/** @typedef {{[outcome: string]: number}} Counts */

export const OUTCOMES = ["created", "updated", "unchanged", "skipped", "deleted", "failed"];
const TONES = /** @type {{[outcome: string]: string}} */ ({ created: "good", updated: "info", deleted: "warn", skipped: "warn", failed: "bad" });
const LONG = 32;
const POSSIBLE_DUPLICATE = "possible_duplicate";
const BY_REASON = ["skipped", "failed", POSSIBLE_DUPLICATE];

/**
 * How many rows of an import have which outcome, records that the file does not name and that are deleted included.
 * @param {StepContext} context
 * @param {string} [importId]
 * @returns {Promise<Counts>}
 */
export async function countsOf({ api, importId: own, signal }, importId = own) {
  const { counts } = await api.get(`/v1/imports/${importId}/rows`, { query: { limit: 1 }, signal });
  return Object.fromEntries(OUTCOMES.map((one) => [one, counts[one] ?? 0]));
}

/**
 * @param {StepContext} context
 * @param {Counts} counts
 * @param {"will" | "did" | "undo"} tense
 * @param {string} importId Of which the rows are.
 * @returns {Promise<{element: HTMLElement, choose: (outcome: string) => Promise<void>, close: () => void}>}
 */
export async function outcomeRows(context, counts, tense, importId = context.importId) {
  const { api, signal } = context;
  const resource = await resourceOf(api, context.import.resource).catch(() => ({ fields: [] })); // its schema may be gone
  const titles = Object.fromEntries(resource.fields.map(({ name, title }) => [name, title]));
  const lists = new Set(resource.fields.filter((field) => field.is_list).map(({ name }) => name));
  const box = h("div", { class: "rows-box" });
  const isOwn = importId === context.importId;
  const place = h("div");
  const whole = h("p", { class: "whole", hidden: true });
  /** @type {Grid | undefined} */
  let grid;
  const tallies = OUTCOMES.map((outcome) =>
    h("button", { type: "button", class: `tally ${TONES[outcome] ?? ""}`, disabled: !counts[outcome], "data-outcome": outcome, "aria-pressed": false, onClick: () => choose(outcome) },
      h("b", null, number(counts[outcome])), h("span", null, t(`rows.${tense}.${outcome}`))));

  /** What the current cell has no room for. @param {any} row @param {number} _index @param {import("../grid/columns.js").Column} column */
  function showWhole(row, _index, column) {
    const { text, title = text } = lookOf(row, column);
    whole.hidden = (title ?? "").length < LONG;
    fill(whole, h("b", null, `${column.title}: `), title);
  }

  /** @param {string} wanted An outcome, or what was noticed of rows. */
  async function choose(wanted) {
    for (const one of tallies) one.setAttribute("aria-pressed", String(one.dataset.outcome === wanted));
    const isOutcome = OUTCOMES.includes(wanted);
    if (isOwn && !signal.aborted) history.replaceState(null, "", `${location.pathname}?outcome=${wanted}`);
    grid?.close();
    grid = undefined;
    /** @type {any[]} Rows by which the columns are known: the first ones, and what has further fields. */
    const known = [];
    const fields = new Set();
    const source = new RowSource(async (offset, limit, stop) => {
      const found = await api.get(`/v1/imports/${importId}/rows`, { query: { [isOutcome ? "outcome" : "code"]: wanted, offset, limit }, signal: stop });
      const rows = found.data.map((/** @type {any} */ row) => byField(row, lists));
      const others = rows.filter((/** @type {any} */ row) => Object.keys(row.fields).some((field) => !fields.has(field)));
      known.push(...(known.length ? others : rows));
      for (const row of others) for (const field of Object.keys(row.fields)) fields.add(field);
      if (grid && others.length) grid.view.setColumns(columnsOf(known, wanted, titles));
      return { rows, total: found.total };
    });
    try {
      await source.reset();
    } catch (error) {
      if (!signal.aborted) fill(place, banner("bad", problem(error)));
      return;
    }
    const columns = columnsOf(known, wanted, titles);
    const label = t("rows.grid", { outcome: t(isOutcome ? `rows.${tense}.${wanted}` : `rows.${wanted}`) });
    grid = new Grid({ label, source, columns, look: lookOf, entered: showWhole });
    source.failed = (error) => context.announce(problem(error));
    whole.hidden = true;
    fill(place, source.total ? grid.element : h("p", { class: "grid-empty" }, t("rows.none")));
  }

  fill(box, h("div", { class: "tallies", role: "group", "aria-label": t("rows.filter") }, tallies), place, whole);
  const kept = isOwn ? context.query.get("outcome") : null;
  const first = [kept ?? "", ...OUTCOMES.filter((outcome) => outcome !== "unchanged"), "unchanged"].find((outcome) => counts[outcome]);
  if (first) await choose(first);
  else fill(place, h("p", { class: "grid-empty" }, t("rows.none")));
  return { element: box, choose, close: () => grid?.close() };
}

/** The changes of a row by their fields; lists, which come as JSON, as people write them. @param {any} row @param {Set<string>} lists */
function byField(row, lists) {
  const text = (/** @type {string} */ field, /** @type {unknown} */ value) => shownText(typeof value === "string" && lists.has(field) && value.startsWith("[") ? JSON.parse(value) : value);
  const changes = row.changes.map((/** @type {any} */ { field, before, after }) => [field, { before: text(field, before), after: text(field, after) }]);
  return { ...row, reason: row.messages?.join(" · ") || row.reason, fields: Object.fromEntries(changes) };
}

/** @param {any[]} first @param {string} wanted @param {{[field: string]: string}} titles */
function columnsOf(first, wanted, titles) {
  const known = Object.keys(titles);
  const fields = [...new Set(first.flatMap((row) => Object.keys(row.fields)))];
  fields.sort((a, b) => (known.indexOf(a) + 1 || 999) - (known.indexOf(b) + 1 || 999));
  /** @param {string} key @param {(row: any) => string | null | undefined} text @param {object} [more] */
  const column = (key, text, more) => ({ key, title: titles[key] ?? t(`rows.${key}`), width: widthOf(titles[key] ?? key, first.map(text)), ...more });
  const why = first.some((row) => row.reason) ? [{ key: "reason", title: t("rows.reason"), width: 320 }] : [];
  return [
    { key: "row_number", title: t("rows.row_number"), width: 76, pinned: true, isHeader: true },
    ...(first.some((row) => row.label) ? [column("label", (row) => row.label, { pinned: true })] : []),
    ...(BY_REASON.includes(wanted) ? why.map((one) => ({ ...one, width: 720 })) : []),
    ...fields.map((field) => ({ ...column(field, (row) => row.fields[field] && `${row.fields[field].before}   ${row.fields[field].after}`), title: titles[field] ?? field })),
    ...(BY_REASON.includes(wanted) ? [] : why),
    ...(wanted === "failed" ? [] : [column("record_id", (row) => row.record_id)]),
  ];
}

/** @param {any} row @param {import("../grid/columns.js").Column} column @returns {import("../grid/paint.js").Look} */
function lookOf(row, { key }) {
  if (key === "row_number") return { text: row.row_number === null ? "–" : number(row.row_number) };
  if (key === "record_id" || key === "label" || key === "reason") return { text: row[key], mark: key === "label" ? "" : "is-muted" };
  const found = row.fields[key];
  if (!found) return { text: "" };
  const { before, after } = found;
  if (row.outcome === "created") return { text: after };
  return { text: after, before, title: [before, after].filter(Boolean).join(" → ") };
}

/** A value of a record as text; lists with commas. @param {unknown} value @returns {string} */
export function shownText(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(shownText).join(", ");
  return typeof value === "object" ? Object.entries(value).map(([name, one]) => `${name}: ${shownText(one)}`).join(", ") : String(value);
}
