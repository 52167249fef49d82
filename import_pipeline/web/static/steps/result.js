/** What became of an import that has ended: its rows, its defects, its files, and the ways back and on. */
import { fill, h } from "../dom.js";
import { moment, number, t } from "../i18n.js";
import { banner, button, problem, stepFrame, waiting } from "../parts.js";
import { addressOf } from "../places.js";
import { stepOf } from "./order.js";
import { countsOf, outcomeRows } from "./rows.js";
import { undoBox } from "./undo.js";

const FILES = ["_results_csv_url", "_errors_xlsx_url", "_errors_csv_url", "_errors_json_url", "_upload_csv_url"];
const NONE = { created: 0, updated: 0, unchanged: 0, skipped: 0, deleted: 0, failed: 0 };
const STARTS_AGAIN = ["failed", "timed_out", "cancelled", "expired"];

/** @param {HTMLElement} root @param {import("../pages/import.js").StepContext} context */
export async function show(root, context) {
  const { api, importId, import: shown, canWrite, session } = context;
  const step = stepOf(shown);
  if (step !== "result") return context.open(`/imports/${importId}/${step}`, { replace: true });
  const title = t(shown.dry_run ? "result.dry_run" : shown.undoes ? "result.undo_title" : `result.title.${shown.state}`);
  stepFrame(root, { title, body: waiting() });
  const counts = await countsOf(context).catch(() => NONE); // what stopped early has no rows, and results are not kept for ever
  const told = h("div", { role: "alert" });
  const fail = (/** @type {unknown} */ error) => void fill(told, banner("bad", problem(error)));
  const hasRows = Object.values(counts).some(Boolean);
  const rows = hasRows ? await outcomeRows(context, counts, shown.undoes ? "undo" : shown.dry_run ? "will" : "did") : null;
  const defects = await defectList(context).catch(() => null);

  /** @param {string} call @param {string} step */
  const doAndGo = (call, step) => async () => {
    try {
      const made = await api.post(`/v1/imports/${importId}/${call}`, { body: {}, once: true });
      context.open(`/imports/${made.id}${step}`);
    } catch (error) {
      fail(error);
    }
  };
  const canUndo = canWrite && !shown.dry_run && shown.state === "completed" && counts.created + counts.updated + counts.deleted > 0;
  const undoPlace = h("div");
  const ways = [
    canUndo && button(t("undo.undo"), async () => fill(undoPlace, await undoBox(context, fail)), { icon: "undo" }),
    canWrite && STARTS_AGAIN.includes(shown.state) && button(t("result.resume"), doAndGo("resume", "/run")),
    canWrite && !session.import_id && shown.has_errors_file && shown.state === "completed" && button(t("result.replay", { n: counts.failed }), doAndGo("replay", "")),
  ];

  stepFrame(root, {
    title,
    lead: [shown.reason ?? (shown.undo ? t(shown.dry_run ? "undo.would" : "undo.did", shown.undo) : t("result.lead", { n: shown.total_rows ?? 0, when: moment(shown.updated_at) }))],
    body: [told, ways.some(Boolean) && h("div", { class: "row" }, ways), undoPlace, rows?.element, defects, facts(shown, session)],
  });
  return () => rows?.close();
}

/** The first defects, with the way to all of them. @param {import("../pages/import.js").StepContext} context */
async function defectList({ api, importId, signal }) {
  const found = await api.get(`/v1/imports/${importId}/defects`, { query: { limit: 50 }, signal });
  if (!found.data.length) return null;
  return h("section", { class: "stack tight" }, h("h2", null, t("result.defects")),
    h("div", { class: "table-box is-low", tabindex: 0, role: "region", "aria-label": t("result.defects") }, h("table", { class: "table" },
      h("thead", null, h("tr", null, h("th", { scope: "col", class: "number" }, t("rows.row_number")), h("th", { scope: "col" }, t("bulk.column_title")), h("th", { scope: "col" }, t("mend.why")))),
      h("tbody", null, found.data.map((/** @type {any} */ one) => h("tr", null,
        h("td", { class: "number" }, one.row_number === null ? t("result.whole_file") : number(one.row_number)), h("td", null, one.column ?? ""), h("td", null, one.message)))))),
    found.has_more && h("p", { class: "hint" }, t("result.more_defects")));
}

/** @param {any} shown @param {import("../session.js").Session} session */
function facts(shown, session) {
  const link = (/** @type {string} */ id) => (session.import_id ? id : h("a", { href: addressOf(`/imports/${id}`) }, id));
  /** @type {[string, import("../dom.js").Child][]} */
  const known = [
    [t("result.files"), FILES.filter((name) => shown[name]).map((name) => h("a", { href: shown[name], download: "" }, t(`result.file.${name}`)))],
    [t("result.file_name"), shown.file_name],
    [t("result.by"), shown.created_by && `${shown.created_by}, ${moment(shown.created_at)}`],
    [t("result.run"), shown.run_id && (shown._run_url ? h("a", { href: shown._run_url, rel: "noreferrer" }, shown.run_id) : h("code", null, shown.run_id))],
    [t("result.undoes"), shown.undoes && link(shown.undoes)],
    [t("result.retry_of"), shown.retry_of && link(shown.retry_of)],
    [t("result.id"), h("code", null, shown.id)],
  ];
  const told = known.filter(([, value]) => (Array.isArray(value) ? value.length : value));
  return h("dl", { class: "known" }, told.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
}
