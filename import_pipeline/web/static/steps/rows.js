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
const BY_REASON = ["skipped", "failed"];

/** The numbers of an import object by outcome. @param {any} shown @returns {Counts} */
export const countsOf = (shown) => Object.fromEntries(OUTCOMES.map((one) => [one, shown[`${one}_count`] ?? 0]));

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
  const box = h("div", { class: "rows-box" });
  const place = h("div");
  /** @type {Grid | undefined} */
  let grid;
  const tallies = OUTCOMES.map((outcome) =>
    h("button", { type: "button", class: `tally ${TONES[outcome] ?? ""}`, disabled: !counts[outcome], "data-outcome": outcome, "aria-pressed": false, onClick: () => choose(outcome) },
      h("b", null, number(counts[outcome])), h("span", null, t(`rows.${tense}.${outcome}`))));

  /** @param {string} outcome */
  async function choose(outcome) {
    for (const one of tallies) one.setAttribute("aria-pressed", String(one.dataset.outcome === outcome));
    grid?.close();
    const source = new RowSource(async (offset, limit, stop) => {
      const found = await api.get(`/v1/imports/${importId}/rows`, { query: { outcome, offset, limit }, signal: stop });
      return { rows: found.data.map(byField), total: found.total };
    });
    try {
      await source.reset();
    } catch (error) {
      if (!signal.aborted) fill(place, banner("bad", problem(error)));
      return;
    }
    const columns = columnsOf(source, outcome, titles);
    const label = t("rows.label", { outcome: t(`rows.${tense}.${outcome}`) });
    grid = new Grid({ label, source, columns, look: (row, column) => lookOf(row, column, outcome) });
    source.failed = (error) => context.announce(problem(error));
    fill(place, source.total ? grid.element : h("p", { class: "grid-empty" }, t("rows.none")));
  }

  fill(box, h("div", { class: "tallies", role: "group", "aria-label": t("rows.filter") }, tallies), place);
  const first = OUTCOMES.find((outcome) => counts[outcome] && outcome !== "unchanged") ?? OUTCOMES.find((outcome) => counts[outcome]);
  if (first) await choose(first);
  else fill(place, h("p", { class: "grid-empty" }, t("rows.none")));
  return { element: box, choose, close: () => grid?.close() };
}

/** @param {any} row */
const byField = (row) => ({ ...row, fields: Object.fromEntries(row.changes.map((/** @type {any} */ change) => [change.field, change])) });

/** @param {RowSource} source @param {string} outcome @param {{[field: string]: string}} titles */
function columnsOf(source, outcome, titles) {
  const first = source.pages.get(0) ?? [];
  const known = Object.keys(titles);
  const fields = [...new Set(first.flatMap((row) => Object.keys(row.fields)))];
  fields.sort((a, b) => (known.indexOf(a) + 1 || 999) - (known.indexOf(b) + 1 || 999));
  /** @param {string} key @param {(row: any) => string | null | undefined} text @param {object} [more] */
  const column = (key, text, more) => ({ key, title: titles[key] ?? t(`rows.${key}`), width: widthOf(titles[key] ?? key, first.map(text)), ...more });
  const why = first.some((row) => row.reason) ? [{ key: "reason", title: t("rows.reason"), width: 320 }] : [];
  return [
    { key: "row_number", title: t("rows.row_number"), width: 76, pinned: true, isHeader: true },
    ...(first.some((row) => row.label) ? [column("label", (row) => row.label, { pinned: true })] : []),
    ...(BY_REASON.includes(outcome) ? why.map((one) => ({ ...one, width: 520 })) : []),
    ...fields.map((field) => ({ ...column(field, (row) => row.fields[field] && `${shownText(row.fields[field].before)}   ${shownText(row.fields[field].after)}`), title: titles[field] ?? field })),
    ...(BY_REASON.includes(outcome) ? [] : why),
    ...(outcome === "failed" ? [] : [column("record_id", (row) => row.record_id)]),
  ];
}

/** @param {any} row @param {import("../grid/columns.js").Column} column @param {string} outcome @returns {import("../grid/paint.js").Look} */
function lookOf(row, { key }, outcome) {
  if (key === "row_number") return { text: row.row_number === null ? "–" : number(row.row_number) };
  if (key === "record_id" || key === "label" || key === "reason") return { text: row[key], mark: key === "label" ? "" : "is-muted" };
  const found = row.fields[key];
  if (!found) return { text: "" };
  const [before, after] = [shownText(found.before), shownText(found.after)];
  if (outcome === "created") return { text: after };
  return { text: after, before, title: [before, after].filter(Boolean).join(" → ") };
}

/** A value of a record as text; lists with commas. @param {unknown} value @returns {string} */
export function shownText(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(shownText).join(", ");
  return typeof value === "object" ? Object.entries(value).map(([name, one]) => `${name}: ${shownText(one)}`).join(", ") : String(value);
}
