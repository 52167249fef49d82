/** Elements without markup: every text becomes a text node, whatever it holds. Nothing here knows about imports. */

/** @typedef {Node | string | number | null | undefined | false | any[]} Child Arrays hold further children. */
/** @typedef {{[name: string]: unknown}} Props */

const AS_PROPERTIES = new Set(["value", "checked", "disabled", "selected", "indeterminate", "hidden", "readOnly", "required"]);

/**
 * Make an element: `on…` functions listen, known states are set as properties, the rest are attributes.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) give(element, name, value);
  element.append(...nodes(children));
  if (props && "value" in props && tag === "select") give(element, "value", props.value); // its options came after
  return element;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
function give(element, name, value) {
  if (typeof value === "function") {
    element.addEventListener(name.slice(2).toLowerCase(), /** @type {EventListener} */ (value));
  } else if (AS_PROPERTIES.has(name)) {
    if (value !== undefined && value !== null) Reflect.set(element, name, value);
  } else if (value === true) {
    element.setAttribute(name, name.startsWith("aria-") ? "true" : "");
  } else if (value === false && name.startsWith("aria-")) {
    element.setAttribute(name, "false");
  } else if (value !== null && value !== undefined && value !== false) {
    element.setAttribute(name, String(value));
  }
}

/**
 * @param {Child[]} children
 * @returns {Node[]}
 */
function nodes(children) {
  return children.flat(9).flatMap((child) => {
    if (child === null || child === undefined || child === false || child === "") return [];
    return [child instanceof Node ? child : document.createTextNode(String(child))];
  });
}

/**
 * Put these in place of what an element holds.
 * @template {Element} T
 * @param {T} element
 * @param {...Child} children
 * @returns {T}
 */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

let last = 0;

/** An id that no other element has. @param {string} [prefix] */
export function uid(prefix = "u") {
  last += 1;
  return `${prefix}-${last}`;
}

/** Drawings of 16 × 16, stroked in the text's colour. @type {{[name: string]: string}} */
const DRAWINGS = {
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3v10M3 8h10",
  down: "M4 6l4 4 4-4",
  right: "M6 4l4 4-4 4",
  left: "M10 4 6 8l4 4",
  up: "M8 13V3M4 7l4-4 4 4",
  save: "M8 2.5v7M4.8 6.8 8 10l3.2-3.2M3 13h10",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.4 10.4 14 14",
  undo: "M3 6h6.5a3.5 3.5 0 0 1 0 7H6M3 6l3-3M3 6l3 3",
  warn: "M8 2 14.5 13.5h-13ZM8 6.5v3M8 11.4v.2",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.4v3.6M8 5v.2",
  file: "M4 1.8h5.2L12.5 5v9.2H4ZM9 2v3.3h3.3",
};

/**
 * A drawing that says nothing to a screen reader: the text beside it does.
 * @param {string} name
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of [["viewBox", "0 0 16 16"], ["class", "icon"], ["aria-hidden", "true"]]) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", DRAWINGS[name] ?? "");
  svg.append(path);
  return svg;
}
