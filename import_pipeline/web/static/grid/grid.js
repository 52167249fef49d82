/** A grid of any number of rows as a person uses it, with the keys that WAI-ARIA gives grids: moving, editing, copying. */
import { openEditor } from "./editor.js";
import { onKey } from "./keys.js";
import { View } from "./view.js";

/** @typedef {import("./columns.js").Column} Column */
/** @typedef {import("./source.js").Row} Row */

/**
 * @typedef {object} Uses
 * @property {(row: Row, column: Column) => boolean} [canEdit]
 * @property {(index: number, column: Column, text: string | null) => void} [edit] Takes a new text.
 * @property {(index: number, columns: Column[], texts: string[][]) => void} [editMany] Takes texts from a table that was
 *     copied elsewhere, line by line.
 * @property {(row: Row, index: number, column: Column) => void} [entered] Another cell has become the current one.
 */

const FURTHEST = 5_000;

export class Grid {
  /** @param {import("./view.js").Drawing & Uses} options */
  constructor(options) {
    this.options = options;
    this.source = options.source;
    this.view = new View(options);
    this.element = this.view.element;
    /** @type {{finish: () => void} | null} */
    this.editor = null;
    this.source.changed = () => this.view.soon();
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.element.addEventListener("mousedown", (event) => this.onPress(event));
    this.element.addEventListener("dblclick", () => this.edit("end"));
    this.element.addEventListener("copy", (event) => this.onCopy(event));
    this.element.addEventListener("paste", (event) => this.onPaste(event));
    this.element.addEventListener("focusin", (event) => this.onFocus(event));
  }

  /** The current row, if it is there. */
  get row() {
    return this.source.row(this.view.row);
  }

  /** The current column. */
  get column() {
    return this.view.columns[this.view.column];
  }

  /** Make a cell the current one. @param {number} row @param {number} column @param {boolean} [takesFocus] */
  async go(row, column, takesFocus = true) {
    const { view, source } = this;
    if (!source.total) return;
    this.editor?.finish();
    view.row = Math.max(0, Math.min(row, source.total - 1));
    view.column = Math.max(0, Math.min(column, view.columns.length - 1));
    view.reveal();
    view.paint();
    if (takesFocus) view.cellAt(view.row, view.column)?.focus({ preventScroll: true });
    await this.enter();
  }

  /** Tell of the current cell, once its row is there. */
  async enter() {
    const index = this.view.row;
    const row = this.row ?? (await this.source.whenThere(index).catch(this.source.failed));
    if (row && this.view.row === index) this.options.entered?.(row, index, this.column);
  }

  /** Go to the next cell that is wrong. @param {1 | -1} direction @returns {Promise<boolean>} Whether there is one. */
  async toError(direction) {
    const { view, source } = this;
    let column = view.column + direction;
    for (let index = view.row; index >= 0 && index < source.total && Math.abs(index - view.row) < FURTHEST; index += direction) {
      const row = source.row(index) ?? (await source.whenThere(index));
      for (; row && column >= 0 && column < view.columns.length; column += direction) {
        if (!this.options.look(row, view.columns[column]).isWrong) continue;
        await this.go(index, column);
        return true;
      }
      column = direction > 0 ? 0 : view.columns.length - 1;
    }
    return false;
  }

  /** Edit the current cell. @param {"all" | "end" | "clear"} how @returns {boolean} Whether it can be. */
  edit(how) {
    const { view, row, column } = this;
    const index = view.row;
    const cell = view.cellAt(index, view.column);
    if (!this.options.edit || !row || !cell || this.editor || !this.options.canEdit?.(row, column)) return false;
    const text = this.options.look(row, column).text ?? "";
    if (how === "clear") {
      if (text) this.options.edit(index, column, null);
      return true;
    }
    view.isEditing = true;
    cell.classList.add("is-edited");
    const done = (/** @type {string | null} */ given, /** @type {[number, number] | null} */ move) => {
      this.editor = null;
      view.isEditing = false;
      if (given !== null) this.options.edit?.(index, column, given === "" ? null : given);
      view.refresh(index);
      if (move) void this.go(index + move[0], view.columns.indexOf(column) + move[1]);
    };
    const describedBy = cell.getAttribute("aria-describedby");
    this.editor = openEditor({ cell, text, label: column.title, describedBy, isAll: how === "all", done });
    return true;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { view } = this;
    const meant = onKey(event, {
      by: (rows, columns) => void this.go(view.row + rows, view.column + columns),
      to: (row, column) => void this.go(row ?? view.row, column ?? view.column),
      page: () => view.rowsInSight() - 1 || 1,
      toError: (direction) => void this.toError(direction),
      edit: (how) => this.edit(how),
    });
    if (meant) event.preventDefault();
  }

  /** @param {MouseEvent} event */
  onPress(event) {
    const place = placeOf(event);
    if (!place || event.button !== 0) return;
    event.preventDefault();
    void this.go(...place);
  }

  /** @param {FocusEvent} event */
  onFocus(event) {
    const place = placeOf(event);
    if (!place || this.editor || (place[0] === this.view.row && place[1] === this.view.column)) return;
    void this.go(...place);
  }

  /** @param {ClipboardEvent} event */
  onCopy(event) {
    if (!this.row || !event.clipboardData) return;
    event.clipboardData.setData("text/plain", this.options.look(this.row, this.column).text ?? "");
    event.preventDefault();
  }

  /** @param {ClipboardEvent} event */
  onPaste(event) {
    const text = event.clipboardData?.getData("text/plain").replace(/\r?\n$/, "");
    if (text === undefined || !this.row || !this.options.canEdit?.(this.row, this.column)) return;
    event.preventDefault();
    const lines = text.split(/\r?\n/).map((line) => line.split("\t"));
    const { row, column, columns } = this.view;
    if (lines.length === 1 && lines[0].length === 1) this.options.edit?.(row, this.column, text === "" ? null : text);
    else this.options.editMany?.(row, columns.slice(column), lines);
  }

  /** Let go of what it holds. */
  close() {
    this.view.observer.disconnect();
    this.source.forget();
  }
}

/** The row and column of the cell that an event is about. @param {Event} event @returns {[number, number] | null} */
function placeOf(event) {
  const cell = /** @type {HTMLElement} */ (event.target).closest("[role=gridcell], [role=rowheader]");
  const found = cell?.id.match(/-(\d+)-(\d+)$/);
  return found ? [Number(found[1]), Number(found[2])] : null;
}
