/** The failing rows as a file, and the mended file back: it becomes an import of its own, with these rows alone. */
import { h, fill } from "../dom.js";
import { t } from "../i18n.js";
import { button } from "../parts.js";

const KEPT = ["duplicate_strategy", "duplicate_handling", "column_mapping", "value_mappings", "tags", "tag_delimiter", "match_by", "on_possible_duplicate",
  "on_referenced", "keep_unmapped", "clear_token", "on_bad_optional", "empty_words"];

/** What is asked of the mended rows: the same as before, but that a few rows are never the whole truth. @param {any} shown */
const asBefore = ({ spec }) => ({
  ...Object.fromEntries(KEPT.map((name) => [name, spec[name]])),
  action: spec.action === "overwrite" ? "merge" : spec.action,
});

/** @param {import("../pages/import.js").StepContext} context @param {(error: unknown) => void} fail */
export function fileWays({ api, import: shown, importId, open, signal, canWrite, session }, fail) {
  const xlsx = shown._errors_xlsx_url;
  const csv = shown._errors_csv_url;
  if (!xlsx && !csv) return null;
  const input = h("input", { type: "file", accept: ".xlsx,.csv", hidden: true, onChange: () => input.files?.[0] && void take(input.files[0]) });
  const state = h("span", { class: "muted", role: "status" });
  const box = h("div", { class: "file-ways is-later", onDragover: (/** @type {DragEvent} */ event) => event.preventDefault(), onDrop: dropped },
    h("h2", null, t("mend.as_file")),
    xlsx && h("a", { class: "button quiet", href: xlsx, download: "" }, t("mend.xlsx")),
    csv && h("a", { class: "button quiet", href: csv, download: "" }, t("mend.csv")),
    canWrite && !session.import_id && [button(t("mend.bring_back"), () => input.click(), { kind: "quiet" }), input, state]);
  return box;

  /** @param {DragEvent} event */
  function dropped(event) {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file && canWrite && !session.import_id) void take(file);
  }

  /** @param {File} file */
  async function take(file) {
    try {
      const made = await api.post("/v1/imports", { body: { resource: shown.resource, retry_of: importId, file_name: file.name, start: false }, once: true });
      await api.patch(`/v1/imports/${made.id}`, { body: asBefore(shown) });
      await api.upload(made._upload_url, file, (sent, total) => fill(state, t("mend.uploading", { percent: Math.round((sent / (total || 1)) * 100) })), signal);
      open(`/imports/${made.id}/preview`);
    } catch (error) {
      fail(error);
    }
  }
}
