/** Columns of a grid: how wide they are, where they lie, and which of them are in sight. */

/**
 * @typedef {object} Column
 * @property {string} key
 * @property {string} title
 * @property {boolean} [pinned] It stays where it is when the others scroll; pinned columns come first.
 * @property {boolean} [always] It is in the page even out of sight: other cells name it.
 * @property {boolean} [isHeader] Its cells name their rows.
 * @property {number} [width] In pixels; by its title if left out.
 * @property {number} [left] Where it begins.
 */

const NARROWEST = 96;
const WIDEST = 300;
const LETTER = 8;
const PADDING = 30;

/** How wide a column of these texts is. @param {string} title @param {(string | null | undefined)[]} texts */
export function widthOf(title, texts) {
  const lengths = texts.map((text) => text?.length ?? 0).sort((a, b) => a - b);
  const most = lengths[Math.floor(lengths.length * 0.9)] ?? 0;
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, Math.max(most, title.length + 1) * LETTER + PADDING)));
}

export class Layout {
  /** @param {Column[]} columns @param {boolean} canPin Whether there is room for pinned columns. */
  constructor(columns, canPin) {
    this.columns = columns;
    let left = 0;
    this.pinnedWidth = 0;
    this.pinned = 0;
    for (const column of columns) {
      column.width ??= widthOf(column.title, []);
      column.left = left;
      left += column.width;
      if (column.pinned && (canPin || column.isHeader)) {
        this.pinned += 1;
        this.pinnedWidth = left;
      }
    }
    this.width = left;
    this.template = columns.map((column) => `${column.width}px`).join(" ");
  }

  /** Which columns are in sight, the pinned ones first. @param {number} scrolled @param {number} width @param {number} also */
  visible(scrolled, width, also) {
    const found = [];
    for (const [index, column] of this.columns.entries()) {
      const left = /** @type {number} */ (column.left);
      const isInSight = left + /** @type {number} */ (column.width) > scrolled + this.pinnedWidth - 40 && left < scrolled + width + 40;
      if (column.always || index < this.pinned || index === also || isInSight) found.push(index);
    }
    return found;
  }
}
