/** The record types with their fields, fetched once, and what they are called. */

import { has, t } from "./i18n.js";

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} title
 * @property {string} type
 * @property {boolean} is_required
 * @property {"strong" | "weak" | null} identifier
 * @property {string[]} choices
 * @property {boolean} is_list
 * @property {string | null} description
 * @property {string | null} example
 */
/** @typedef {{name: string, title: string, plural: string, fields: Field[]}} Resource */

/** @type {Promise<Resource[]> | null} */
let known = null;

/** @param {import("./api.js").Api} api */
export function resourcesOf(api) {
  known ??= api.get("/v1/resources").then((found) => found.data);
  known.catch(() => (known = null));
  return known;
}

/**
 * One record type with all its fields.
 * @param {import("./api.js").Api} api
 * @param {string} name
 * @returns {Promise<Resource>}
 */
export async function resourceOf(api, name) {
  const found = (await resourcesOf(api)).find((one) => one.name === name);
  return found?.fields ? found : api.get(`/v1/resources/${encodeURIComponent(name)}`);
}

/** What many of a record type are called: in the reader's language, if it is one of ours. @param {Resource} resource */
export const manyOf = ({ name, plural }) => (has(`type.${name}`) ? t(`type.${name}`) : plural);
