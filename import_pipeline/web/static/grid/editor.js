/** The one cell that is being edited: a text area in its place, so that lines within a cell stay. */

/**
 * @typedef {object} Editing
 * @property {HTMLElement} cell
 * @property {string} text What it begins with.
 * @property {string} label What is edited, for those who do not see it.
 * @property {string | null} describedBy The id of what is wrong with the cell.
 * @property {boolean} isAll Whether all of it is marked.
 * @property {(text: string | null, move: [number, number] | null) => void} done Given null where nothing was changed.
 */

/** @param {Editing} editing @returns {{finish: () => void}} */
export function openEditor({ cell, text, label, describedBy, isAll, done }) {
  const area = document.createElement("textarea");
  const before = text.replaceAll("\r\n", "\n");
  area.className = "cell-editor";
  area.rows = Math.min(4, before.split("\n").length);
  area.value = before;
  area.spellcheck = false;
  area.setAttribute("aria-label", label);
  if (describedBy) area.setAttribute("aria-describedby", describedBy);
  let isOpen = true;

  /** @param {boolean} keeps @param {[number, number] | null} move */
  const close = (keeps, move) => {
    if (!isOpen) return;
    isOpen = false;
    area.remove();
    done(keeps && area.value !== before ? area.value : null, move);
  };
  area.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Escape") close(false, [0, 0]);
    else if (event.key === "Enter" && !event.altKey && !event.shiftKey) close(true, [1, 0]);
    else if (event.key === "Enter" && event.altKey) area.setRangeText("\n", area.selectionStart, area.selectionEnd, "end");
    else if (event.key === "Tab") close(true, [0, event.shiftKey ? -1 : 1]);
    else if (event.key === "F2") close(true, [0, 0]);
    else return;
    event.preventDefault();
  });
  area.addEventListener("blur", () => close(true, null));
  for (const name of ["dblclick", "mousedown", "copy", "paste"]) area.addEventListener(name, (event) => event.stopPropagation());
  cell.replaceChildren(area);
  area.focus();
  if (isAll) area.select();
  else area.setSelectionRange(before.length, before.length);
  return { finish: () => close(true, null) };
}
