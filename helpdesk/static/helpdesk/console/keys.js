// @ts-check
/** The keyboard. Letters work outside fields; F2 works everywhere; nothing uses Alt or Ctrl Shift. */
import { compose } from "console/composer";
import { inWrapUp } from "console/desk";
import { dialog } from "console/dialogs";
import { toggleCustomer } from "console/layout";
import { acceptFirst, declineFirst } from "console/offer";
import { openMenu } from "console/parts";
import { go, route } from "console/route";
import { session } from "console/session";
import { reopen, solve, take, ticket } from "console/ticket";
import { rows, showFresh } from "console/tickets";
import { chooseByNumber } from "console/wrap-up";

const FIELD = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

/** With a ticket open. @type {Record<string, () => void>} */
const ON_TICKET = {
  r: () => compose("reply"),
  n: () => compose("note"),
  e: solve,
  E: reopen,
  t: () => (dialog.value = { kind: "transfer" }),
  a: () => openMenu("p-assignee"),
  A: take,
  s: () => openMenu("p-status"),
  p: () => openMenu("p-priority"),
  "]": toggleCustomer,
};

/** @type {Record<string, () => void>} */
const ANYWHERE = {
  j: () => step(1),
  k: () => step(-1),
  Enter: () => route.value.ticket || step(1),
  ".": showFresh,
  "/": () => document.getElementById("search")?.focus(),
  "?": () => (dialog.value = { kind: "keys" }),
  q: () => openMenu("presence"),
  Q: () => openMenu("presence"),
};

/** Letters can be turned off, for those whose voice or tremor types them. */
export const hasLetters = () => session.user.preferences?.letters !== "off";

export function listenForKeys() {
  document.addEventListener("keydown", onKey);
}

/** @param {KeyboardEvent} event */
export function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "F2") return done(event, event.shiftKey ? declineFirst : acceptFirst);
  if (event.key === "F6") return done(event, () => document.querySelector(".offer button")?.focus());
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const isInField = target.matches?.(FIELD);
  if (event.key === "Escape") return escape(event, target, isInField);
  if (isInField || !hasLetters() || document.querySelector("dialog[open], [popover]:popover-open")) return;
  if (event.key === "Enter" && target.closest?.("a, button, summary, [role=radio]")) return;
  if (/^[1-9]$/.test(event.key) && inWrapUp.value.length) return done(event, () => chooseByNumber(Number(event.key)));
  const act = (ticket.value && ON_TICKET[event.key]) || ANYWHERE[event.key];
  if (act) done(event, act);
}

/** @param {KeyboardEvent} event @param {() => void} act */
function done(event, act) {
  event.preventDefault();
  act();
}

/** @param {KeyboardEvent} event @param {HTMLElement} target @param {boolean} isInField */
function escape(event, target, isInField) {
  if (document.querySelector("dialog[open], [popover]:popover-open")) return;
  if (isInField) return target.blur();
  if (route.value.search) return go({ view: "mine", search: "", ticket: null });
  if (route.value.ticket) done(event, () => go({ ticket: null }));
}

/** @param {number} by */
function step(by) {
  const all = rows.value;
  if (!all.length) return;
  const at = all.findIndex((row) => row.id === route.value.ticket);
  const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
  go({ ticket: all[to].id }, { replace: at >= 0 });
}
