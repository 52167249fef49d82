/** The failing rows as rows of a grid: how they look, and what an edit of theirs does at once. */
import { widthOf } from "../grid/columns.js";
import { Grid } from "../grid/grid.js";
import { RowSource } from "../grid/source.js";
import { number, t } from "../i18n.js";

/** @typedef {import("../grid/columns.js").Column} Column */
const MOST_PASTED = 500;
const [NUMBER, WHY] = [" number", " why"]; // no column of a file begins with a blank

/**
 * @param {import("../pages/import.js").StepContext} context
 * @param {string} path Of the review.
 * @param {() => import("./mend.js").Filter} filter
 * @param {{entered: (row: any, column: Column) => void, fail: (error: unknown) => void, edited: () => void, canWrite: boolean}} uses
 */
export async function failingRows({ api, announce }, path, filter, { entered, fail, edited, canWrite }) {
  /** @type {string[]} */
  let names = [];
  const source = new RowSource(async (offset, limit, signal) => {
    const found = await api.get(`${path}/rows`, { query: { offset, limit, ...filter() }, signal });
    names = found.columns;
    void checkAgain(offset, found.rows.filter((/** @type {any} */ row) => row.corrected.length && !row.left_out), signal);
    return { rows: found.rows, total: found.matching_rows };
  });

  /** Rows that were changed are told with what was wrong before: find out what is wrong now.
   * @param {number} offset @param {any[]} rows @param {AbortSignal} signal */
  async function checkAgain(offset, rows, signal) {
    if (!rows.length) return;
    const body = { rows: rows.map((row) => ({ row_number: row.row_number, cells: {} })) };
    const found = await api.post(`${path}/check`, { body, signal }).catch(() => ({ rows: [] }));
    const now = new Map(found.rows.map((/** @type {any} */ one) => [one.row_number, one.defects]));
    for (let index = offset; index < offset + 100; index += 1) {
      const row = source.row(index);
      if (row && now.has(row.row_number)) source.put(index, { ...row, defects: [...now.get(row.row_number), ...row.defects.filter(isLater)] });
    }
    source.changed();
  }

  await source.reset();
  const first = source.pages.get(0) ?? [];
  /** @type {Column} Where there is no room beside the cells, it comes after them. */
  const why = { key: WHY, title: t("mend.why"), width: 300, pinned: true, always: true };
  const cells = names.map((name) => ({ key: name, title: name, width: widthOf(name, first.map((row) => row.cells[name])) }));
  const numbers = { key: NUMBER, title: t("rows.row_number"), width: 76, pinned: true, isHeader: true };
  /** @type {Column[]} */
  const columns = matchMedia("(width < 900px)").matches ? [numbers, ...cells, { ...why, pinned: false }] : [numbers, why, ...cells];
  const canEdit = (/** @type {any} */ row, /** @type {Column} */ { key }) => canWrite && !row.left_out && key !== NUMBER && key !== WHY;
  /** @type {Set<Promise<unknown>>} What is being saved. */
  const saving = new Set();

  /** @param {any} row @param {Column} column @returns {import("../grid/paint.js").Look} */
  function look(row, { key }) {
    if (key === NUMBER) return { text: number(row.row_number) };
    if (key === WHY) return { text: reasonOf(row), mark: "is-why" };
    const isWrong = !row.left_out && errorsOf(row).some((one) => one.column === key);
    return { text: row.cells[key], isWrong, because: WHY, mark: row.corrected.includes(key) ? "is-corrected" : "" };
  }

  /** Save changes of rows: they are shown at once, checked, and taken back if they are refused.
   * @param {Map<number, {cells?: {[column: string]: string | null}, left_out?: boolean}>} changes By the rows' places. */
  async function change(changes) {
    const changed = [...changes].map(([index, { cells = {}, ...rest }]) => {
      const before = /** @type {any} */ (source.row(index));
      const corrected = [...new Set([...before.corrected, ...Object.keys(cells)])];
      const now = { ...before, ...rest, cells: { ...before.cells, ...cells }, corrected };
      source.put(index, now);
      return { index, before, now, sent: { row_number: before.row_number, ...changes.get(index) } };
    });
    grid.view.refresh();
    const rows = changed.map(({ sent }) => sent);
    const toCheck = rows.filter(({ cells }) => cells);
    const sent = Promise.all([
      toCheck.length ? api.post(`${path}/check`, { body: { rows: toCheck } }).catch((error) => (fail(error), { rows: [] })) : { rows: [] },
      api.patch(path, { body: { rows } }),
    ]);
    saving.add(sent);
    try {
      const [checked] = await sent;
      const found = new Map(checked.rows.map((/** @type {any} */ one) => [one.row_number, one.defects]));
      for (const { index, before, now } of changed) {
        const defects = found.get(now.row_number);
        const known = defects ? { ...now, defects: [...defects, ...before.defects.filter(isLater)] } : now;
        if (source.row(index) === now) source.put(index, known);
        if (changed.length === 1) announce(t("mend.row_now", { row: now.row_number, text: reasonOf(known) }));
      }
      edited();
    } catch (error) {
      for (const { index, before, now } of changed) if (source.row(index) === now) source.put(index, before);
      fail(error);
    } finally {
      saving.delete(sent);
      grid.view.refresh();
      void grid.enter();
    }
  }

  const edit = (/** @type {number} */ index, /** @type {Column} */ { key }, /** @type {string | null} */ text) => change(new Map([[index, { cells: { [key]: text } }]]));
  const leaveOut = (/** @type {number} */ index, /** @type {boolean} */ isOut) => change(new Map([[index, { left_out: isOut }]]));

  /** @param {number} index @param {Column[]} into @param {string[][]} texts */
  async function editMany(index, into, texts) {
    const changes = new Map();
    for (const [place, line] of texts.slice(0, MOST_PASTED).entries()) {
      const row = await source.whenThere(index + place).catch(fail);
      if (!row) break;
      const cells = into.slice(0, line.length).map(({ key }, at) => [key, line[at] || null]).filter((_, at) => canEdit(row, into[at]));
      if (cells.length) changes.set(index + place, { cells: Object.fromEntries(cells) });
    }
    await change(changes);
  }

  const grid = new Grid({
    label: t("mend.title"), source, columns, look, canEdit, edit, editMany,
    rowClass: (row) => (row.left_out ? "is-left-out" : errorsOf(row).length ? "" : isUnsure(row) ? "is-unsure" : "is-fine"),
    entered: (row, _index, column) => entered(row, column),
  });
  source.failed = fail;
  return { grid, names, canEdit, leaveOut, saved: () => Promise.all(saving) };
}

