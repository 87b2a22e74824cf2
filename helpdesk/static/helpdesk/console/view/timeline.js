// @ts-check
// Everything said and done on a ticket in one order, over all channels.
import { Icon, attempt, html, signal, useLayoutEffect, useRef, useState } from "console/ui";
import { clock, dayName, dayOf, exact, firstName, plural } from "console/format";
import { customerTypes } from "console/others";
import { sends } from "console/sending";
import * as threads from "console/threads";
import { why } from "console/view/decision";
import { Message, Sending } from "console/view/message";

export function Timeline({ one }) {
  const box = useRef(null);
  const entries = one.entries.value;
  const pending = sends.value.filter((operation) => operation.ticket === one.id);
  stickToEnd(box, [entries.at(-1)?.id, pending.length, one.isLoaded.value]);
  return html`<div class="scroll" ref=${box} tabindex="0" role="log" aria-label="Timeline">
    <div class="tl">
      ${one.older.value && html`<${Older} one=${one} box=${box} />`}
      ${!one.isLoaded.value && !entries.length && html`<${Skeleton} />`}
      ${arranged(entries).map((part) => html`<${Part} key=${part.key} part=${part} one=${one} />`)}
      ${pending.map((operation) => html`<${Sending} key=${operation.key} operation=${operation} />`)}
      <${Typing} one=${one} />
    </div>
  </div>`;
}

/** Days, messages, and runs of events folded into their last line. */
export function arranged(entries) {
  const parts = [];
  let day = "";
  for (const entry of entries) {
    const today = dayOf(entry.at);
    if (today !== day) parts.push({ key: `day:${today}`, day: entry.at });
    day = today;
    const last = parts.at(-1);
    if (entry.type === "event" && last?.events) last.events.push(entry);
    else if (entry.type === "event") parts.push({ key: threads.identity(entry), events: [entry] });
    else parts.push({ key: threads.identity(entry), message: entry });
  }
  return parts;
}

function Part({ part, one }) {
  if (part.day) return html`<div class="day"><span>${dayName(part.day)}</span></div>`;
  if (part.message) return html`<${Message} message=${part.message} one=${one} />`;
  return html`<${Events} events=${part.events} />`;
}

const ICONS = { offer: "route", interaction: "route", ticket: "check", delivery: "alert", customer: "people" };

function Events({ events }) {
  const [isOpen, open] = useState(false);
  const shown = isOpen || events.length < 3 ? events : [telling(events)];
  return html`${events.length >= 3 && html`<p class="evt fold"><button type="button" class="lnk" aria-expanded=${isOpen} onClick=${() => open(!isOpen)}>${isOpen ? "Fewer steps" : `${plural(events.length - 1, "more step")}`}</button></p>`}
    ${shown.map((event) => html`<${Event} key=${event.id} event=${event} />`)}`;
}

/** Of a folded run, the line that tells most: how it was routed, else the last. */
const telling = (events) => events.findLast((event) => event.decision) ?? events.at(-1);

function Event({ event }) {
  const icon = event.verb === "ticket.assigned" ? "people" : event.verb === "ticket.opened" ? "tray" : ICONS[event.verb.split(".")[0]] ?? "clock";
  return html`<p class="evt"><${Icon} name=${icon} /><span title=${event.sentence}>${event.sentence}</span>
    ${event.decision && html`<button type="button" class="lnk" onClick=${() => (why.value = event.decision)}>Why?</button>`}
    <time datetime=${event.at} title=${exact(event.at)}>${clock(event.at)}</time></p>`;
}

function Typing({ one }) {
  const name = one.ticket.value?.customer.name;
  if (!name || !customerTypes(one.id)) return null;
  return html`<p class="typing" role="status"><i></i><i></i><i></i>${firstName(name)} is typing…</p>`;
}

function Older({ one, box }) {
  const fault = useRef(signal(null)).current;
  const load = () => attempt(fault, async () => {
    const { scrollHeight, scrollTop } = box.current;
    await threads.loadOlder(one);
    requestAnimationFrame(() => box.current && (box.current.scrollTop = box.current.scrollHeight - scrollHeight + scrollTop));
  });
  return html`<p class="older"><button type="button" class="btn" onClick=${load}>${fault.value ? `${fault.value.text} Retry` : "Earlier messages"}</button></p>`;
}

/** The newest stays in view unless the reader scrolled up; pictures and frames that grow do not push it away. */
function stickToEnd(box, changes) {
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    const element = box.current;
    const note = () => (atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 60);
    const grow = new ResizeObserver(() => atEnd.current && (element.scrollTop = element.scrollHeight));
    element.addEventListener("scroll", note, { passive: true });
    grow.observe(element.firstElementChild);
    grow.observe(element);
    return () => (grow.disconnect(), element.removeEventListener("scroll", note));
  }, []);
  useLayoutEffect(() => {
    if (atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, changes);
}

function Skeleton() {
  return html`<div class="skeleton" aria-label="Loading">${[0, 1, 2].map((n) => html`<article class="msg" key=${n}><span class="ava"></span><header></header><div class="body"></div></article>`)}</div>`;
}
