/** The first lines of the file as they are read; the header is chosen by its line number. */

import { h } from "../dom.js";
import { has, number, t } from "../i18n.js";

/**
 * @param {import("./draft.js").Inspection} found
 * @param {(line: number) => void} onHeader
 */
export function linesTable(found, onHeader) {
  const width = Math.max(1, ...found.lines.map((one) => one.cells.length));
  const line = (/** @type {import("./draft.js").Inspection["lines"][number]} */ one) => {
    const isHeader = one.kind === "header";
    const at = one.line;
    const pick = () => {
      const label = t(isHeader ? "file.is_header" : "file.make_header", { line: at ?? "" });
      const choose = () => !isHeader && at !== null && onHeader(at);
      return h("button", { type: "button", class: "line-number", id: `line-${at}`, "aria-pressed": isHeader, "aria-label": label, title: label, onClick: choose }, at);
    };
    const cells = Array.from({ length: width }, (_, place) => {
      const text = one.cells[place] ?? "";
      return h(isHeader ? "th" : "td", { scope: isHeader ? "col" : null, title: text.length > 40 ? text : null }, text);
    });
    const note = one.kind === "skipped" ? h("span", { class: "unseen" }, t("file.not_a_row")) : null;
    return h("tr", { class: `is-${one.kind}` }, h("td", { class: "line" }, at === null ? one.row_number : pick(), note), cells);
  };
  return h("div", { class: "table-box lines-box", tabindex: 0, role: "region", "aria-label": t("file.first_lines") },
    h("table", { class: "lines" }, h("caption", { class: "unseen" }, t("file.lines_caption")), h("tbody", null, found.lines.map(line))));
}

/** Lines that are no rows, each with its reason. @param {import("./draft.js").Inspection} found */
export function skippedLines(found) {
  const lines = found.skipped_lines ?? [];
  if (!lines.length) return null;
  const item = (/** @type {typeof lines[number]} */ one) =>
    h("li", null, h("span", { class: "mono" }, one.text), h("span", { class: "muted" }, t("file.skipped_line", { line: number(one.row_number), reason: has(`file.reason_${one.reason}`) ? t(`file.reason_${one.reason}`) : one.reason })));
  return h("details", { class: "card", open: lines.length < 4 }, h("summary", null, t("file.skipped", { n: lines.length })), h("ul", { class: "skipped" }, lines.map(item)));
}
