// @ts-check
// The list of tickets.
import { Avatar, Fault, Icon, html, useEffect, useRef } from "console/ui";
import { second, secondsSince } from "console/clock";
import { me, queues } from "console/desk";
import { ago, channelOf, exact, plural, wait } from "console/format";
import { drafts } from "console/kept";
import * as lists from "console/lists";
import { go, route, to } from "console/route";
import { Offers } from "console/view/offer";
import { IconButton } from "console/ui";

const NAMES = { mine: "My open", unassigned: "Unassigned", all: "All" };

export function List({ openSide }) {
  const { view, words } = route.value;
  const name = viewName(view);
  const count = me.value?.counts[view];
  const fresh = lists.freshCount.value;
  return html`<section class="list" aria-labelledby="list-h">
    <header>
      <span class="hamburger"><${IconButton} icon="menu" label="Views" onClick=${openSide} /></span>
      <h1 id="list-h" tabindex="-1">${name}</h1>
      ${view === "search" ? html`<span class="count words">“${words}”</span>` : count !== undefined && html`<span class="count">${count}</span>`}
      ${fresh > 0 && html`<button type="button" class="fresh" title="Show new ones  ( . )" onClick=${lists.show}>${fresh} new</button>`}
    </header>
    <${Fault} of=${lists.fault} />
    <${Rows} name=${name} />
    <${Offers} />
  </section>`;
}

export function viewName(view) {
  if (view === "search") return "Found";
  return NAMES[view] ?? queues.value.find((queue) => `queue-${queue.id}` === view)?.name ?? "Queue";
}

function Rows({ name }) {
  const rows = lists.rows.value;
  if (!rows.length && lists.isLoading.value) return html`<${Skeleton} />`;
  if (!rows.length) return html`<${Empty} />`;
  return html`<ol class="rows" aria-label="Tickets in ${name}">
    ${rows.map((row) => html`<${Row} key=${row.id} row=${row} />`)}
    ${lists.next.value && html`<li class="more"><button type="button" class="btn" onClick=${lists.more}>Older ones</button></li>`}
  </ol>`;
}

function Row({ row }) {
  const ref = useRef(null);
  const isOpen = route.value.ticket === row.id;
  const isAtCursor = lists.cursor.value === row.id;
  const unread = isOpen ? 0 : lists.unreadOf(row);
  useEffect(() => {
    if (isAtCursor) ref.current?.focus();
  }, [isAtCursor]);
  const kind = [unread ? "unread" : "", row.status === "pending" || isEnded(row) ? "calm" : ""].join(" ");
  return html`<li class="row ${kind}" aria-current=${isOpen ? "true" : undefined}>
    <a ref=${ref} ...${to({ ticket: row.id })} onFocus=${() => (lists.cursor.value = row.id)}>
      <${Avatar} person=${row.customer}><i class="ch"><${Icon} name=${channelOf(row.channel).icon} /></i><//>
      <span class="l1"><b>${row.customer.name}</b><${Due} row=${row} /></span>
      <span class="l2"><span class="vh">${channelOf(row.channel).name}: </span>${row.subject || "No subject"}</span>
      <span class="l3"><span><${LastLine} row=${row} /></span>${unread > 0 && html`<b class="u" title="${unread} unread">${unread}<span class="vh"> unread</span></b>`}</span>
    </a>
  </li>`;
}

const isEnded = (row) => row.status === "solved" || row.status === "closed";

/** What matters about time: who waits counts; the rest says how old the last word is, or why nothing is due. */
function Due({ row }) {
  if (row.waiting_since) return html`<${Waiting} row=${row} />`;
  if (row.interaction?.status === "active" && row.channel === "chat") return html`<span class="sla talk"><${Icon} name="chat" />In chat</span>`;
  if (row.interaction?.status === "wrap_up") return html`<span class="sla">Wrap-up</span>`;
  if (row.status === "pending" || isEnded(row)) return html`<span class="sla">${row.status_label}</span>`;
  return html`<time class="sla" datetime=${row.last_message_at} title=${exact(row.last_message_at)}>${ago(row.last_message_at)}</time>`;
}

function Waiting({ row }) {
  second.value;
  const waited = secondsSince(row.waiting_since);
  const target = queues.value.find((queue) => queue.id === row.queue.id)?.target[row.channel] ?? 3600;
  const state = waited > target ? "bad" : waited > 0.75 * target ? "warn" : "";
  return html`<span class="sla ${state}" title="Waiting for an agent"><${Icon} name=${state === "bad" ? "alert" : "clock"} /><span class="vh">Waiting </span>${wait(waited)}</span>`;
}

function LastLine({ row }) {
  const draft = drafts.value[`${row.id}:reply`] || drafts.value[`${row.id}:note`];
  if (draft) return html`<em>Draft</em> ${draft.slice(0, 90)}`;
  return `${row.is_answered ? "Us: " : ""}${row.preview || "…"}`;
}

function Empty() {
  const { view } = route.value;
  const unassigned = me.value?.counts.unassigned ?? 0;
  if (view === "search") return html`<div class="empty"><p><b>Nothing found.</b></p><p>Numbers, names, addresses and words of messages are looked through; all words must be there.</p></div>`;
  if (view !== "mine") return html`<div class="empty"><p><b>Nothing here.</b></p><p>What customers write to this line is shown as it comes in.</p></div>`;
  return html`<div class="empty"><p><b>Nothing waits for you.</b></p>
    ${unassigned > 0
      ? html`<p>${plural(unassigned, "ticket")} in Unassigned.</p><p><button type="button" class="btn" onClick=${() => go({ view: "unassigned", ticket: null })}>Look at Unassigned</button></p>`
      : html`<p>New work rings here as soon as you are available.</p>`}</div>`;
}

function Skeleton() {
  return html`<ol class="rows skeleton" aria-label="Loading">${[0, 1, 2, 3, 4, 5].map((n) => html`<li class="row" key=${n}><a><span class="ava"></span><span class="l1"></span><span class="l2"></span><span class="l3"></span></a></li>`)}</ol>`;
}
