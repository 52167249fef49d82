/** How one cell of a grid looks: its text, what it was before, and what is wrong with it. Only ever text. */

/**
 * @typedef {object} Look
 * @property {string | null} text
 * @property {string | null} [before] What it was; undefined where that is not told.
 * @property {boolean} [isWrong]
 * @property {string} [because] The key of the column whose cell says what is wrong.
 * @property {string} [mark] A class of its own.
 * @property {string} [title] The text where there is room for more.
 */

const [MOST_IN_CELL, MOST_IN_TITLE] = [200, 2_000];

/** As much of a text as a cell shows. @param {string | null} text */
const inOneLine = (text) => (text ?? "").slice(0, MOST_IN_CELL).replace(/[\r\n]+/g, " ⏎ ");

/** @param {HTMLElement} cell @param {Look} look @param {(key: string) => string} idOf */
export function paintCell(cell, look, idOf) {
  const { text, before, isWrong, because, mark, title } = look;

  cell.className = ["grid-cell", isWrong ? "is-wrong" : "", mark ?? ""].join(" ").trim();
  if (before === undefined) cell.textContent = inOneLine(text);
  else cell.replaceChildren(...change(inOneLine(before), inOneLine(text)));
  const whole = title ?? text ?? "";
  if (whole.length > 12) cell.title = whole.slice(0, MOST_IN_TITLE);
  else cell.removeAttribute("title");
  if (isWrong) cell.setAttribute("aria-invalid", "true");
  else cell.removeAttribute("aria-invalid");
  if (isWrong && because) cell.setAttribute("aria-describedby", idOf(because));
  else cell.removeAttribute("aria-describedby");
}

/** @param {string | null} before @param {string | null} after */
export function change(before, after) {
  const found = [];
  if (before !== null && before !== "") found.push(marked("del", before));
  if (before && after) found.push(document.createTextNode(" → "));
  if (after !== null && after !== "") found.push(marked("ins", after));
  return found;
}

/** @param {"del" | "ins"} tag @param {string} text */
function marked(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
