/** Which column goes to which field: suggested, remembered or chosen, with samples of what each holds. */

import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { banner, button, checkbox, stepFrame, waiting } from "../parts.js";
import { resourceOf } from "../resources.js";
import { columnCard } from "./column_card.js";
import { footer, inspect, isClosed, keep, keepReading, specOf, withAnswer } from "./draft.js";
import { fieldsOf, isSame, lacking, saidBefore, suggested } from "./mapping.js";

/**
 * @param {HTMLElement} root
 * @param {import("./draft.js").StepContext} context
 */
export async function show(root, context) {
  if (isClosed(root, context, "columns")) return;
  if (!context.import.has_upload_file) return context.go("file");
  stepFrame(root, { title: t("columns.title"), lead: t("columns.lead"), body: waiting(t("file.reading")) });
  const [found, resource] = await Promise.all([inspect(context), resourceOf(context.api, context.import.resource)]);
  const spec = specOf(context);
  let questions = [...found.questions, ...saidBefore(found, spec.reading ?? {})];
  const answered = new Set(saidBefore(found, spec.reading ?? {}).map((one) => one.column));
  const guessed = suggested(found.columns);
  const remembered = found.remembered_mapping ? fieldsOf(found.remembered_mapping, found.columns) : null;
  const kept = Object.keys(spec.column_mapping ?? {}).length ? fieldsOf(spec.column_mapping, found.columns) : null;
  let mapping = kept ?? remembered ?? guessed;
  let asked = kept ?? guessed; // for these columns the inspection has its questions
  const notes = h("div", { class: "stack" });
  const list = h("ul", { class: "columns" });
  const said = h("p", { class: "facts", role: "status" });

  const save = () => keep(context, { column_mapping: Object.fromEntries([...mapping].map(([column, field]) => [field, column])) });

  /** @param {Map<string, string>} now */
  function change(now) {
    mapping = now;
    draw();
    return save();
  }

  /** Give a column a field, which any other column then loses. @param {string} column @param {string | null} field */
  function map(column, field) {
    const now = new Map([...mapping].filter(([other, name]) => other !== column && name !== field));
    if (field) now.set(column, field);
    void change(now).catch(report);
    document.getElementById(`field-of-${column}`)?.focus();
  }

  /** Take another mapping as a whole. @param {Map<string, string>} to */
  function swap(to) {
    void change(to).catch(report);
    notes.querySelector("button")?.focus();
  }

  /** @param {import("./draft.js").Question} question @param {any} value */
  async function answer(question, value) {
    await keepReading(context, withAnswer(specOf(context).reading ?? {}, question.answer.path, value));
    answered.add(question.column);
  }

  /** @param {any} error */
  const report = (error) => void notes.prepend(banner("bad", error.message));

  function draw() {
    const left = found.columns.filter((one) => !mapping.has(one.name) && one.filled > 0);
    said.textContent = `${t("columns.mapped", { n: mapping.size, all: found.columns.length })}${left.length ? ` · ${t("columns.left", { n: left.length })}` : ""}`;
    const gaps = lacking(resource, [...mapping.values()]);
    fill(
      notes,
      remembered && mapping === remembered ? banner("info", t("columns.remembered"), h("p", null, button(t("columns.use_suggested"), () => swap(guessed)))) : null,
      remembered && mapping !== remembered ? h("p", null, button(t("columns.use_remembered"), () => swap(remembered), { icon: "undo" })) : null,
      gaps.length ? banner("warn", gaps.join(" ")) : null,
    );
    fill(list, found.columns.map((column) =>
      columnCard({
        column, resource, mapping, isRemembered: mapping === remembered, questions: questions.filter((one) => one.column === column.name),
        given: specOf(context).reading ?? {}, onField: (field) => map(column.name, field), onAnswer: (question, value) => void answer(question, value).catch(report),
      })));
  }

  /** A column that got its field by hand may have cells that can be read in two ways, too. */
  async function askAll() {
    const { reading = {} } = specOf(context);
    const isNew = !isSame(mapping, asked);
    const now = (await inspect(context, reading, { anew: isNew })).questions.filter((one) => one.column !== null && mapping.has(one.column));
    asked = mapping;
    questions = [...questions.filter((one) => !now.some((other) => other.column === one.column)), ...now];
    const open = now.filter((one) => !answered.has(one.column));
    if (!open.length) return;
    draw();
    /** @type {HTMLElement | null} */ (list.querySelector(".question.open input"))?.focus();
    throw new Error(t("columns.answer_first", { n: open.length }));
  }

  draw();
  if (!found.columns.length) notes.append(banner("warn", t("columns.none")));
  stepFrame(root, {
    title: t("columns.title"),
    lead: t("columns.lead"),
    body: [
      notes,
      h("div", { class: "columns-head" }, said),
      list,
      checkbox(t("columns.keep"), spec.keep_unmapped ?? false, (is) => void keep(context, { keep_unmapped: is }).catch(report), { hint: t("columns.keep_hint") }),
    ],
    foot: footer(context, "file", t("common.next"), async () => {
      await save();
      await askAll();
      const mapped = new Set(mapping.values());
      context.go(resource.fields.some((one) => one.choices.length && mapped.has(one.name)) ? "values" : "rules");
    }),
  });
}
