// @ts-check
/** One timeline over all channels: messages, notes, and what happened in between. */
import { dayOf, fullTime, timeOf } from "console/clock";
import { dialog } from "console/dialogs";
import { othersIn } from "console/live";
import { Message, Unconfirmed } from "console/message";
import { Icon } from "console/parts";
import { unsent } from "console/sending";
import { keyOf, loadOlder, open, ticket } from "console/ticket";
import { html, useEffect, useRef, useState } from "console/ui";

/** Of a longer run of events, the dull ones before the last two are folded. */
const LAST = 2;
const DULL = ["interaction.enqueued", "interaction.ended", "interaction.resumed", "interaction.wrapped_up", "ticket.assigned", "ticket.changed", "ticket.paused", "ticket.opened"];

const ICONS = {
  "ticket.solved": "check", "ticket.closed": "check", "ticket.reopened": "tray", "ticket.assigned": "people",
  "ticket.changed": "pen", "ticket.opened": "inbox", "ticket.paused": "clock", "ticket.held": "pause",
  "delivery.failed": "alert", "delivery.bounced": "alert", "delivery.unknown": "alert", "delivery.deferred": "clock",
  "offer.expired": "bell", "offer.declined": "x", "interaction.enqueued": "clock", "interaction.ended": "x",
  "interaction.wrapped_up": "tag", "interaction.transferred": "swap",
};

export function Timeline() {
  const box = useRef(/** @type {any} */ (null));
  const { entries, older } = open.value || { entries: [], older: null };
  const mine = unsent.value.filter((one) => one.ticket === ticket.value.id);
  const last = entries.length && keyOf(entries[entries.length - 1]);
  useEffect(() => {
    if (mine.length) box.current.scrollTop = 0; // the newest is at the bottom, where a reversed column begins
  }, [mine.length]);
  return html`
    <div class="scroll" tabindex="0" role="log" aria-label="Timeline" ref=${box} data-last=${last}>
      <div class="tl">
        ${older && html`<${Older} />`}
        ${blocks(entries).map((block) => html`<${Block} key=${block.key} block=${block} />`)}
        ${mine.map((one) => html`<${Unconfirmed} key=${one.key} one=${one} />`)}
        <${Typing} />
      </div>
    </div>`;
}

function Older() {
  const [isWaiting, setWaiting] = useState(false);
  const load = async () => {
    setWaiting(true);
    await loadOlder().catch(() => null);
    setWaiting(false);
  };
  return html`<p class="older"><button type="button" class="btn ghost" disabled=${isWaiting} onClick=${load}>${isWaiting ? "Loading…" : "Show older"}</button></p>`;
}

/** @param {any} props */
function Block({ block }) {
  if (block.day) return html`<div class="day"><span>${block.day}</span></div>`;
  if (block.message) return html`<${Message} message=${block.message} customer=${ticket.value.customer} />`;
  return html`<${Events} events=${block.events} />`;
}

/** @param {any} props */
function Events({ events }) {
  const [isOpen, setOpen] = useState(false);
  const kept = events.filter((event, at) => !DULL.includes(event.verb) || at >= events.length - LAST);
  const shown = isOpen || events.length - kept.length < 2 ? events : kept;
  const hidden = events.length - shown.length;
  return html`
    ${hidden > 0 && html`<p class="evt"><${Icon} name="more" /><button type="button" class="lnk" aria-expanded="false" onClick=${() => setOpen(true)}>${hidden} more events</button></p>`}
    ${shown.map((event) => html`<${Happened} key=${event.id} event=${event} />`)}`;
}

/** @param {any} props */
function Happened({ event }) {
  return html`
    <p class="evt" data-verb=${event.verb}>
      <${Icon} name=${ICONS[event.verb] || "route"} /><span title=${event.sentence}>${event.sentence}</span>
      ${event.decision && html`<button type="button" class="lnk" onClick=${() => (dialog.value = { kind: "why", decision: event.decision })}>Why?</button>`}
      <time datetime=${event.at} title=${fullTime(event.at)}>${timeOf(event.at)}</time>
    </p>`;
}

function Typing() {
  const customer = othersIn(ticket.value.id).find((one) => one.by.customer && one.type === "typing");
  return customer ? html`<p class="evt typing" role="status"><${Icon} name="pen" /><span>${ticket.value.customer.name.split(" ")[0]} is typing…</span></p>` : null;
}

/** Days, messages and runs of events, in order. @param {any[]} entries */
function blocks(entries) {
  /** @type {any[]} */
  const all = [];
  let day = "";
  for (const entry of entries) {
    const today = dayOf(entry.at);
    if (today !== day) all.push({ key: `d${(day = today)}`, day });
    const before = all[all.length - 1];
    if (entry.type === "message") all.push({ key: keyOf(entry), message: entry });
    else if (before.events) before.events.push(entry);
    else all.push({ key: keyOf(entry), events: [entry] });
  }
  return all;
}
