// @ts-check
// One ticket: its head, its timeline and the composer.
import { Avatar, Fault, Icon, IconButton, attempt, html, signal } from "console/ui";
import { me, held, act as actOn } from "console/desk";
import { channelOf, firstName } from "console/format";
import { to } from "console/route";
import { colleaguesAt } from "console/others";
import * as threads from "console/threads";
import { Composer } from "console/view/composer";
import { Menu } from "console/view/menu";
import { Timeline } from "console/view/timeline";
import { Transfer } from "console/view/transfer";

export const isTransferring = signal(false);
export const showsCustomer = signal(false);
const STATUSES = [["open", "Open"], ["pending", "Waiting on customer"], ["on_hold", "On hold"], ["solved", "Solved"]];
const PRIORITIES = ["Low", "Normal", "High", "Urgent"];
const DOTS = { new: "warn", open: "ok", pending: "", on_hold: "", solved: "", closed: "" };

export function Conversation() {
  const one = threads.open.value;
  if (!one) return html`<main class="conv" id="thread" tabindex="-1"><${Nothing} /></main>`;
  if (one.missing.value) return html`<main class="conv" id="thread" tabindex="-1"><div class="empty"><p><b>${one.missing.value}</b></p><p><a class="lnk" ...${to({ ticket: null })}>Back to the list</a></p></div></main>`;
  return html`<main class="conv" id="thread" tabindex="-1" aria-label="Conversation">
    <${Head} one=${one} />
    <${Fault} of=${one.fault} />
    <${Timeline} key=${`t${one.id}`} one=${one} />
    <${Composer} key=${`c${one.id}`} one=${one} />
    ${isTransferring.value && html`<${Transfer} one=${one} close=${() => (isTransferring.value = false)} />`}
  </main>`;
}

function Nothing() {
  return html`<div class="empty"><${Icon} name="chat" /><p><b>No conversation is open.</b></p>
    <p><kbd>J</kbd> <kbd>K</kbd> to move, <kbd>Enter</kbd> to open, <kbd>?</kbd> for all keys.</p></div>`;
}

function Head({ one }) {
  const ticket = one.ticket.value;
  if (!ticket) return html`<header class="head"><div class="t"><h2>…</h2></div></header>`;
  return html`<header class="head">
    <div class="t">
      <a class="btn icon ghost back" ...${to({ ticket: null })} title="Back to the list  (Esc)"><${Icon} name="left" /><span class="vh">Back to the list</span></a>
      <h2 title=${ticket.subject}>${ticket.subject || "No subject"}</h2><span class="id">#${ticket.number}</span>
      <div class="acts"><${Acts} one=${one} ticket=${ticket} /></div>
    </div>
    <div class="props"><${Props} one=${one} ticket=${ticket} /><${Present} ticket=${ticket} /></div>
  </header>`;
}

function Acts({ one, ticket }) {
  const isEnded = ticket.status === "solved" || ticket.status === "closed";
  const isMine = ticket.assignee?.id === me.value.user.id;
  const mine = heldHere(ticket);
  return html`${!isMine && html`<button type="button" class="btn" title="Take it myself  (Shift A)" onClick=${() => take(one)}>Take</button>`}
    ${mine && html`<button type="button" class="btn" title="End the contact; wrap-up begins" onClick=${() => end(one, mine)}><${Icon} name=${channelOf(mine.channel).icon} /><span class="lb">End ${mine.channel === "chat" ? "chat" : "contact"}</span></button>`}
    <${IconButton} icon="swap" label="Transfer" hint="T" onClick=${() => (isTransferring.value = true)} />
    <span class="panel-toggle"><${IconButton} icon="panel" label="Customer" hint="]" aria-expanded=${showsCustomer.value} onClick=${() => (showsCustomer.value = !showsCustomer.value)} /></span>
    ${isEnded
      ? html`<button type="button" class="btn" title="Open it again  (Shift E)" onClick=${() => reopen(one)}><span class="lb">Reopen</span></button>`
      : html`<button type="button" class="btn" title="Resolve  (E)" onClick=${() => resolve(one)}><${Icon} name="check" /><span class="lb">Resolve</span><kbd>E</kbd></button>`}`;
}

/** The contact on this ticket that I hold. */
export const heldHere = (ticket) => held.value.find((each) => each.ticket.id === ticket.id && each.status === "active");

export const take = (one) => attempt(one.fault, () => threads.act(one, "take"));
export const resolve = (one) => attempt(one.fault, () => threads.act(one, "solve"));
export const reopen = (one) => attempt(one.fault, () => threads.act(one, "reopen"));
export const end = (one, interaction) => attempt(one.fault, async () => {
  await actOn(interaction, "end");
  threads.refresh(one);
});

function Props({ one, ticket }) {
  const change = (values, shown) => attempt(one.fault, () => threads.change(one, values, shown));
  const people = me.value.people;
  const assign = (person) => ({
    label: person ? person.name : "Nobody", note: person?.presence ?? "", isChecked: (ticket.assignee?.id ?? null) === (person?.id ?? null),
    run: () => change({ assignee: person?.id ?? null }, { assignee: person }),
  });
  const statuses = STATUSES.map(([value, label]) => ({ label, isChecked: ticket.status === value, run: () => change({ status: value }, { status: value, status_label: label }) }));
  const priorities = PRIORITIES.map((label, value) => ({ label, isChecked: ticket.priority === value, run: () => change({ priority: value }, { priority: value, priority_label: label }) })).reverse();
  const queues = me.value.queues.map((queue) => ({ label: queue.name, isChecked: ticket.queue.id === queue.id, run: () => change({ queue: queue.id }, { queue }) }));
  return html`
    <${Menu} kind="prop" title="Status" items=${statuses}><i class="dot ${DOTS[ticket.status]}"></i>${ticket.status_label}<//>
    <${Menu} kind="prop ${ticket.priority > 1 ? "hi" : ""}" title="Priority  (P)" shortcut="p" items=${priorities}><${Icon} name="flag" />${ticket.priority_label}<//>
    <${Menu} kind="prop" title="Queue" items=${queues}><${Icon} name="stack" />${ticket.queue.name}<//>
    <${Menu} kind="prop" title="Assign to  (A)" shortcut="a" items=${[assign(null), ...people.map(assign)]}>${ticket.assignee ? html`<${Avatar} person=${ticket.assignee} size="xs" />` : html`<${Icon} name="people" />`}${nameOf(ticket.assignee)}<//>
    ${ticket.tags.map((tag) => html`<i class="tag" key=${tag}>${tag}</i>`)}`;
}

const nameOf = (person) => (!person ? "Nobody" : person.id === me.value.user.id ? "You" : person.name);

/** Colleagues who look on or write here. */
function Present({ ticket }) {
  const others = colleaguesAt(ticket.id);
  if (!others.length) return null;
  const [first] = others;
  const doing = first.type === "viewing" ? "viewing" : `is typing a ${first.kind === "note" ? "note" : "reply"}…`;
  return html`<span class="pres ${first.type}" role="status"><${Avatar} person=${first.by} size="xs" />${firstName(first.by.name)} ${doing}${others.length > 1 && ` +${others.length - 1}`}</span>`;
}
