/** One import: the bar of its steps, and the step that the address names or its state calls for. */

import { fill, h, icon } from "../dom.js";
import { brandMark, tellHost, tellState } from "../embedding.js";
import { t } from "../i18n.js";
import { ask, banner, button, statusChip } from "../parts.js";
import { addressOf, embeddedLink } from "../places.js";
import { ASKING, stepOf, stepsOf } from "../steps/order.js";

/** @type {{[step: string]: () => Promise<{show: (root: HTMLElement, context: StepContext) => Promise<void | (() => void)>}>}} */
const STEPS = {
  file: () => import("../steps/file.js"),
  columns: () => import("../steps/columns.js"),
  values: () => import("../steps/values.js"),
  rules: () => import("../steps/rules.js"),
  preview: () => import("../steps/preview.js"),
  mend: () => import("../steps/mend.js"),
  run: () => import("../steps/run.js"),
  result: () => import("../steps/result.js"),
};

/**
 * What a step is given besides what every page is given.
 * @typedef {object} StepOnly
 * @property {string} importId
 * @property {any} import The import object as it was when the step opened.
 * @property {(step: string) => void} go To another step of this import.
 * @property {(changed: any) => void} changed Tell the bar of steps that the import object is another now.
 * @typedef {import("../app.js").Context & StepOnly} StepContext
 */

/**
 * @param {HTMLElement} root
 * @param {import("../app.js").Context} context
 */
export async function show(root, context) {
  const importId = context.params.id;
  const shown = await context.api.get(`/v1/imports/${importId}`, { signal: context.signal });
  const step = context.params.step in STEPS ? context.params.step : stepOf(shown);
  if (step !== context.params.step) return context.open(`/imports/${importId}/${step}`, { replace: true });
  const bar = h("nav", { "aria-label": t("step.steps") });
  const asked = h("div", { class: "stack" });
  const title = h("div", { class: "import-head" });
  const body = h("section", { class: `step step-${step}` });
  const changed = (/** @type {any} */ now) => {
    tellState(now);
    fill(title, embeddedLink ? brandMark() : [h("a", { href: addressOf("/imports") }, t("nav.imports")), "/"],
      h("strong", null, now.name ?? now.file_name ?? importId), statusChip(now),
      now.is_draft && context.canWrite && button(t("draft.discard"), () => void discard(now), { kind: "quiet" }));
    fill(bar, stepBar(now, step));
    const isAsked = now.state === "needs_review" && !now.details?.preview && ASKING.includes(step);
    fill(asked, isAsked && now.reason ? banner("warn", now.reason) : null);
  };
  const discard = async (/** @type {any} */ draft) => {
    const text = t("draft.discard_text", { name: draft.name ?? draft.file_name ?? importId });
    if (!(await ask(t("draft.discard_title"), text, t("draft.discard"), { danger: true }))) return;
    await context.api.post(`/v1/imports/${importId}/cancel`, { body: {} });
    context.open(context.session.import_id ? `/imports/${importId}` : "/imports");
  };
  changed(shown);
  fill(root, title, bar, asked, body);
  tellHost("step", { import_id: importId, step });
  const { show: showStep } = await STEPS[step]();
  const go = (/** @type {string} */ to) => context.open(`/imports/${importId}/${to}`);
  return showStep(body, { ...context, importId, import: shown, go, changed });
}

/**
 * @param {any} shown
 * @param {string} current
 */
function stepBar(shown, current) {
  return h("ol", { class: "stepper" }, stepsOf(shown, current).map(({ step, isOpen, isDone }, at) => {
    const dot = h("span", { class: "dot" }, isDone && step !== current ? icon("check") : at + 1);
    const props = { "aria-current": step === current ? "step" : undefined };
    const inside = isOpen
      ? h("a", { ...props, href: addressOf(`/imports/${shown.id}/${step}`) }, dot, t(`step.${step}`))
      : h("span", props, dot, t(`step.${step}`));
    return h("li", { class: isDone ? "done" : undefined }, inside);
  }));
}
