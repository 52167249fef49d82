/** Texts of the page in the reader's language, with numbers, dates and sizes as that language writes them. */

import english from "./texts/en.js";

/** @typedef {string | {one: string, other: string}} Text One text, or one for each number in `n`. */

const LANGUAGES = ["en", "de"];
const KEY = "import-pipeline-language";
let language = "en";
/** @type {{[key: string]: Text}} */
let texts = english;
/** @type {{[key: string]: string}} */
let own = {};

/** Take the language that was chosen here, else the first of the browser's that we have. */
export async function loadTexts() {
  const wanted = [chosen(), ...navigator.languages.map((one) => one.slice(0, 2))];
  language = wanted.find((one) => LANGUAGES.includes(one ?? "")) ?? "en";
  texts = language === "en" ? english : (await import(`./texts/${language}.js`)).default;
  document.documentElement.lang = language;
}

/** @returns {string | null} */
function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is closed to us inside another site
  }
}

/** Change the language. @param {string} to */
export async function chooseLanguage(to) {
  try {
    localStorage.setItem(KEY, to);
  } catch {
    // it then lasts until the page is left
  }
  language = to;
  texts = to === "en" ? english : (await import(`./texts/${to}.js`)).default;
  document.documentElement.lang = to;
}

/** Take these texts before all others, in every language: an application that shows this page may have its own. @param {{[key: string]: string}} given */
export function useOwnTexts(given) {
  own = given;
}

/** The language in use. */
export const currentLanguage = () => language;

/**
 * The text of a key; `{name}` is replaced by `values.name`, and `values.n` decides between one and many.
 * @param {string} key
 * @param {{[name: string]: unknown}} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const text = own[key] ?? texts[key] ?? english[/** @type {keyof typeof english} */ (key)] ?? key;
  const form = typeof text === "string" ? text : text[new Intl.PluralRules(language).select(Number(values.n)) === "one" ? "one" : "other"];
  return form.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? number(value) : String(value);
  });
}

/** Whether there is such a text. @param {string} key */
export const has = (key) => key in english;

/** @param {number} value */
export const number = (value) => new Intl.NumberFormat(language).format(value);

/** A share of one, in percent. @param {number} value */
export const percent = (value) => new Intl.NumberFormat(language, { style: "percent" }).format(value);

/** Epoch seconds as date and time. @param {number} seconds */
export const moment = (seconds) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(seconds * 1000);

/** Epoch seconds as seen from now: 5 minutes ago. @param {number} seconds */
export function ago(seconds) {
  const passed = seconds - Date.now() / 1000;
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, length]) => Math.abs(passed) >= length) ?? ["second", 1];
  if (unit === "day" && passed < -7 * 86400) return moment(seconds);
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.round(passed / size), unit);
}

/** @param {number} bytes */
export function fileSize(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const options = { style: "unit", unit: units[step], unitDisplay: step ? "short" : "long", maximumSignificantDigits: step ? 3 : 4 };
  return new Intl.NumberFormat(language, /** @type {Intl.NumberFormatOptions} */ (options)).format(bytes / 1000 ** step);
}
