// @ts-check
// A button with a menu, and dialogs. Both live in the browser's top layer, so nothing cuts them off.
import { html, useEffect, useRef } from "console/ui";

let count = 0;

/**
 * A menu button. `items` are {label, note?, icon?, isChecked?, run} or {heading}.
 * Arrow keys, Home, End and letters move; Esc closes and gives the focus back.
 */
export function Menu({ items, kind = "btn", label = "", title = "", shortcut = "", children }) {
  const id = useRef(`menu-${count++}`).current;
  const list = useRef(null);
  const button = useRef(null);
  const place = (event) => {
    if (event.newState !== "open") return;
    position(list.current, button.current);
    (list.current.querySelector("[aria-checked=true]") ?? options(list.current)[0])?.focus();
  };
  const choose = (item) => {
    list.current.hidePopover();
    button.current.focus();
    item.run();
  };
  return html`<button ref=${button} type="button" class=${kind} popovertarget=${id} aria-haspopup="menu" aria-label=${label || undefined}
      title=${title || undefined} data-shortcut=${shortcut || undefined}>${children}</button>
    <div ref=${list} id=${id} class="menu" popover role="menu" aria-label=${label || title || undefined} onToggle=${place} onKeyDown=${(event) => move(event, list.current)}>
      ${items.map((item) => (item.heading ? html`<div class="mh" role="presentation">${item.heading}</div>` : html`<${Item} item=${item} choose=${choose} />`))}
    </div>`;
}

function Item({ item, choose }) {
  const isChoice = item.isChecked !== undefined;
  return html`<button type="button" role=${isChoice ? "menuitemradio" : "menuitem"} aria-checked=${isChoice ? String(item.isChecked) : undefined}
    tabindex="-1" disabled=${item.isDisabled} class=${item.isInner ? "inner" : ""} onClick=${() => choose(item)}>
    ${item.icon}<span>${item.label}</span>${item.note && html`<small>${item.note}</small>`}</button>`;
}

const options = (list) => [...list.querySelectorAll("button:not([disabled])")];

function move(event, list) {
  const all = options(list);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  const letter = event.key.length === 1 && all.find((one, i) => i !== at && one.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()));
  if (to === undefined && !letter) return;
  event.preventDefault();
  event.stopPropagation();
  (letter || all[(to + all.length) % all.length])?.focus();
}

/** Under the button, or above it where there is no room; within the window. */
function position(list, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const isBelow = at.bottom + height + 12 < innerHeight || at.top < height + 12;
  list.style.top = `${isBelow ? Math.min(at.bottom + 4, innerHeight - height - 8) : at.top - height - 4}px`;
  list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
}

/** A dialog that holds the focus; `close` is called by Esc, by the backdrop and by its own buttons. */
export function Dialog({ title, close, children, kind = "" }) {
  const ref = useRef(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  const outside = (event) => event.target === ref.current && close();
  return html`<dialog ref=${ref} class="dialog ${kind}" aria-label=${title} onClose=${close} onPointerDown=${outside}>
    <div class="inside">${title && kind !== "palette" && html`<h2>${title}</h2>`}${children}</div>
  </dialog>`;
}
