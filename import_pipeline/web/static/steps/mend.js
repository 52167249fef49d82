/** The failing rows in a grid: mended cell by cell and checked at once, or many at a time; then validated again. */
import { addressOf } from "../places.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { banner, button, problem, select, stepFrame, waiting } from "../parts.js";
import { fileWays } from "./mend_file.js";
import { openBulk } from "./mend_bulk.js";
import { errorsOf, failingRows, findRow, reasonOf } from "./mend_rows.js";
import { groupList, keepingFocus, stepList } from "./mend_side.js";

/** @typedef {{column?: string, code?: string, q?: string, state?: string}} Filter */

const FILTERS = /** @type {const} */ (["column", "code", "q", "state"]);

/** @param {HTMLElement} root @param {import("../pages/import.js").StepContext} context */
export async function show(root, context) {
  const { api, importId, signal, go, announce } = context;
  const canWrite = context.canWrite && context.import.state === "needs_review";
  const path = `/v1/imports/${importId}/review`;
  stepFrame(root, { title: t("mend.title"), body: waiting() });
  /** @type {Filter} */
  let filter = Object.fromEntries(FILTERS.map((name) => [name, context.query.get(name) || undefined]));
  const told = h("div", { role: "alert" });
  const why = h("div", { class: "why", id: "why" });
  const side = h("aside", { class: "mend-side", "aria-label": t("mend.side") });
  const place = h("div");
  const fail = (/** @type {unknown} */ error) => void (signal.aborted || fill(told, banner("bad", problem(error))));
  const opened = await Promise.all([
    failingRows(context, path, () => filter, { entered: showWhy, fail, edited: soonSummary, canWrite }),
    api.get(`${path}/summary`, { signal }),
  ]);
  const rows = opened[0];
  let summary = opened[1];
  const { grid } = rows;

  /** @param {Filter} changes */
  async function choose(changes) {
    filter = { ...filter, ...changes };
    const kept = new URLSearchParams(FILTERS.flatMap((name) => (filter[name] ? [[name, filter[name]]] : [])));
    history.replaceState(null, "", `${location.pathname}${kept.size ? `?${kept}` : ""}`);
    grid.editor?.finish();
    fill(told);
    await grid.source.reset().catch(fail);
    grid.element.scrollTop = 0;
    grid.view.refresh();
    showPlace();
    showSide();
    announce(t("mend.shown", { n: grid.source.total }));
    void grid.go(0, grid.view.column, false);
  }

  function showPlace() {
    const isEmpty = grid.source.total === 0;
    grid.element.hidden = why.hidden = isEmpty;
    fill(empty, isEmpty && h("p", { class: "grid-empty" }, t(summary.failing_rows ? "mend.none_found" : "mend.none")));
  }

  const files = fileWays(context, fail);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  function soonSummary() {
    clearTimeout(timer);
    timer = setTimeout(() => void readSummary(), 600);
  }
  async function readSummary() {
    summary = await api.get(`${path}/summary`, { signal }).catch(fail) ?? summary;
    showSide();
  }
  async function readAll() {
    grid.source.forget();
    await Promise.all([grid.source.reset().catch(fail), readSummary()]);
    grid.view.refresh();
    showPlace();
    void grid.enter();
  }

  function showSide() {
    const undo = canWrite ? async (/** @type {any} */ step) => {
      try {
        const { cells } = await api.post(`${path}/operations/${step.id}/undo`, { body: {}, once: true });
        announce(t("mend.undone", { n: cells }));
      } catch (error) {
        fail(error);
      }
      await readAll();
    } : null;
    keepingFocus(side, () => fill(side, groupList(summary, filter, (changes) => void choose(changes)), stepList(summary.operations, undo), files));
  }

  /** @param {any} row @param {import("../grid/columns.js").Column} column */
  function showWhy(row, column) {
    const defects = row.left_out ? [] : errorsOf(row);
    const here = defects.filter((one) => one.column === column.key);
    const shown = here.length ? here : defects;
    const text = shown.length ? shown.map((one) => [one.column && h("b", null, `${one.column}: `), `${one.message} `]) : reasonOf(row);
    const tone = shown.length ? "is-bad" : "muted";
    keepingFocus(why, () => fill(why, h("p", { class: tone }, text), canWrite && h("div", { class: "row end" },
      rows.canEdit(row, column) && button(t("mend.edit"), () => grid.edit("end")),
      button(t(row.left_out ? "mend.take_in" : "mend.leave_out"), () => rows.leaveOut(grid.view.row, !row.left_out)),
      rows.canEdit(row, column) && button(t("mend.like_this"), () => bulk(column.key, row)))));
  }

  async function done() {
    await readAll();
    await grid.go(grid.view.row, grid.view.column);
  }

  /** @param {string} [column] @param {any} [row] */
  function bulk(column, row) {
    grid.editor?.finish();
    openBulk(context, path, { columns: rows.names, column: column ?? filter.column, row, filter, shown: grid.source.total, all: summary.failing_rows, done });
  }

  const search = h("input", { type: "search", class: "control search", value: filter.q, placeholder: t("mend.search"), "aria-label": t("mend.search"), onInput: () => {
    clearTimeout(searching);
    searching = setTimeout(() => void choose({ q: search.value }), 250);
  } });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let searching;
  const states = ["all", "open", "corrected", "left_out"].map((state) => /** @type {[string, string]} */ ([state, t(`mend.state.${state}`)]));
  const jump = h("input", { class: "control jump", inputmode: "numeric", placeholder: t("mend.jump"), "aria-label": t("mend.jump"), onKeydown: (/** @type {KeyboardEvent} */ event) => {
    const wanted = Number(jump.value.replace(/\D/g, ""));
    if (event.key === "Enter" && wanted) findRow(grid.source, wanted).then((row) => grid.go(row, grid.view.column)).catch(fail);
  } });
  const next = () => grid.toError(1).then((found) => void (found || announce(t("mend.no_more"))), fail);
  const tools = h("div", { class: "tools", role: "group", "aria-label": t("mend.tools") }, search,
    select(states, filter.state ?? "all", (state) => void choose({ state }), { label: t("mend.state") }), jump,
    button(t("mend.next"), next, { label: t("mend.next_label") }),
    canWrite && button(t("mend.bulk"), () => bulk(grid.column?.key, grid.row)));
  const empty = h("div");
  fill(place, grid.element, empty);
  grid.element.setAttribute("aria-describedby", "mend-keys");
  const body = h("div", { class: "mend" }, side, h("div", { class: "mend-main" }, tools, told, place, why,
    h("p", { class: "hint", id: "mend-keys" }, t("mend.keys"))));
  const check = button(t("mend.check"), async () => {
    grid.editor?.finish();
    check.disabled = true;
    try {
      await rows.saved();
      await api.post(`/v1/imports/${importId}/preview`, { body: {}, once: true });
      go("run");
    } catch (error) {
      check.disabled = false;
      fail(error);
    }
  }, { kind: "primary" });
  stepFrame(root, {
    title: t("mend.title"), lead: t("mend.lead", { n: summary.failing_rows }), body,
    foot: canWrite && [h("a", { class: "button plain", href: addressOf(`/imports/${importId}/preview`) }, t("common.back")), check],
  });
  showSide();
  showPlace();
  void grid.go(0, grid.view.columns.findIndex((column) => grid.row && grid.options.look(grid.row, column).isWrong), false);
  // What others mended meanwhile is seen when one comes back.
  const comeBack = () => void (document.hidden || grid.editor || readAll());
  document.addEventListener("visibilitychange", comeBack, { signal });
  return () => {
    clearTimeout(timer);
    clearTimeout(searching);
    grid.close();
  };
}
