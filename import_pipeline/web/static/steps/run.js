/** An import at work: its seven phases with their numbers as they come. The page only looks on; it may be closed. */
import { fill, h, icon } from "../dom.js";
import { number, t } from "../i18n.js";
import { ask, banner, button, problem, stepFrame } from "../parts.js";
import { stepOf } from "./order.js";

const [SOONEST_MS, LATEST_MS] = [400, 5_000];
const IN_PREVIEW = 5; // then it would write
const AT_WORK = ["uploaded", "queued", "processing"];

/** @param {HTMLElement} root @param {import("../pages/import.js").StepContext} context */
export async function show(root, context) {
  const { api, importId, signal, canWrite, announce } = context;
  const list = h("ol", { class: "phases" });
  const told = h("div");
  const cancel = button(t("run.cancel"), async () => {
    if (!(await ask(t("run.cancel"), t("run.cancel_text"), t("run.cancel_yes"), { danger: true }))) return;
    try {
      await api.post(`/v1/imports/${importId}/cancel`, { body: {} });
      look();
    } catch (error) {
      fill(told, banner("bad", problem(error)));
    }
  });
  let shown = context.import;
  const isPreview = Boolean(shown.spec?.preview);
  stepFrame(root, { title: t(isPreview ? "run.preview_title" : "run.title"), lead: t(isPreview ? "run.preview_lead" : "run.lead"), body: [list, told], foot: canWrite && cancel });

  let wait = SOONEST_MS;
  let said = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function paint() {
    const phases = isPreview ? shown.phases.slice(0, IN_PREVIEW) : shown.phases;
    fill(list, phases.map((/** @type {any} */ phase, /** @type {number} */ at) => phaseLine(phase, at, shown.total_rows)));
    const running = shown.phases.find((/** @type {any} */ phase) => phase.status === "running");
    if (running && running.name !== said) announce(t(`phase.${(said = running.name)}`));
  }

  async function look() {
    clearTimeout(timer);
    try {
      const now = await api.get(`/v1/imports/${importId}`, { signal });
      fill(told);
      const isSame = now.state === shown.state && JSON.stringify(now.phases) === JSON.stringify(shown.phases);
      wait = isSame ? Math.min(LATEST_MS, wait * 1.3) : SOONEST_MS;
      shown = now;
      context.changed(shown);
      paint();
      if (!AT_WORK.includes(shown.state)) return context.open(`/imports/${importId}/${stepOf(shown)}`, { replace: true });
    } catch (error) {
      if (signal.aborted) return;
      wait = LATEST_MS;
      fill(told, banner("warn", problem(error)));
    }
    timer = setTimeout(look, document.hidden ? LATEST_MS : wait);
  }

  paint();
  void look();
  return () => clearTimeout(timer);
}

/** @param {any} phase @param {number} at @param {number | null} rows */
function phaseLine(phase, at, rows) {
  const { name, status, processed, total, error, seconds } = phase;
  const drawing = { completed: "check", failed: "cross", skipped: "right" }[/** @type {string} */ (status)];
  const of = total || rows;
  const told = status === "running" ? (processed && of ? t("run.so_far", { n: processed, total: of }) : t("run.at_it"))
    : status === "completed" ? [t("common.rows", { n: processed }), error ? ` · ${t("run.ended_here", { n: error })}` : ""] : t(`run.${status}`);
  return h("li", { class: `phase is-${status}`, "aria-current": status === "running" ? "step" : undefined },
    h("span", { class: "dot", "aria-hidden": true }, drawing ? icon(drawing) : at + 1),
    h("div", null, h("strong", null, t(`phase.${name}`)), h("span", { class: "hint" }, t(`phase.${name}.does`)),
      status === "running" && h("progress", { class: "bar", max: of || 1, value: of && processed ? processed : undefined, "aria-label": t(`phase.${name}`) })),
    h("span", { class: "number hint" }, told, status === "completed" && seconds !== null ? ` · ${t("run.seconds", { s: number(Math.round(seconds * 10) / 10) })}` : ""));
}
