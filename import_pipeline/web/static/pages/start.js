/** A new import: what the rows are, and the file. The draft is made when the file is there. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { banner, radios } from "../parts.js";
import { addressOf } from "../places.js";
import { manyOf, resourcesOf } from "../resources.js";
import { dropArea } from "../steps/file_drop.js";
import { templateLinks } from "../steps/file_template.js";

/**
 * @param {HTMLElement} root
 * @param {import("../app.js").Context} context
 */
export async function show(root, context) {
  if (!context.canWrite) return root.append(h("h1", null, t("start.title")), banner("info", t("draft.read_only")));
  const resources = await resourcesOf(context.api);
  const named = (/** @type {string | null} */ name) => resources.find((one) => one.name === name);
  let chosen = named(context.query.get("resource")) ?? named("contact") ?? resources[0];
  /** @type {{[key: string]: any}} */
  const drafts = {};

  /** The draft of a file: made once, so that a second try after a broken upload goes to the same import. @param {File} file */
  async function uploadUrl(file) {
    const key = `${chosen.name}/${file.name}/${file.size}`;
    const body = { resource: chosen.name, start: false, file_name: file.name };
    drafts[key] ??= await context.api.post("/v1/imports", { body, once: true, signal: context.signal });
    return { id: drafts[key].id, url: drafts[key]._upload_url };
  }

  const samples = h("div");
  const offer = () => samples.replaceChildren(templateLinks(context.api, chosen));
  const choices = resources.map((one) => ({ value: one.name, text: manyOf(one) }));
  const kind = radios(t("start.type"), choices, chosen.name, (value) => {
    chosen = named(value) ?? chosen;
    offer();
  });
  kind.classList.add("tiles");
  offer();
  root.append(
    h("nav", { class: "import-head", "aria-label": t("start.path") }, h("a", { href: addressOf("/imports") }, t("nav.imports")), "/"),
    h("div", { class: "step-head" }, h("h1", null, t("start.title")), h("p", { class: "lead" }, t("start.lead"))),
    h("div", { class: "stack start" }, kind, dropArea(context, uploadUrl, (id) => context.open(`/imports/${id}/file`, { replace: true })), samples),
  );
}
