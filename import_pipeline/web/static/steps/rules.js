/** What the import does with what it meets, each choice a sentence with its consequence. */

import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { banner, checkbox, labelled, radios, select, stepFrame, waiting } from "../parts.js";
import { manyOf, resourceOf } from "../resources.js";
import { footer, inspect, isClosed, keep, specOf } from "./draft.js";

/** @type {{[rule: string]: string[]}} */
const CHOICES = {
  action: ["merge", "overwrite", "delete"],
  duplicate_strategy: ["merge", "fill", "overwrite", "skip"],
  duplicate_handling: ["ignore_all", "use_first"],
  on_possible_duplicate: ["create", "ask", "skip"],
  on_referenced: ["keep", "clear"],
  on_bad_optional: ["empty", "fail"],
};

/** Which figure of the last preview a rule is about. @type {{[rule: string]: [figure: string, kind: "info" | "warn"]}} */
const FIGURES = {
  action: ["deletions", "warn"],
  duplicate_strategy: ["updated", "info"],
  on_possible_duplicate: ["possible_duplicates", "info"],
};

/**
 * @param {HTMLElement} root
 * @param {import("./draft.js").StepContext} context
 */
export async function show(root, context) {
  if (isClosed(root, context, "rules")) return;
  if (!context.import.has_upload_file) return context.go("file");
  stepFrame(root, { title: t("rules.title"), lead: t("rules.lead"), body: waiting() });
  const [resource, found] = await Promise.all([resourceOf(context.api, context.import.resource), inspect(context)]);
  const words = { things: manyOf(resource) };
  const seen = context.import.details?.preview; // of the last preview, if there was one
  const body = h("div", { class: "rules" });
  const said = h("div", { role: "status" });
  const spec = () => specOf(context);

  /** @param {{[rule: string]: any}} changes @param {boolean} [redraw] */
  async function set(changes, redraw = false) {
    try {
      await keep(context, changes);
      fill(said);
    } catch (/** @type {any} */ error) {
      fill(said, banner("bad", error.message));
    }
    if (!redraw) return;
    const asked = document.activeElement?.closest("[data-rule]")?.getAttribute("data-rule");
    draw();
    /** @type {HTMLElement | null} */ (body.querySelector(`[data-rule="${asked}"] input:checked`))?.focus();
  }

  /** @param {string} rule */
  function rule(rule) {
    const now = spec()[rule] ?? CHOICES[rule][0];
    const choices = CHOICES[rule].map((value) => ({ value, text: t(`rules.${rule}.${value}`, words), hint: t(`rules.${rule}.${value}_hint`, words) }));
    const box = radios(t(`rules.${rule}`, words), choices, now, (value) => void set({ [rule]: value }, rule === "action"));
    return h("section", { class: "card", "data-rule": rule }, box, consequence(rule));
  }

  /** What a rule means here, in numbers. @param {string} rule */
  function consequence(rule) {
    const columns = new Map(Object.entries(spec().column_mapping ?? {}));
    const identity = [...(spec().match_by ?? []), ...resource.fields.filter((one) => one.identifier === "strong").map((one) => one.name)].find((one) => columns.get(one));
    const column = found.columns.find((one) => identity && one.name === columns.get(identity));
    if (rule === "duplicate_handling" && column && column.filled > column.distinct) {
      return banner("info", t("rules.repeats", { n: column.filled - column.distinct, column: column.name }));
    }
    if (rule === "action" && spec().action === "overwrite" && !seen) return banner("warn", t("rules.deletes_unseen", { rows: found.total_rows }));
    const [figure, kind] = FIGURES[rule] ?? [];
    const n = figure ? (seen?.[figure] ?? 0) : 0;
    return n > 0 && kind ? banner(kind, t(`rules.seen.${figure}`, { n, ...words })) : null;
  }

  function matching() {
    const identifiers = resource.fields.filter((one) => one.identifier);
    if (identifiers.length < 2) return null;
    const now = /** @type {string[]} */ (spec().match_by ?? []);
    const usual = identifiers.map((one) => one.title).join(", ");
    const pick = (/** @type {number} */ at) => {
      const choices = /** @type {[string, string][]} */ (identifiers.filter((one) => now[at] === one.name || !now.includes(one.name)).map((one) => [one.name, one.title]));
      return select([["", at ? t("rules.nothing_more") : t("rules.as_usual", { usual })], ...choices], now[at] ?? "", (value) => {
        const next = [...now.slice(0, at), ...(value ? [value, ...now.slice(at + 1)] : [])];
        void set({ match_by: next }, true).then(() => document.getElementById(`match-${at}`)?.focus());
      });
    };
    const controls = Array.from({ length: Math.min(now.length + 1, identifiers.length, 3) }, (_, at) => {
      const control = pick(at);
      control.id = `match-${at}`;
      return labelled(t(at ? "rules.then_by" : "rules.match_by"), control);
    });
    return h("section", { class: "card stack" }, h("h2", null, t("rules.matching")), h("p", { class: "hint" }, t("rules.matching_hint", words)), h("div", { class: "pair" }, controls));
  }

  function tagging() {
    if (!resource.fields.some((one) => one.name === "tags")) return null;
    const tags = h("input", { class: "control", value: (spec().tags ?? []).join(", ") });
    tags.addEventListener("change", () => void set({ tags: tags.value.split(",").map((one) => one.trim()).filter(Boolean) }));
    const between = h("input", { class: "control mono short", maxlength: 8, value: spec().tag_delimiter ?? "" });
    between.addEventListener("change", () => void set({ tag_delimiter: between.value || null }));
    const isMapped = Boolean((spec().column_mapping ?? {}).tags);
    return h("section", { class: "card stack" }, h("h2", null, t("rules.tags")),
      labelled(t("rules.tags_added"), tags, { hint: t("rules.tags_hint") }),
      isMapped ? labelled(t("rules.tag_delimiter"), between, { hint: t("rules.tag_delimiter_hint") }) : null);
  }

  function draw() {
    const action = spec().action ?? "merge";
    const writes = action !== "delete";
    fill(body,
      context.session.fixed?.includes("action") ? null : rule("action"),
      writes ? rule("duplicate_strategy") : null,
      rule("duplicate_handling"),
      matching(),
      writes ? rule("on_possible_duplicate") : null,
      action === "merge" ? null : rule("on_referenced"),
      writes ? rule("on_bad_optional") : null,
      writes ? tagging() : null,
      h("section", { class: "card" }, h("h2", null, t("rules.failing")), checkbox(t("rules.block"), spec().invalid_data === "block", (is) => void set({ invalid_data: is ? "block" : "remove_rows" }), { hint: t("rules.block_hint") })));
  }

  draw();
  stepFrame(root, {
    title: t("rules.title"),
    lead: t("rules.lead"),
    body: [said, body],
    foot: footer(context, "values", t("rules.preview"), async () => {
      await keep(context, {});
      Object.assign(context.import, await context.api.post(`/v1/imports/${context.importId}/preview`, { once: true, signal: context.signal }));
      context.go("preview");
    }),
  });
}
