/** Many cells at a time: what to do, in which cells; and how many those are before it is done. */
import { fill, h, uid } from "../dom.js";
import { t } from "../i18n.js";
import { banner, button, checkbox, labelled, problem, radios, select } from "../parts.js";

const KINDS = ["replace", "set", "clear", "trim", "leave_out"];
const WAIT_MS = 250;

/**
 * @param {import("../pages/import.js").StepContext} context
 * @param {string} path Of the review.
 * @param {{columns: string[], column?: string, row?: any, filter: import("./mend.js").Filter, shown: number, all: number, done: () => Promise<void>}} around
 */
export function openBulk({ api, announce }, path, { columns, column, row, filter, shown, all, done }) {
  const isColumn = columns.includes(column ?? "");
  let kind = "replace";
  let scope = shown < all ? "shown" : "all";
  let wanted = isColumn ? /** @type {string} */ (column) : "";
  const how = { whole_cell: false, match_case: false };
  const text = isColumn && row ? (row.cells[wanted] ?? "") : "";
  const find = h("input", { class: "control", value: text, autocomplete: "off", onInput: soon });
  const replace = h("input", { class: "control", autocomplete: "off", onInput: soon });
  const set = h("input", { class: "control", autocomplete: "off", value: text, onInput: soon });
  const outlook = h("p", { class: "outlook", role: "status" });
  const samples = h("div", { class: "samples table-box", tabindex: 0, role: "region", "aria-label": t("bulk.samples") });
  const fields = h("div", { class: "stack" });
  const title = uid("bulk");
  /** @type {AbortController} */
  let asking = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {boolean} isDry */
  function body(isDry) {
    const place = scope === "cell" ? { row_numbers: [row.row_number] } : { filter: scope === "shown" ? filter : {} };
    const what = kind === "replace" ? { find: find.value, replace: replace.value, ...how } : kind === "set" ? { text: set.value } : {};
    return { kind, ...what, ...place, ...(wanted && kind !== "leave_out" ? { columns: [wanted] } : {}), dry_run: isDry };
  }

  function soon() {
    clearTimeout(timer);
    asking.abort();
    apply.disabled = true;
    timer = setTimeout(count, WAIT_MS);
  }

  async function count() {
    asking = new AbortController();
    if (kind === "replace" && !find.value) return fill(samples), void fill(outlook, t("bulk.say_what"));
    try {
      const found = await api.post(`${path}/operations`, { body: body(true), signal: asking.signal });
      const n = kind === "leave_out" ? found.rows : found.cells;
      apply.disabled = n === 0;
      fill(outlook, n ? t(kind === "leave_out" ? "bulk.rows" : "bulk.cells", { n, rows: found.rows }) : t("bulk.nothing"));
      fill(apply, t(n ? `bulk.do.${kind}` : "bulk.do", { n }));
      fill(samples, found.samples.length > 0 && h("table", { class: "table" },
        h("thead", null, h("tr", null, ["row", "column_title", "before", "after"].map((one) => h("th", { scope: "col" }, t(`bulk.${one}`))))),
        h("tbody", null, found.samples.map((/** @type {any} */ one) => h("tr", null,
          h("td", { class: "number" }, one.row_number), h("td", null, one.column), h("td", null, one.before), h("td", null, one.after))))));
    } catch (error) {
      if (!asking.signal.aborted) fill(outlook, banner("bad", problem(error)));
    }
  }

  async function run() {
    apply.disabled = true;
    try {
      const { cells, rows } = await api.post(`${path}/operations`, { body: body(false), once: true });
      close();
      await done();
      announce(t("bulk.done", { n: kind === "leave_out" ? rows : cells }));
    } catch (error) {
      fill(outlook, banner("bad", problem(error)));
    }
  }

  function showFields() {
    const places = [{ value: "shown", text: t("bulk.in_shown", { n: shown }) }, { value: "all", text: t("bulk.in_all", { n: all }) }];
    if (shown === all) places.shift();
    if (row) places.unshift({ value: "cell", text: t(wanted && kind !== "leave_out" ? "bulk.in_cell" : "bulk.in_row", { row: row.row_number }) });
    const named = select([["", t("bulk.all_columns")], ...columns.map((one) => /** @type {[string, string]} */ ([one, one]))], wanted, (value) => {
      wanted = value;
      showFields();
    });
    samples.hidden = kind === "leave_out";
    fill(fields,
      kind === "replace" && h("div", { class: "pair" }, labelled(t("bulk.find"), find), labelled(t("bulk.replace"), replace)),
      kind === "replace" && h("div", { class: "choices" },
        checkbox(t("bulk.whole_cell"), how.whole_cell, (is) => (how.whole_cell = is, soon())), checkbox(t("bulk.match_case"), how.match_case, (is) => (how.match_case = is, soon()))),
      kind === "set" && labelled(t("bulk.text"), set),
      kind !== "leave_out" && labelled(t("bulk.column"), named),
      radios(t("bulk.where"), places, scope, (value) => (scope = value, soon())));
    soon();
  }

  function close() {
    clearTimeout(timer);
    asking.abort();
    dialog.close();
    dialog.remove();
    back?.focus();
  }

  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  const apply = button(t("bulk.do"), run, { kind: "primary", disabled: true });
  const what = select(KINDS.map((one) => /** @type {[string, string]} */ ([one, t(`bulk.kind.${one}`)])), kind, (value) => {
    kind = value;
    showFields();
  });
  const dialog = h("dialog", { class: "dialog bulk", "aria-labelledby": title, onCancel: (/** @type {Event} */ event) => (event.preventDefault(), close()) },
    h("h2", { id: title }, t("bulk.title")), labelled(t("bulk.what"), what), fields, outlook, samples,
    h("div", { class: "row end" }, button(t("common.cancel"), close), apply));
  document.body.append(dialog);
  showFields();
  dialog.showModal();
}
