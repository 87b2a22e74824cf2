// @ts-check
/** The open ticket: its head, its timeline, the composer. */
import { Composer } from "console/composer";
import { me } from "console/desk";
import { dialog } from "console/dialogs";
import { isNarrow, toggleCustomer } from "console/layout";
import { othersIn } from "console/live";
import { Avatar, Icon, Menu } from "console/parts";
import { go, route } from "console/route";
import { session } from "console/session";
import { change, open, refreshTicket, reopen, solve, take, ticket } from "console/ticket";
import { Timeline } from "console/timeline";
import { html } from "console/ui";

const STATUSES = [["open", "Open", "ok"], ["pending", "Waiting on customer", "warn"], ["on_hold", "On hold", ""], ["solved", "Solved", "done"]];
const PRIORITIES = [[3, "Urgent"], [2, "High"], [1, "Normal"], [0, "Low"]];
const DOTS = { new: "warn", open: "ok", pending: "warn", on_hold: "", solved: "done", closed: "done" };

export function Conversation() {
  if (!route.value.ticket) return html`<main class="conv none" id="thread" tabindex="-1"><p class="say">Choose a ticket. <kbd>J</kbd> and <kbd>K</kbd> walk the list, <kbd>?</kbd> shows every key.</p></main>`;
  if (!ticket.value) {
    return html`<main class="conv none" id="thread" tabindex="-1">
      ${open.value?.error ? html`<p class="say bad" role="alert">${open.value.error} <button type="button" class="lnk" onClick=${refreshTicket}>Try again</button></p>` : html`<p class="say quiet">Loading…</p>`}</main>`;
  }
  return html`
    <main class="conv" id="thread" tabindex="-1">
      <${Head} />
      <${Timeline} key=${`t${ticket.value.id}`} />
      ${ticket.value.status !== "closed" && html`<${Composer} key=${`c${ticket.value.id}`} />`}
    </main>`;
}

function Head() {
  const { subject, number, status, interactions } = ticket.value;
  const isDone = status === "solved" || status === "closed";
  return html`
    <header class="head">
      <div class="t">
        ${isNarrow.value && html`<button type="button" class="btn icon ghost" title="Back to the list (Esc)" onClick=${() => go({ ticket: null })}><span class="ic back" aria-hidden="true">‹</span><span class="vh">Back to the list</span></button>`}
        <h2>${subject || "No subject"}</h2><span class="id">#${number}</span>
        ${interactions.some((one) => one.status === "parked") && html`<span class="tag" title="Parked while a call rings or lasts; it comes back by itself">Parked<span class="vh"> while a call rings or lasts</span></span>`}
        <div class="acts">
          <button type="button" class="btn icon ghost" title="Transfer (T)" onClick=${() => (dialog.value = { kind: "transfer" })}><${Icon} name="swap" /><span class="vh">Transfer</span></button>
          <button type="button" class="btn icon ghost" title="Customer ( ] )" onClick=${toggleCustomer}><${Icon} name="panel" /><span class="vh">Show or hide the customer</span></button>
          ${isDone
            ? html`<button type="button" class="btn" title="Reopen (Shift E)" onClick=${reopen}><${Icon} name="tray" /><span class="lb">Reopen</span></button>`
            : html`<button type="button" class="btn" title="Resolve (E)" onClick=${solve}><${Icon} name="check" /><span class="lb">Resolve</span><kbd>E</kbd></button>`}
        </div>
      </div>
      <${Props} />
    </header>`;
}

function Props() {
  const { status, status_label, priority, priority_label, queue, assignee } = ticket.value;
  const isMine = assignee?.id === session.user.id;
  const face = {
    status: html`<i class="dot ${DOTS[status]}"></i>${status_label}`,
    priority: html`<${Icon} name="flag" />${priority_label}`,
    queue: html`<${Icon} name="stack" />${queue.name}`,
    assignee: assignee ? html`<${Avatar} id=${assignee.id} initials=${assignee.initials} size="xs" />${isMine ? "You" : assignee.name}` : html`<${Icon} name="people" />Nobody`,
  };
  return html`
    <div class="props">
      <${Menu} id="p-status" look="prop" title="Status (S)" label="Status: ${status_label}" face=${face.status} items=${STATUSES.map(([value, label, dot]) => ({ label, dot: dot || "off", current: status === value, pick: () => change({ status: value }) }))} />
      <${Menu} id="p-priority" look="prop ${priority > 1 ? "hi" : ""}" title="Priority (P)" label="Priority: ${priority_label}" face=${face.priority} items=${PRIORITIES.map(([value, label]) => ({ label, current: priority === value, pick: () => change({ priority: value }) }))} />
      <${Menu} id="p-queue" look="prop" title="Queue" label="Queue: ${queue.name}" face=${face.queue} items=${(me.value?.queues || []).map((one) => ({ label: one.name, current: one.id === queue.id, pick: () => change({ queue: one.id }) }))} />
      <${Menu} id="p-assignee" look="prop" title="Assign to (A)" label="Assigned to: ${assignee ? assignee.name : "nobody"}" face=${face.assignee} items=${assignees(assignee)} />
      ${!isMine && html`<button type="button" class="prop lnk" title="Take it (Shift A)" onClick=${take}>Take</button>`}
      <${Others} />
    </div>`;
}

/** @param {any} assignee */
function assignees(assignee) {
  const people = (me.value?.people || []).map((one) => ({
    label: one.id === session.user.id ? `${one.name} (you)` : one.name,
    hint: one.presence || "",
    current: assignee?.id === one.id,
    pick: () => (one.id === session.user.id ? take() : change({ assignee: one.id })),
  }));
  people.sort((one, other) => Number(other.label.endsWith("(you)")) - Number(one.label.endsWith("(you)")));
  return [{ label: "Nobody", current: !assignee, pick: () => change({ assignee: null }) }, ...people];
}

/** Colleagues who look on or write. */
function Others() {
  const here = othersIn(ticket.value.id).filter((one) => !one.by.customer);
  if (!here.length) return null;
  const [first, ...rest] = here;
  const doing = first.type === "typing" ? (first.kind === "note" ? "is typing a note…" : "is typing a reply…") : "viewing";
  const names = here.map((one) => one.by.name).join(", ");
  return html`<span class="pres" title=${names} role="status"><${Avatar} id=${first.by.id} initials=${first.by.initials} size="xs" />${first.by.name.split(" ")[0]} ${doing}${rest.length ? ` +${rest.length}` : ""}</span>`;
}
