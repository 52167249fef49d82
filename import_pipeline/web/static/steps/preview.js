/** What the import would do, row by row, before anything is written; and the one button that writes it. */
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { banner, button, checkbox, problem, stepFrame, waiting } from "../parts.js";
import { stepOf } from "./order.js";
import { countsOf, outcomeRows } from "./rows.js";

/** @param {HTMLElement} root @param {import("../pages/import.js").StepContext} context */
export async function show(root, context) {
  const { api, importId, import: shown, go, canWrite } = context;
  if (!shown.is_draft && shown.state !== "needs_review") return context.open(`/imports/${importId}/${stepOf(shown)}`, { replace: true });
  if (!shown.is_preview) return askFor(root, context);
  stepFrame(root, { title: t("preview.title"), body: waiting() });
  const counts = await countsOf(context);
  const written = counts.created + counts.updated + counts.deleted;
  const rows = await outcomeRows(context, counts, "will");
  const told = h("div", { role: "alert" });

  const write = button(t(written ? "preview.write" : "preview.write_none", { n: written }), async () => {
    write.disabled = true;
    try {
      await api.post(`/v1/imports/${importId}/confirm`, { body: counts.deleted ? { confirm_deletions: true } : {}, once: true });
      go("run");
    } catch (error) {
      write.disabled = false;
      told.replaceChildren(banner("bad", problem(error)));
    }
  }, { kind: "primary", disabled: counts.deleted > 0 });

  const doubtful = shown.details?.preview?.possible_duplicates ?? 0;
  const notes = [
    counts.failed > 0 && note("bad", t("preview.failed", { n: counts.failed }), canWrite && button(t("preview.mend"), () => go("mend"))),
    counts.deleted > 0 && note("warn", t("preview.deletes", { n: counts.deleted }), button(t("preview.see_deleted"), () => rows.choose("deleted"))),
    doubtful > 0 && note("warn", t("preview.doubtful", { n: doubtful }), button(t("preview.see_doubtful"), () => rows.choose("possible_duplicate"))),
  ];
  const agree = counts.deleted > 0 && checkbox(t("preview.agree", { n: counts.deleted }), false, (is) => void (write.disabled = !is));
  stepFrame(root, {
    title: t("preview.title"),
    lead: [sentence(counts), " ", t("preview.nothing_yet")],
    body: [h("div", { class: "notes" }, notes), rows.element, told],
    foot: canWrite && [button(t("common.back"), () => go("rules")), agree, write],
  });
  return rows.close;
}

/** @param {"warn" | "bad"} kind @param {string} text @param {HTMLElement | false} [action] */
const note = (kind, text, action) => h("div", { class: `note ${kind}` }, icon("warn"), h("p", null, text), action);

/** What the numbers mean, as a sentence. @param {import("./rows.js").Counts} counts */
function sentence(counts) {
  const parts = Object.entries(counts).filter(([, n]) => n).map(([outcome, n]) => t(`preview.say.${outcome}`, { n }));
  if (!parts.length) return t("preview.say.none");
  return t("preview.say", { parts: new Intl.ListFormat(document.documentElement.lang).format(parts) });
}

/** There is no preview yet: of a draft it is made at once. @param {HTMLElement} root @param {import("../pages/import.js").StepContext} context */
async function askFor(root, { api, importId, import: shown, go, open, canWrite }) {
  const ways = (/** @type {string} */ text) => canWrite && [button(t("common.back"), () => go("rules")), button(text, make, { kind: "primary" })];
  const frame = { title: t("preview.title"), lead: t("preview.none_yet") };
  if (shown.is_draft && canWrite) return make();
  stepFrame(root, { ...frame, body: shown.reason && banner("warn", shown.reason), foot: ways(t("preview.make")) });

  async function make() {
    stepFrame(root, { ...frame, body: waiting() });
    try {
      await api.post(`/v1/imports/${importId}/preview`, { body: {}, once: true });
      open(`/imports/${importId}/run`, { replace: true });
    } catch (error) {
      stepFrame(root, { ...frame, body: banner("bad", problem(error)), foot: ways(t("common.again")) });
    }
  }
}
