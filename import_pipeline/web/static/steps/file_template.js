/** A file to begin with: the headers of a record type with an example row. */

import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { manyOf } from "../resources.js";

/**
 * @param {import("../api.js").Api} api
 * @param {import("../resources.js").Resource} resource
 */
export function templateLinks(api, resource) {
  const save = (/** @type {string} */ format) =>
    h("button", { type: "button", class: "button quiet", onClick: () => void api.save(`/v1/resources/${resource.name}/template`, `${resource.plural}.${format}`, { format }) },
      icon("save"), format.toUpperCase());
  return h("p", { class: "row" }, h("span", { class: "muted" }, t("file.template", { type: manyOf(resource) })), save("xlsx"), save("csv"));
}
