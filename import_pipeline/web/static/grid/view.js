/**
 * What of a grid is in the page: the rows and columns in sight, and the current cell wherever it is. Rows are of one
 * height, so that any of them is found without those before it; past what browsers can scroll, scrolling is stretched.
 */
import { Layout } from "./columns.js";
import { paintCell } from "./paint.js";

/** @typedef {import("./columns.js").Column} Column */
/** @typedef {import("./source.js").Row} Row */
/** @typedef {{element: HTMLElement, cells: Map<number, HTMLElement>, row: Row | undefined, key: string}} Line */

/**
 * @typedef {object} Drawing
 * @property {string} label
 * @property {import("./source.js").RowSource} source
 * @property {Column[]} columns
 * @property {(row: Row, column: Column) => import("./paint.js").Look} look
 * @property {(row: Row) => string} [rowClass]
 */

const MOST_HEIGHT = 8_000_000;
const ROOM_TO_PIN = 820;
let views = 0;

export class View {
  /** @param {Drawing} drawing */
  constructor(drawing) {
    this.drawing = drawing;
    this.source = drawing.source;
    this.id = `grid${(views += 1)}`;
    /** The current cell. */
    this.row = 0;
    this.column = 0;
    this.isEditing = false;
    this.rowHeight = 33;
    /** @type {Map<number, Line>} */
    this.lines = new Map();
    this.generation = 0;
    this.headShape = "";
    /** @type {number | undefined} What is painted before the next frame. */
    this.frame = undefined;
    this.columns = drawing.columns;
    this.layout = new Layout(this.columns, false);
    this.element = part("grid", "grid");
    this.element.setAttribute("aria-label", drawing.label);
    this.head = part("grid-head", "rowgroup");
    this.body = part("grid-body", "rowgroup");
    this.element.append(this.head, this.body);
    this.element.addEventListener("scroll", () => this.soon());
    this.setColumns(drawing.columns);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.element);
  }

  /** Take other columns. @param {Column[]} columns */
  setColumns(columns) {
    this.columns = columns;
    this.column = Math.min(this.column, columns.length - 1);
    this.element.setAttribute("aria-colcount", String(columns.length));
    this.resized();
  }

  resized() {
    this.layout = new Layout(this.columns, this.element.clientWidth >= ROOM_TO_PIN);
    this.element.style.setProperty("--columns", this.layout.template);
    this.element.style.setProperty("--width", `${this.layout.width}px`);
    this.generation += 1;
    this.paint();
  }

  /** Paint before the next frame, once. */
  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.paint();
    });
  }

  /** Paint again what has changed. @param {number} [index] Only this row. */
  refresh(index) {
    const line = index === undefined ? undefined : this.lines.get(index);
    if (line) line.key = "";
    if (index === undefined) this.generation += 1;
    this.paint();
  }

  /** How high the rows in sight and all rows are, and where the first one in sight begins. */
  measure() {
    const view = Math.max(0, this.element.clientHeight - this.head.offsetHeight);
    const all = this.source.total * this.rowHeight;
    const height = Math.min(all, MOST_HEIGHT);
    const stretch = all > view && height > view ? (all - view) / (height - view) : 1;
    return { view, height, stretch, top: this.element.scrollTop * stretch };
  }

  /** How many rows are in sight. */
  rowsInSight() {
    return Math.max(1, Math.floor(this.measure().view / this.rowHeight));
  }

  /** @param {number} row @param {number} column @returns {HTMLElement | undefined} */
  cellAt(row, column) {
    return this.lines.get(row)?.cells.get(column);
  }

  /** Scroll as little as brings the current cell into sight. */
  reveal() {
    const { view, stretch, top } = this.measure();
    const begin = this.row * this.rowHeight;
    if (begin < top) this.element.scrollTop = begin / stretch;
    else if (begin + this.rowHeight > top + view) this.element.scrollTop = (begin + this.rowHeight - view) / stretch;
    const { pinned, pinnedWidth } = this.layout;
    if (this.column === 0) this.element.scrollLeft = 0;
    if (this.column < pinned) return;
    const { left = 0, width = 0 } = this.columns[this.column];
    const { scrollLeft, clientWidth } = this.element;
    const isWide = width > clientWidth - pinnedWidth;
    if (isWide || left - pinnedWidth < scrollLeft) this.element.scrollLeft = left - pinnedWidth;
    else if (left + width > scrollLeft + clientWidth) this.element.scrollLeft = left + width - clientWidth;
  }

  paint() {
    const { view, height, top } = this.measure();
    const total = this.source.total;
    this.element.setAttribute("aria-rowcount", String(total + 1));
    this.body.style.height = `${height}px`;
    this.row = Math.max(0, Math.min(this.row, total - 1));
    const first = Math.max(0, Math.floor(top / this.rowHeight) - 2);
    const last = Math.min(total - 1, Math.ceil((top + view) / this.rowHeight) + 2);
    const columns = this.layout.visible(this.element.scrollLeft, this.element.clientWidth, this.column);
    const shape = `${this.generation}/${columns}`;
    this.paintHead(columns, shape);
    const wanted = new Set(total ? [this.row] : []);
    for (let index = first; index <= last; index += 1) wanted.add(index);
    const free = [...this.lines.keys()].filter((index) => !wanted.has(index)).map((index) => this.take(index));
    for (const index of wanted) {
      const line = this.lines.get(index) ?? this.newLine(index, free.pop());
      const place = index * this.rowHeight + this.element.scrollTop - top;
      line.element.style.top = `${Math.max(0, Math.min(place, height - this.rowHeight))}px`;
      this.paintLine(line, index, columns, shape);
    }
    for (const { element } of free) element.remove();
    if (last >= first) this.source.want(first, last);
  }

  /** @param {number} index */
  take(index) {
    const line = /** @type {Line} */ (this.lines.get(index));
    this.lines.delete(index);
    return line;
  }

  /** @param {number} index @param {Line} [used] A line that is free. @returns {Line} */
  newLine(index, used) {
    const line = used ?? { element: part("grid-row", "row"), cells: new Map(), row: undefined, key: "" };
    line.key = "";
    line.element.setAttribute("aria-rowindex", String(index + 2));
    if (!used) this.body.append(line.element);
    this.lines.set(index, line);
    return line;
  }

  /** @param {number[]} columns @param {string} shape */
  paintHead(columns, shape) {
    if (this.headShape === shape) return;
    this.headShape = shape;
    const line = part("grid-row", "row");
    line.setAttribute("aria-rowindex", "1");
    for (const index of columns) {
      const cell = part(`grid-cell ${this.columns[index].isHeader ? "is-number" : ""}`, "columnheader");
      this.placeCell(cell, index);
      cell.textContent = cell.title = this.columns[index].title;
      line.append(cell);
    }
    this.head.replaceChildren(line);
  }

  /** @param {Line} line @param {number} index @param {number[]} columns @param {string} shape */
  paintLine(line, index, columns, shape) {
    const row = this.source.row(index);
    const current = index === this.row ? this.column : -1;
    const key = `${shape}/${current}`;
    if ((line.row === row && line.key === key) || (this.isEditing && current >= 0)) return;
    Object.assign(line, { row, key });
    line.element.className = `grid-row ${row ? (this.drawing.rowClass?.(row) ?? "") : "is-coming"}`;
    for (const [column, cell] of line.cells) {
      if (columns.includes(column)) continue;
      cell.remove();
      line.cells.delete(column);
    }
    for (const column of columns) {
      const cell = line.cells.get(column) ?? this.newCell(line, column, columns);
      cell.id = `${this.id}-${index}-${column}`;
      cell.tabIndex = column === current ? 0 : -1;
      paintCell(cell, row ? this.drawing.look(row, this.columns[column]) : { text: "" }, (wanted) => this.idOf(index, wanted));
      this.placeCell(cell, column);
    }
  }

  /** The id of the cell of a column in a row. @param {number} index @param {string} key */
  idOf(index, key) {
    return `${this.id}-${index}-${this.columns.findIndex((column) => column.key === key)}`;
  }

  /** @param {Line} line @param {number} column @param {number[]} columns */
  newCell(line, column, columns) {
    const cell = part("", this.columns[column].isHeader ? "rowheader" : "gridcell");
    line.cells.set(column, cell);
    const next = columns.find((one) => one > column && line.cells.has(one));
    line.element.insertBefore(cell, (next !== undefined && line.cells.get(next)) || null);
    return cell;
  }

  /** @param {HTMLElement} cell @param {number} column */
  placeCell(cell, column) {
    const isPinned = column < this.layout.pinned;
    cell.setAttribute("aria-colindex", String(column + 1));
    cell.classList.toggle("is-pinned", isPinned);
    cell.classList.toggle("is-last-pinned", column === this.layout.pinned - 1);
    cell.style.gridColumn = String(column + 1);
    cell.style.left = isPinned ? `${this.columns[column].left}px` : "";
  }
}

/** @param {string} name @param {string} role */
function part(name, role) {
  const element = document.createElement("div");
  element.className = name;
  element.setAttribute("role", role);
  return element;
}
