/** Values of choice fields: what each word of the file means, and what the rest does. */

import { fill, h } from "../dom.js";
import { number, t } from "../i18n.js";
import { banner, button, chip, select, stepFrame, waiting } from "../parts.js";
import { resourceOf } from "../resources.js";
import { footer, isClosed, keep, specOf } from "./draft.js";

/**
 * @typedef {object} Values
 * @property {string} column
 * @property {string} field
 * @property {string[]} choices
 * @property {number} distinct
 * @property {{value: string, count: number, suggestion: string | null, is_known: boolean}[]} values
 * @property {number} rest_values
 * @property {number} rest_rows
 */

const OPEN = "";
const EMPTY = "\0";

/**
 * @param {HTMLElement} root
 * @param {import("./draft.js").StepContext} context
 */
export async function show(root, context) {
  if (isClosed(root, context, "values")) return;
  if (!context.import.has_upload_file) return context.go("file");
  const title = t("values.title");
  stepFrame(root, { title, lead: t("values.lead"), body: waiting(t("file.reading")) });
  const path = `/v1/imports/${context.importId}/values`;
  const [{ data }, resource] = await Promise.all([
    context.api.post(path, { body: {}, signal: context.signal }),
    resourceOf(context.api, context.import.resource),
  ]);
  /** @type {{[field: string]: {[value: string]: string | null}}} */
  const chosen = structuredClone(specOf(context).value_mappings ?? {});
  for (const one of data) chosen[one.field] = { ...suggestions(one), ...chosen[one.field] };
  const save = () => keep(context, { value_mappings: Object.fromEntries(Object.entries(chosen).filter(([, map]) => Object.keys(map).length)) });
  const named = (/** @type {string} */ name) => resource.fields.find((one) => one.name === name)?.title ?? name;
  const cards = data.map((/** @type {Values} */ one) => card(one, named(one.field), chosen[one.field], save));
  const body = data.length ? cards : banner("good", t("values.none"));
  const foot = footer(context, "columns", t("common.next"), async () => {
    if (data.length) await save();
    context.go("rules");
  });
  stepFrame(root, { title, lead: data.length ? t("values.lead") : null, body, foot });
}

/** @param {Values} one @returns {{[value: string]: string | null}} */
const suggestions = (one) => Object.fromEntries(one.values.filter((value) => !value.is_known && value.suggestion).map((value) => [value.value, value.suggestion]));

/**
 * @param {Values} one
 * @param {string} title
 * @param {{[value: string]: string | null}} map
 * @param {() => Promise<void>} save
 */
function card(one, title, map, save) {
  const choices = /** @type {[string, string][]} */ (one.choices.map((choice) => [choice, choice]));
  const body = h("tbody");
  const said = h("div", { role: "status" });
  const undecided = () => one.values.filter((value) => !value.is_known && !(value.value in map));

  /** @param {string} value @param {string} to */
  function put(value, to) {
    if (to === OPEN) delete map[value];
    else map[value] = to === EMPTY ? null : to;
  }

  async function changed() {
    const focused = document.activeElement?.id;
    draw();
    (document.getElementById(focused || "nothing") ?? body.querySelector("select"))?.focus();
    try {
      await save();
    } catch (/** @type {any} */ error) {
      fill(said, banner("bad", error.message));
    }
  }

  /** @param {Values["values"][number]} value @param {number} at */
  function line(value, at) {
    const now = value.value in map ? (map[value.value] ?? EMPTY) : OPEN;
    const control = select([[OPEN, t("values.open")], [EMPTY, t("values.leave_empty")], ...choices], now, (to) => {
      put(value.value, to);
      void changed();
    }, { label: t("values.means", { value: value.value }) });
    control.id = `value-${one.field}-${at}`;
    const known = value.is_known && now === OPEN;
    const mark = known ? chip("good", t("values.known")) : now === OPEN ? chip("warn", t("values.undecided")) : map[value.value] === value.suggestion ? chip("info", t("values.suggested")) : chip("info", t("columns.by_hand"));
    return h("tr", null,
      h("th", { scope: "row" }, value.value),
      h("td", { class: "number" }, number(value.count)),
      h("td", null, known ? h("span", { class: "as-is" }, value.suggestion ?? value.value) : control),
      h("td", null, mark));
  }

  const rest = select([[OPEN, t("values.choose")], [EMPTY, t("values.leave_empty")], ...choices], OPEN, () => {}, { label: t("values.rest_label", { field: title }) });
  const apply = button(t("values.rest_apply"), () => {
    if (rest.value === OPEN) return rest.focus();
    for (const value of undecided()) put(value.value, rest.value);
    void changed();
  });
  const bar = h("div", { class: "rest" });

  function draw() {
    const open = undecided();
    const rows = open.reduce((sum, value) => sum + value.count, 0);
    fill(body, one.values.map(line));
    fill(bar, open.length ? [h("span", null, t("values.rest", { n: open.length, rows: number(rows) })), rest, apply] : h("span", { class: "muted" }, t("values.all_decided")));
  }

  draw();
  const heads = ["in_file", "count", "field", "state"];
  return h("section", { class: "stack values" },
    h("div", { class: "page-head" }, h("h2", null, t("values.of", { column: one.column, field: title })), h("span", { class: "muted" }, t("values.distinct", { n: one.distinct }))),
    said,
    h("div", { class: "table-box" },
      h("table", { class: "table" },
        h("thead", null, h("tr", null, heads.map((head) => h("th", { scope: "col", class: head === "count" ? "number" : null }, t(`values.${head}`))))),
        body),
      bar),
    one.rest_values ? banner("info", t("values.beyond", { n: one.rest_values, rows: number(one.rest_rows) })) : null);
}
