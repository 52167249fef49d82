/** Undoing an import: first what that would take back and what it would keep, then the button. */
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { button, waiting } from "../parts.js";
import { countsOf, outcomeRows } from "./rows.js";

/** @param {import("../pages/import.js").StepContext} context @param {(error: unknown) => void} fail */
export async function undoBox(context, fail) {
  const { api, importId } = context;
  const path = `/v1/imports/${importId}/undo`;
  const box = h("section", { class: "card stack" });
  const heading = h("h2", { tabindex: -1 }, t("undo.title"));
  fill(box, heading, waiting());
  void (async () => {
    try {
      const look = await api.post(path, { query: { dry_run: true }, body: {}, once: true });
      // Who reaches one import only does not reach the look, which is an import of its own.
      const isBound = context.session.import_id !== null;
      const rows = isBound ? null : await outcomeRows(context, await countsOf(context, look.id), "undo", look.id);
      const run = button(t("undo.do", { n: look.undo.reverted }), async () => {
        run.disabled = true;
        try {
          const done = await api.post(path, { body: {}, once: true });
          context.open(`/imports/${isBound ? importId : done.id}`);
        } catch (error) {
          run.disabled = false;
          fail(error);
        }
      }, { kind: "primary", disabled: look.undo.reverted === 0 });
      const close = button(t("common.cancel"), () => (rows?.close(), box.remove()));
      fill(box, heading, h("p", null, t("undo.would", look.undo)), rows?.element, h("div", { class: "row end" }, close, run));
      heading.focus();
    } catch (error) {
      box.remove();
      fail(error);
    }
  })();
  return box;
}
