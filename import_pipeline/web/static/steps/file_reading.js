/** How the file was read, each part of it to be said by hand; what is left to us says what we found. */

import { h, uid } from "../dom.js";
import { t } from "../i18n.js";
import { checkbox, labelled, select } from "../parts.js";

const ENCODINGS = ["utf-8", "windows-1252", "iso-8859-1", "iso-8859-15", "utf-16", "windows-1250", "windows-1251", "mac-roman", "shift_jis", "gb18030", "big5", "euc-kr"];
const DELIMITERS = [",", ";", "\t", "|", ":", "^"];
const QUOTES = ['"', "'", ""];
const NAMED = /** @type {{[mark: string]: string}} */ ({ ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", ":": "colon", "^": "caret", '"': "double", "'": "single", "": "none", ".": "point", " ": "space" });
/** Below this the next best way of reading is named. */
const SURE = 0.7;
const TEXT = ["csv", "tsv", "txt", "text", "delimited"];

/** @param {any} mark */
const spoken = (mark) => (mark in NAMED ? t(`file.mark_${NAMED[mark]}`) : String(mark));

/**
 * @param {import("./draft.js").Inspection | null} found
 * @param {import("./draft.js").Reading} reading What was said by hand.
 * @param {(name: string, value: any) => void} change
 */
export function readingPanel(found, reading, change) {
  const used = found?.reading ?? {};

  /** @param {string} name @param {any[]} values @param {(value: any) => string} say */
  function choice(name, values, say) {
    const given = reading[name];
    const all = given === undefined || given === null || values.includes(given) ? values : [given, ...values];
    const auto = t("file.auto", { found: used[name] === null || used[name] === undefined || given !== undefined ? "" : `: ${say(used[name])}` });
    const at = given === undefined || given === null ? "" : String(all.indexOf(given));
    const choices = /** @type {[string, string][]} */ ([["", auto], ...all.map((one, place) => [String(place), say(one)])]);
    const control = select(choices, at, (value) => change(name, value === "" ? null : all[Number(value)]));
    control.id = `reading-${name}`;
    return labelled(t(`file.${name}`), control, { className: given === undefined || given === null ? "" : "by-hand" });
  }

  /** @param {string} name @param {number} least */
  function count(name, least) {
    const value = reading[name] ?? used[name] ?? "";
    const control = h("input", { type: "number", class: "control", id: `reading-${name}`, min: least, max: 1000, value, disabled: name === "header_row" && value === 0 });
    control.addEventListener("change", () => change(name, control.value === "" ? null : Number(control.value)));
    return labelled(t(`file.${name}`), control, { className: reading[name] === undefined ? "" : "by-hand" });
  }

  const isText = !found || TEXT.includes(found.format) || typeof used.delimiter === "string";
  const isTable = isText || (found?.sheets.length ?? 0) > 0 || typeof used.header_row === "number";
  if (!isTable) return null;
  const mark = () => {
    const own = h("input", { class: "control mono", id: "reading-own-delimiter", maxlength: 16, value: DELIMITERS.includes(reading.delimiter) ? "" : (reading.delimiter ?? "") });
    own.addEventListener("change", () => own.value && change("delimiter", own.value));
    return labelled(t("file.own_delimiter"), own);
  };
  return h(
    "section",
    { class: "card stack reading", "aria-labelledby": "reading-title" },
    h("h2", { id: "reading-title" }, t("file.how_read")),
    isText ? [choice("encoding", ENCODINGS, (name) => String(name).replace(/^cp(?=125\d$)/, "windows-")), choice("delimiter", DELIMITERS, spoken), reading.delimiter === undefined ? null : mark(), choice("quote", QUOTES, spoken)] : null,
    isTable ? h("div", { class: "pair" }, count("header_row", 1), count("skip_rows", 0)) : null,
    isTable ? checkbox(t("file.no_header"), (reading.header_row ?? used.header_row) === 0, (is) => change("header_row", is ? 0 : null)) : null,
    isText ? choice("decimal", [".", ","], spoken) : null,
    found && Object.keys(reading).length ? h("p", { class: "hint" }, t("file.by_hand")) : null,
    used.confidence < SURE && used.runner_up ? h("p", { class: "hint" }, t("file.unsure", { other: used.runner_up })) : null,
    (used.notes ?? []).filter((/** @type {string} */ note) => !found?.defects.some((one) => one.message === note)).map((/** @type {string} */ note) => h("p", { class: "hint" }, note)),
  );
}

/**
 * Which sheet of a workbook, or which file of an archive is meant.
 * @param {import("./draft.js").Inspection} found
 * @param {(name: string, value: any) => void} change
 */
export function sheetTabs(found, change) {
  const ofSheets = found.sheets.map((one) => {
    const size = t("common.rows", { n: one.rows });
    return { value: one.name, isUsed: one.is_used, hint: one.is_hidden ? `${size} · ${t("file.hidden_sheet")}` : size };
  });
  const ofMembers = found.members.map((name) => ({ value: name, isUsed: found.reading.member === name, hint: "" }));
  const [name, tabs] = ofMembers.length > 1 ? ["member", ofMembers] : ["sheet", ofSheets];
  const question = found.questions.find((one) => one.kind === name);
  if (tabs.length < 2) return null;
  const group = uid("sheets");
  return h("fieldset", { class: "sheets" }, h("legend", null, question?.text ?? t(`file.which_${name}`)), tabs.map(({ value, isUsed, hint }, at) => {
    const id = `${name}-${at}`;
    return h("div", { class: "sheet" },
      h("input", { type: "radio", name: group, id, checked: isUsed, onChange: () => change(name, value) }),
      h("label", { for: id }, value, hint ? h("span", { class: "muted" }, hint) : null));
  }));
}
