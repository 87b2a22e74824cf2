// @ts-check
// The one door to the rendering library: everything else imports it from here, so that it could be replaced.
import { h, render } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { batch, computed, effect, signal } from "@preact/signals";
import htm from "htm";

export const html = htm.bind(h);
export { batch, computed, effect, render, signal, useEffect, useLayoutEffect, useRef, useState };

const sprite = document.documentElement.dataset.icons;

/** An icon of the sprite; the words beside it, or a label, say what it means. */
export function Icon({ name, small = false }) {
  return html`<svg class=${small ? "ic sm" : "ic"} aria-hidden="true"><use href="${sprite}#i-${name}" /></svg>`;
}

/** Initials on one of six tints, always the same for the same person. */
export function Avatar({ person, size = "", children = null }) {
  return html`<span class="ava ${tint(person)} ${size}" aria-hidden="true">${person?.initials || "?"}${children}</span>`;
}

/** A button that shows an icon only; `label` names it, `hint` adds its key to the tooltip. */
export function IconButton({ icon, label, hint = "", onClick, kind = "ghost", ...rest }) {
  return html`<button type="button" class="btn icon ${kind}" title=${hint ? `${label}  (${hint})` : label} onClick=${onClick} ...${rest}>
    <${Icon} name=${icon} /><span class="vh">${label}</span>
  </button>`;
}

/** What failed, where it failed, with the way on. It stays until it is tried again or put away. */
export function Fault({ of }) {
  const fault = of.value;
  if (!fault) return null;
  return html`<div class="fault" role="alert">
    <${Icon} name="alert" /><span>${fault.text}</span>
    ${fault.retry && html`<button type="button" class="lnk" onClick=${() => (of.value = null, fault.retry())}>Retry</button>`}
    <${IconButton} icon="x" label="Put away" onClick=${() => (of.value = null)} />
  </div>`;
}

/** Run a command; a refusal goes, in its own words, to the `fault` signal together with a way to try again. */
export async function attempt(fault, command) {
  try {
    fault.value = null;
    return await command();
  } catch (problem) {
    fault.value = { text: problem.message, retry: () => attempt(fault, command) };
    return undefined;
  }
}

function tint(person) {
  const key = String(person?.name || person?.id || "");
  let sum = 0;
  for (const letter of key) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  return `c${(sum % 6) + 1}`;
}
