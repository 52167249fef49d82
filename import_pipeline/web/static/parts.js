/** The parts that pages are put together from: buttons, fields, banners, chips, dialogs. Each is an element. */

import { fill, h, icon, uid } from "./dom.js";
import { t } from "./i18n.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * A button. `kind`: primary (one a page), plain, quiet (without a border), danger.
 * @param {Child} text
 * @param {(event: MouseEvent) => void} onClick
 * @param {{kind?: "primary" | "plain" | "quiet" | "danger", icon?: string, label?: string, disabled?: boolean}} [options]
 */
export function button(text, onClick, options = {}) {
  return h(
    "button",
    {
      type: "button",
      class: `button ${options.kind ?? "plain"}${text ? "" : " bare"}`,
      "aria-label": options.label,
      title: text ? undefined : options.label,
      disabled: options.disabled ?? false,
      onClick,
    },
    options.icon ? icon(options.icon) : null,
    text ? h("span", null, text) : null,
  );
}

/**
 * A link within the page; the router follows it.
 * @param {Child} text
 * @param {string} address
 * @param {string} [className]
 */
export const anchor = (text, address, className) => h("a", { href: address, class: className }, text);

/**
 * A control with its label above, and a hint below.
 * @template {HTMLElement} T
 * @param {string} label
 * @param {T} control
 * @param {{hint?: Child, className?: string}} [options]
 */
export function labelled(label, control, options = {}) {
  control.id ||= uid("field");
  const hint = options.hint ? h("p", { class: "hint", id: `${control.id}-hint` }, options.hint) : null;
  if (hint) control.setAttribute("aria-describedby", hint.id);
  return h("div", { class: `field ${options.className ?? ""}` }, h("label", { for: control.id }, label), control, hint);
}

/**
 * @param {[value: string, text: string][]} choices
 * @param {string} value
 * @param {(value: string) => void} onChange
 * @param {{label?: string, disabled?: boolean}} [options] A label for the eyes of screen readers only.
 */
export function select(choices, value, onChange, options = {}) {
  const list = h(
    "select",
    {
      class: "control",
      "aria-label": options.label,
      disabled: options.disabled ?? false,
      onChange: () => onChange(list.value),
    },
    choices.map(([one, text]) => h("option", { value: one, selected: one === value }, text)),
  );
  return list;
}

/**
 * A group of choices of which one holds, each a sentence with its consequence.
 * @param {string} legend
 * @param {{value: string, text: string, hint?: Child}[]} choices
 * @param {string} value
 * @param {(value: string) => void} onChange
 * @param {boolean} [disabled]
 */
export function radios(legend, choices, value, onChange, disabled = false) {
  const name = uid("choice");
  return h(
    "fieldset",
    { class: "radios", disabled },
    h("legend", null, legend),
    choices.map((one) => {
      const id = uid("radio");
      const props = { type: "radio", id, name, value: one.value, checked: one.value === value, disabled };
      const hinted = one.hint ? { "aria-describedby": `${id}-hint` } : {};
      return h(
        "div",
        { class: "radio" },
        h("input", { ...props, ...hinted, onChange: () => onChange(one.value) }),
        h("label", { for: id }, one.text),
        one.hint ? h("p", { class: "hint", id: `${id}-hint` }, one.hint) : null,
      );
    }),
  );
}

/**
 * @param {string} text
 * @param {boolean} checked
 * @param {(checked: boolean) => void} onChange
 * @param {{hint?: Child, disabled?: boolean}} [options]
 */
export function checkbox(text, checked, onChange, options = {}) {
  const id = uid("check");
  const hinted = options.hint ? { "aria-describedby": `${id}-hint` } : {};
  const box = h("input", {
    type: "checkbox",
    id,
    checked,
    disabled: options.disabled ?? false,
    ...hinted,
    onChange: () => onChange(box.checked),
  });
  const hint = options.hint ? h("p", { class: "hint", id: `${id}-hint` }, options.hint) : null;
  return h("div", { class: "check" }, box, h("label", { for: id }, text), hint);
}

/**
 * A message in the flow of the page; errors and warnings are read out at once.
 * @param {"info" | "good" | "warn" | "bad"} kind
 * @param {Child} text
 * @param {...Child} more Buttons or a list below.
 */
export function banner(kind, text, ...more) {
  const drawing = { info: "info", good: "check", warn: "warn", bad: "warn" }[kind];
  return h(
    "div",
    { class: `banner ${kind}`, role: kind === "bad" ? "alert" : undefined },
    icon(drawing),
    h("div", { class: "banner-text" }, h("p", null, text), more),
  );
}

/**
 * What a refused call says, in words for people.
 * @param {any} error
 */
export function problem(error) {
  if (error?.code === "unreachable") return t("common.unreachable");
  return error?.message || t("common.unexpected");
}

/**
 * A small word with a colour, such as a status; the word says it, the colour only helps.
 * @param {"plain" | "info" | "good" | "warn" | "bad"} kind
 * @param {Child} text
 */
export const chip = (kind, text) => h("span", { class: `chip ${kind}` }, text);

/**
 * The status of an import, as a chip.
 * @param {{state: string, is_draft?: boolean, is_preview?: boolean, dry_run?: boolean}} shown
 */
export function statusChip(shown) {
  const isOnlyLooked = shown.dry_run && shown.state === "completed";
  const state = shown.is_draft ? "draft" : shown.is_preview ? "preview" : isOnlyLooked ? "looked" : shown.state;
  /** @type {{[state: string]: "info" | "good" | "warn" | "bad"}} */
  const kinds = {
    queued: "info", processing: "info", preview: "warn", needs_review: "warn", completed: "good", failed: "bad", timed_out: "bad",
  };
  return chip(kinds[state] ?? "plain", t(`status.${state}`));
}

/**
 * Something is being fetched: seen after a moment only, so that fast answers do not flicker.
 * @param {string} [text]
 */
export const waiting = (text) => h("p", { class: "waiting", role: "status" }, text ?? t("common.loading"));

/**
 * Ask before something that cannot be taken back easily; the answer is whether to do it.
 * @param {string} title
 * @param {Child} text
 * @param {string} yes What the button that does it says.
 * @param {{danger?: boolean}} [options]
 * @returns {Promise<boolean>}
 */
export function ask(title, text, yes, options = {}) {
  return new Promise((resolve) => {
    const id = uid("dialog");
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": id }, h("h2", { id }, title), h("div", null, text));
    const close = (/** @type {boolean} */ answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const kind = options.danger ? "danger" : "primary";
    const buttons = [button(t("common.cancel"), () => close(false)), button(yes, () => close(true), { kind })];
    dialog.append(h("div", { class: "row end" }, buttons));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * The frame of a step: heading, what is asked, the body, and a bar with the ways on.
 * @param {HTMLElement} root
 * @param {{title: string, lead?: Child, body: Child, foot?: Child}} parts
 */
export function stepFrame(root, { title, lead, body, foot }) {
  fill(
    root,
    h("div", { class: "step-head" }, h("h1", { tabindex: -1 }, title), lead ? h("p", { class: "lead" }, lead) : null),
    h("div", { class: "step-body" }, body),
    foot ? h("div", { class: "step-foot" }, foot) : null,
  );
  if (document.activeElement === document.body) root.querySelector("h1")?.focus({ preventScroll: true });
}
