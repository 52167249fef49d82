/** Signing in with a token. One-time links are spent before any page is shown. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { labelled, problem } from "../parts.js";
import { currentPath, embeddedLink } from "../places.js";
import { signInWith } from "../session.js";

/**
 * @param {HTMLElement} root
 * @param {import("../app.js").Context} context
 */
export async function show(root, context) {
  if (embeddedLink) return root.append(h("h1", null, t("sign_in.over")), h("p", { class: "lead" }, t("sign_in.over_lead")));
  const token = h("input", { type: "password", class: "control mono", autocomplete: "off", spellcheck: "false", required: true });
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const submit = h("button", { type: "submit", class: "button primary" }, t("sign_in.button"));

  /** @param {Event} event */
  async function signIn(event) {
    event.preventDefault();
    submit.disabled = true;
    try {
      if (await signInWith(token.value.trim())) return context.open(currentPath() + location.search, { replace: true });
      error.textContent = t("sign_in.unknown");
    } catch (thrown) {
      error.textContent = thrown instanceof TypeError ? t("common.unreachable") : problem(thrown);
    }
    submit.disabled = error.hidden = false;
    token.setAttribute("aria-invalid", "true");
    token.focus();
  }

  const hint = [t("sign_in.hint"), " ", h("code", null, "import-pipeline link --organization …")];
  root.append(
    h("form", { class: "card sign-in stack", onSubmit: signIn, novalidate: true },
      h("h1", null, t("sign_in.title")), labelled(t("sign_in.token"), token, { hint }), error, submit),
  );
}
