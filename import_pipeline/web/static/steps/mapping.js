/** Mappings as the steps hold them: header of a column → field; the API writes them the other way round. */

import { t } from "../i18n.js";

/** @typedef {import("./draft.js").Column} Column */

/**
 * @param {{[field: string]: string | null}} mapping Field → header.
 * @param {Column[]} columns
 * @returns {Map<string, string>}
 */
export function fieldsOf(mapping, columns) {
  const known = new Set(columns.map((one) => one.name));
  return new Map(Object.entries(mapping).flatMap(([field, column]) => (column !== null && known.has(column) ? [[column, field]] : [])));
}

/** What the headers and cells suggest; where two columns want one field, the surer one gets it. @param {Column[]} columns */
export function suggested(columns) {
  /** @type {Map<string, string>} */
  const mapping = new Map();
  const taken = new Set();
  for (const { name, suggestion } of [...columns].sort((a, b) => b.suggestion.score - a.suggestion.score)) {
    if (!suggestion.field || taken.has(suggestion.field)) continue;
    taken.add(suggestion.field);
    mapping.set(name, suggestion.field);
  }
  return mapping;
}

/**
 * What a mapping lacks, in sentences.
 * @param {import("../resources.js").Resource} resource
 * @param {string[]} fields
 */
export function lacking(resource, fields) {
  const identifying = resource.fields.filter((one) => one.identifier);
  const gaps = [];
  if (identifying.length && !identifying.some((one) => fields.includes(one.name))) {
    gaps.push(t("columns.no_identifier", { fields: identifying.map((one) => one.title).join(", ") }));
  }
  for (const one of resource.fields) {
    if (one.is_required && !fields.includes(one.name)) gaps.push(t("columns.required", { field: one.title }));
  }
  return gaps;
}

/**
 * Questions that were answered before, so that the answer can be changed.
 * @param {import("./draft.js").Inspection} found
 * @param {import("./draft.js").Reading} reading
 * @returns {import("./draft.js").Question[]}
 */
export function saidBefore(found, reading) {
  const ways = { date_orders: { day_first: "day_first", month_first: "month_first" }, decimals: { ".": "point", ",": "comma" } };
  return Object.entries(ways).flatMap(([option, names]) =>
    Object.keys(reading[option] ?? {}).filter((column) => found.columns.some((one) => one.name === column)).map((column) => {
      const choices = Object.entries(names).map(([value, word]) => ({ value, text: t(`columns.way_${word}`) }));
      return { kind: option, column, text: t("columns.read_as"), cell: null, choices, answer: { path: [option, column] } };
    }));
}

/**
 * @param {Map<string, string>} one
 * @param {Map<string, string>} other
 */
export const isSame = (one, other) => one.size === other.size && [...one].every(([column, field]) => other.get(column) === field);
