/** Dropping or choosing a file, and its upload with progress and a stop. */

import { fill, h, icon } from "../dom.js";
import { fileSize, percent, t } from "../i18n.js";
import { banner, button, problem } from "../parts.js";

const TYPES = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods,.json,.jsonl,.ndjson,.parquet,.vcf,.zip,.gz";

/**
 * @param {import("../app.js").Context} context
 * @param {(file: File) => Promise<{id: string, url: string | null}>} uploadUrl Says where the file goes.
 * @param {(id: string) => void | Promise<void>} onDone
 */
export function dropArea(context, uploadUrl, onDone) {
  const area = h("div", { class: "drop-area" });
  /** @type {AbortController | null} */
  let sending = null;

  /** @param {string} [message] */
  function offer(message) {
    const input = h("input", { type: "file", accept: TYPES, class: "unseen", tabindex: -1, "aria-hidden": true });
    input.addEventListener("change", () => input.files?.[0] && void take(input.files[0]));
    const choose = button(t("file.choose"), () => input.click(), { kind: "primary" });
    fill(area, message ? banner("bad", message) : null, h("div", { class: "drop" }, icon("up"),
      h("p", null, h("strong", null, t("file.drop"))), h("p", { class: "muted" }, t("file.formats")), choose, input));
    if (message) choose.focus();
  }

  /** @param {File} file */
  async function take(file) {
    if (sending) return;
    if (file.size === 0) return offer(t("file.empty", { name: file.name }));
    sending = new AbortController();
    const signal = AbortSignal.any([sending.signal, context.signal]);
    const bar = h("i");
    const said = h("p", { class: "muted" });
    const progress = h("div", { class: "progress", role: "progressbar", "aria-label": t("file.uploading", { name: file.name }), "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
    const stop = button(t("file.stop"), () => sending?.abort());
    fill(area, h("div", { class: "drop at-work" }, icon("file"), h("p", null, h("strong", null, file.name)), progress, said, stop));
    stop.focus();
    context.announce(t("file.uploading", { name: file.name }));
    const show = (/** @type {number} */ sent, /** @type {number} */ total) => {
      const share = Math.min(1, sent / total);
      bar.style.setProperty("--share", `${100 * share}%`);
      progress.setAttribute("aria-valuenow", String(Math.floor(100 * share)));
      said.textContent = share === 1 ? t("file.stored") : t("file.sent", { sent: fileSize(Math.min(sent, total)), total: fileSize(total), share: percent(Math.floor(100 * share) / 100) });
    };
    show(0, file.size);
    try {
      const { id, url } = await uploadUrl(file);
      if (url === null) throw new Error(t("file.url_over"));
      await context.api.upload(url, file, show, signal);
      await onDone(id);
    } catch (error) {
      if (context.signal.aborted) return;
      offer(sending.signal.aborted ? undefined : problem(error));
      if (sending.signal.aborted) context.announce(t("file.stopped"));
      if (sending.signal.aborted) area.querySelector("button")?.focus();
    } finally {
      sending = null;
    }
  }

  /** @param {DragEvent} event */
  function over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // also beside the area: a file that misses it would else replace the page
    area.classList.toggle("over", event.type !== "drop" && event.target instanceof Node && area.contains(event.target));
    if (event.type !== "drop" || sending) return;
    const [file, ...more] = event.dataTransfer.files;
    if (more.length) offer(t("file.one"));
    else if (file) void take(file);
  }

  for (const name of /** @type {const} */ (["dragover", "drop"])) {
    document.addEventListener(name, over, { signal: context.signal });
  }
  addEventListener("beforeunload", (event) => sending && event.preventDefault(), { signal: context.signal });
  offer();
  return area;
}
