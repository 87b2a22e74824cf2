// @ts-check
/** Small parts that every panel uses. */
import { session } from "console/session";
import { html, useEffect, useLayoutEffect, useRef, useState } from "console/ui";

export const CHANNELS = {
  email: { label: "E-mail", icon: "mail" },
  chat: { label: "Web chat", icon: "chat" },
  voice: { label: "Call", icon: "phone" },
};
/** @param {string} channel */
export const channelIcon = (channel) => CHANNELS[channel]?.icon || "portal";
/** @param {string} channel */
export const channelLabel = (channel) => CHANNELS[channel]?.label || channel;

/** @param {{name: string, small?: boolean}} props */
export function Icon({ name, small = false }) {
  return html`<svg class=${small ? "ic sm" : "ic"} aria-hidden="true"><use href="${session.static.icons}#i-${name}" /></svg>`;
}

/** A person's initials on one of six tints, always the same for the same id. @param {any} props */
export function Avatar({ id = 0, initials, size = "", children = null }) {
  return html`<span class="ava c${(Number(id) % 6) + 1} ${size}" aria-hidden="true">${initials}${children}</span>`;
}

/** Press a menu's button from elsewhere, say by a key. @param {string} id */
export const openMenu = (id) => document.getElementById(id)?.click();

/**
 * A button that opens a list of choices.
 * @param {{id: string, look?: string, title?: string, label?: string, face: any, disabled?: boolean,
 *          items: Array<{label: string, hint?: string, icon?: string, dot?: string, current?: boolean, pick?: () => void}>}} props
 *        an item without `pick` is a heading
 */
export function Menu({ id, look = "btn", title = "", label = "", face, items, disabled = false }) {
  const panel = useRef(/** @type {any} */ (null));
  const [isOpen, setOpen] = useState(false);
  useLayoutEffect(() => {
    if (!isOpen) return;
    // Opened by a click, the browser shows the panel only after we have filled it: until then it has no size.
    panel.current.matches(":popover-open") ? settle(panel.current, id) : requestAnimationFrame(() => settle(panel.current, id));
  }, [isOpen]);
  const pick = (item) => () => {
    panel.current.hidePopover();
    item.pick();
  };
  return html`
    <button id=${id} type="button" class=${look} title=${title} aria-label=${label || undefined} aria-haspopup="menu"
      aria-expanded=${isOpen} disabled=${disabled} popovertarget="${id}-menu">${face}</button>
    <div id="${id}-menu" ref=${panel} class="menu" popover="auto" role="menu" aria-label=${label || title}
      onBeforeToggle=${(event) => setOpen(event.newState === "open")} onKeyDown=${(event) => onMenuKey(event, panel.current)}>
      ${isOpen && items.map((item) => item.pick
        ? html`<button type="button" tabindex="-1" role=${item.current === undefined ? "menuitem" : "menuitemradio"}
            aria-checked=${item.current} onClick=${pick(item)}>
            ${item.dot && html`<i class="dot ${item.dot}"></i>`}${item.icon && html`<${Icon} name=${item.icon} />`}
            <span>${item.label}</span>${item.hint && html`<small>${item.hint}</small>`}
            ${item.current && html`<${Icon} name="check" small />`}
          </button>`
        : html`<p class="g" role="presentation">${item.label}</p>`)}
    </div>`;
}

/**
 * A dialog over everything; Esc and a click beside it close it.
 * @param {{title: string, onClose: () => void, children?: any, look?: string}} props
 */
export function Dialog({ title, onClose, children, look = "" }) {
  const box = useRef(/** @type {any} */ (null));
  useEffect(() => {
    const before = /** @type {HTMLElement|null} */ (document.activeElement);
    box.current.showModal();
    return () => before?.focus?.();
  }, []);
  return html`
    <dialog ref=${box} class="dlg ${look}" aria-labelledby="dlg-h" onClose=${onClose}
      onClick=${(event) => event.target === box.current && box.current.close()}>
      <header><h2 id="dlg-h">${title}</h2>
        <button type="button" class="btn icon ghost" title="Close (Esc)" onClick=${() => box.current.close()}><${Icon} name="x" /><span class="vh">Close</span></button></header>
      <div class="in">${children}</div>
    </dialog>`;
}

/** @param {HTMLElement|null} panel @param {string} id */
function settle(panel, id) {
  if (!panel) return;
  place(panel, document.getElementById(id));
  focusItem(panel, panel.querySelector('[aria-checked="true"]') || 0);
}

/** @param {HTMLElement} panel @param {HTMLElement|null} button */
function place(panel, button) {
  if (!button) return;
  const at = button.getBoundingClientRect();
  const [width, height] = [panel.offsetWidth, panel.offsetHeight];
  const under = at.bottom + 4;
  const top = under + height > innerHeight - 8 && at.top > height + 12 ? at.top - height - 4 : under;
  panel.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  panel.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
}

/** @param {KeyboardEvent} event @param {HTMLElement} panel */
function onMenuKey(event, panel) {
  const items = itemsOf(panel);
  const at = items.indexOf(/** @type {any} */ (document.activeElement));
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  if (event.key in moves) {
    event.preventDefault();
    focusItem(panel, moves[event.key]);
  } else if (event.key === "Tab") panel.hidePopover();
  else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) {
    event.stopPropagation();
    const starts = (item) => item.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase());
    const found = [...items.slice(at + 1), ...items].find(starts);
    if (found) found.focus();
  }
}

/** @param {HTMLElement} panel @param {HTMLElement|number} which */
function focusItem(panel, which) {
  const items = itemsOf(panel);
  const item = typeof which === "number" ? items[(which + items.length) % items.length] : which;
  item?.focus();
}

/** @param {HTMLElement} panel @returns {HTMLElement[]} */
const itemsOf = (panel) => [...panel.querySelectorAll("button")];