/** Whether only validating the whole file again tells if a defect is mended. @param {any} defect */
const isLater = (defect) => defect.phase !== "prevalidation";

/** Whether what was wrong may be mended, and is not known to be. @param {any} row */
const isUnsure = (row) => row.corrected.length > 0 && row.defects.some((/** @type {any} */ one) => one.level === "error" && isLater(one));

/** What keeps a row from being imported, as far as it is known. @param {any} row @returns {any[]} */
export const errorsOf = (row) => row.defects.filter((/** @type {any} */ one) => one.level === "error" && !(isLater(one) && isUnsure(row)));

/** What is wrong with a row, or how it stands. @param {any} row */
export function reasonOf(row) {
  if (row.left_out) return t("mend.is_left_out");
  return errorsOf(row).map((one) => (one.column ? `${one.column}: ${one.message}` : one.message)).join(" · ") || t(isUnsure(row) ? "mend.is_unsure" : "mend.is_fine");
}

/**
 * The place of the first row with this number or a higher one: rows lie in the order of their numbers, so it is not far
 * from where their numbers say.
 * @param {RowSource} source @param {number} wanted
 */
export async function findRow(source, wanted) {
  let [low, high] = [0, Math.min(source.total, wanted) - 1];
  let guess = high;
  while (low < high) {
    const found = (await source.whenThere(guess))?.row_number ?? wanted;
    if (found === wanted) return guess;
    if (found < wanted) low = guess + 1;
    else high = guess;
    guess = Math.max(low, Math.min(high - 1, guess + wanted - found));
  }
  return low;
}
