/**
 * The rows of a grid, which lie on the server: fetched in pages by offset, the last few pages kept.
 *
 * A fast scroll asks for nothing until it rests; what was asked for and is out of sight by then is given up.
 */

/** @typedef {Record<string, any>} Row */
/** @typedef {(offset: number, limit: number, signal: AbortSignal) => Promise<{rows: Row[], total: number}>} Load */

const PAGE = 100;
const KEPT = 24;
const REST_MS = 40;

export class RowSource {
  /** @param {Load} load Fetches rows; `total` is how many there are in all. */
  constructor(load) {
    this.load = load;
    this.total = 0;
    /** Called after rows came. */
    this.changed = () => {};
    /** Called with what went wrong. @type {(error: unknown) => void} */
    this.failed = () => {};
    /** @type {Map<number, Row[]>} */
    this.pages = new Map();
    /** @type {Map<number, {promise: Promise<void>, stop: AbortController}>} */
    this.coming = new Map();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Forget all rows and read the first page. */
  async reset() {
    this.forget();
    await this.page(0);
  }

  /** Forget all rows; what is in sight is read again when it is asked for. */
  forget() {
    clearTimeout(this.timer);
    for (const { stop } of this.coming.values()) stop.abort();
    this.coming.clear();
    this.pages.clear();
  }

  /** @param {number} index @returns {Row | undefined} */
  row(index) {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Put another row in the place of one. @param {number} index @param {Row} row */
  put(index, row) {
    const page = this.pages.get(Math.floor(index / PAGE));
    if (page) page[index % PAGE] = row;
  }

  /** The row, once it is there. @param {number} index @returns {Promise<Row | undefined>} */
  async whenThere(index) {
    if (index < 0 || index >= this.total) return undefined;
    await this.page(Math.floor(index / PAGE));
    return this.row(index);
  }

  /** See to it that these rows come. @param {number} first @param {number} last */
  want(first, last) {
    const low = Math.floor(first / PAGE);
    const high = Math.floor(last / PAGE);
    clearTimeout(this.timer);
    let isMissing = false;
    for (let page = low; page <= high; page += 1) isMissing ||= !this.pages.has(page);
    if (!isMissing) return;
    this.timer = setTimeout(() => {
      for (const [page, { stop }] of this.coming) if (page < low - 1 || page > high + 1) stop.abort();
      for (let page = low; page <= high; page += 1) this.page(page).catch(this.failed);
    }, this.pages.size ? REST_MS : 0);
  }

  /** @param {number} page @returns {Promise<void>} */
  page(page) {
    if (this.pages.has(page)) return Promise.resolve();
    const before = this.coming.get(page);
    if (before && !before.stop.signal.aborted) return before.promise;
    const stop = new AbortController();
    const promise = this.read(page, stop).finally(() => {
      if (this.coming.get(page)?.stop === stop) this.coming.delete(page);
    });
    this.coming.set(page, { promise, stop });
    return promise;
  }

  /** @param {number} page @param {AbortController} stop */
  async read(page, stop) {
    let found;
    try {
      found = await this.load(page * PAGE, PAGE, stop.signal);
    } catch (error) {
      if (stop.signal.aborted) return;
      throw error;
    }
    if (stop.signal.aborted) return;
    this.total = found.total;
    this.pages.set(page, found.rows);
    if (this.pages.size > KEPT) {
      const farthest = [...this.pages.keys()].reduce((a, b) => (Math.abs(a - page) > Math.abs(b - page) ? a : b));
      this.pages.delete(farthest);
    }
    this.changed();
  }
}
