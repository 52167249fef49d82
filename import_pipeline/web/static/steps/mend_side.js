/** Beside the failing rows: the groups of what is wrong, as filters; and the steps that were taken, to be undone. */
import { h } from "../dom.js";
import { ago, number, t } from "../i18n.js";
import { button } from "../parts.js";

/** Paint a box again; what had the focus in it, or what has come in its place, has it then. @param {HTMLElement} box @param {() => void} paint */
export function keepingFocus(box, paint) {
  const steps = () => /** @type {HTMLElement[]} */ ([...box.querySelectorAll("button, a")]);
  const at = steps().indexOf(/** @type {HTMLElement} */ (document.activeElement));
  paint();
  if (at >= 0) steps()[Math.min(at, steps().length - 1)]?.focus();
}

/** @param {any} summary @param {import("./mend.js").Filter} filter @param {(filter: import("./mend.js").Filter) => void} choose */
export function groupList(summary, filter, choose) {
  /** @param {string} title @param {string} under @param {number} rows @param {import("./mend.js").Filter} wanted */
  const group = (title, under, rows, wanted) => {
    const isOn = filter.column === wanted.column && filter.code === wanted.code;
    return h("li", null, h("button", { type: "button", class: "group", "aria-pressed": isOn, title: `${title}: ${under}`, onClick: () => choose(wanted) },
      h("b", null, title), h("i", null, number(rows)), h("span", null, under)));
  };
  return h("div", null, h("h2", { class: "is-plain" }, t("mend.groups")), h("ul", { class: "groups" },
    group(t("mend.all"), t("mend.all_hint", { corrected: summary.corrected_cells, left_out: summary.left_out_rows }), summary.failing_rows, { column: undefined, code: undefined }),
    summary.groups.map((/** @type {any} */ one) => group(one.column ?? t("mend.whole_row"), one.title, one.rows, { column: one.column ?? undefined, code: one.code }))));
}

/** @param {any[]} steps The newest first. @param {((step: any) => void) | null} undo */
export function stepList(steps, undo) {
  if (!steps.length) return null;
  return h("div", { class: "is-later" }, h("h2", null, t("mend.steps")), h("ul", { class: "moves" }, steps.map((step) => {
    const what = t(`mend.did.${step.kind}`);
    return h("li", null,
      h("span", null, what, h("small", null, `${step.kind === "leave_out" ? t("common.rows", { n: step.rows }) : t("mend.cells", { n: step.cells })} · ${ago(step.created_at)}`)),
      undo && button("", () => undo(step), { icon: "undo", kind: "quiet", label: t("mend.undo", { what }) }));
  })));
}
