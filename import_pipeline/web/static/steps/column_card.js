/** One column: what it holds, the field it goes to, how sure that is, what else it could be, and what we must ask. */

import { h, icon, uid } from "../dom.js";
import { percent, t } from "../i18n.js";
import { button, chip, radios, select } from "../parts.js";

/**
 * @typedef {object} Shown
 * @property {import("./draft.js").Column} column
 * @property {import("../resources.js").Resource} resource
 * @property {Map<string, string>} mapping
 * @property {boolean} isRemembered The mapping is the one of last time.
 * @property {import("./draft.js").Question[]} questions
 * @property {import("./draft.js").Reading} given What was said of the reading by hand.
 * @property {(field: string | null) => void} onField
 * @property {(question: import("./draft.js").Question, value: any) => void} onAnswer
 */

/** @param {Shown} shown */
export function columnCard({ column, resource, mapping, isRemembered, questions, given, onField, onAnswer }) {
  const field = mapping.get(column.name) ?? null;
  const title = (/** @type {string} */ name) => resource.fields.find((one) => one.name === name)?.title ?? name;
  const holders = new Map([...mapping].map(([header, name]) => [name, header]));
  const choices = resource.fields.map((one) => {
    const holder = holders.get(one.name);
    const taken = holder !== undefined && holder !== column.name ? ` — ${t("columns.taken", { column: holder })}` : "";
    return /** @type {[string, string]} */ ([one.name, `${one.title}${one.is_required ? " *" : ""}${taken}`]);
  });
  const id = uid("column");
  const control = select([["", t("columns.leave_out")], ...choices], field ?? "", (value) => onField(value || null));
  control.id = `field-of-${column.name}`;
  const others = [column.suggestion, ...column.alternatives].filter((one) => one.field && !holders.has(one.field)).slice(0, 3);
  return h(
    "li",
    { class: `column${field ? "" : " left-out"}` },
    h("div", { class: "column-holds" },
      h("h2", { id }, column.name),
      h("p", { class: "samples" }, column.samples.length ? column.samples.map((one) => h("span", { class: "sample", title: one.length > 30 ? one : null }, one)) : h("span", { class: "muted" }, t("columns.empty"))),
      h("p", { class: "hint" }, t("columns.filled", { n: column.filled, distinct: column.distinct }))),
    icon("right"),
    h("div", { class: "column-goes" },
      h("label", { class: "unseen", for: control.id }, t("columns.field_of", { column: column.name })),
      h("div", { class: "column-field" }, control, sureness(column, field, isRemembered)),
      !isRemembered && field && field === column.suggestion.field && column.suggestion.why ? h("p", { class: "hint" }, column.suggestion.why) : null,
      others.length ? h("p", { class: "row others" }, h("span", { class: "hint" }, t("columns.or")), others.map((one) => button(title(/** @type {string} */ (one.field)), () => onField(one.field), { kind: "quiet" }))) : null,
      field ? questions.map((one) => asked(one, given, onAnswer)) : null),
  );
}

/**
 * @param {import("./draft.js").Column} column
 * @param {string | null} field
 * @param {boolean} isRemembered
 */
function sureness(column, field, isRemembered) {
  if (!field) return column.filled ? chip("warn", t("columns.not_imported")) : chip("plain", t("columns.nothing_in_it"));
  if (isRemembered) return chip("info", t("columns.last_time"));
  const { field: guess, score, is_sure: isSure } = column.suggestion;
  if (guess !== field) return chip("info", t("columns.by_hand"));
  if (isSure) return chip("good", t("columns.sure"));
  return chip("warn", t("columns.check", { share: percent(score) }));
}

/**
 * How dates or numbers are meant, asked with a cell of the file.
 * @param {import("./draft.js").Question} question
 * @param {import("./draft.js").Reading} given
 * @param {Shown["onAnswer"]} onAnswer
 */
function asked(question, given, onAnswer) {
  const [name, column] = question.answer.path;
  const now = given[name]?.[column] ?? (typeof given[name] === "string" ? given[name] : "");
  const choices = question.choices.map((one) => ({ value: String(one.value), text: one.text }));
  const legend = question.cell ? t("columns.how_read", { cell: question.cell }) : question.text;
  const box = radios(legend, choices, String(now), (value) => {
    frame.classList.remove("open");
    onAnswer(question, question.choices.find((one) => String(one.value) === value)?.value);
  });
  const frame = h("div", { class: `question${now === "" ? " open" : ""}` }, question.cell ? h("p", { class: "hint" }, question.text) : null, box);
  return frame;
}
