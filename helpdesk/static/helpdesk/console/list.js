// @ts-check
/** The list of tickets, and what rings under it. */
import { shortTime, since, span } from "console/clock";
import { me, queues } from "console/desk";
import { drafts } from "console/drafts";
import { othersIn } from "console/live";
import { Offers } from "console/offer";
import { Avatar, channelIcon, Icon, Menu } from "console/parts";
import { follow, go, linkTo, route } from "console/route";
import { isUnseen, unreadIn } from "console/seen";
import { isNarrow } from "console/layout";
import { failure, FILTERS, filter, fresh, isBusy, isLoading, loadMore, next, refreshList, rows, showFresh, sort, SORTS, title } from "console/tickets";
import { html, useEffect, useRef, useState } from "console/ui";

export function List() {
  const box = useRef(/** @type {any} */ (null));
  const busy = (is) => () => (isBusy.value = is);
  useEffect(() => {
    document.querySelector(`[data-row="${route.value.ticket}"]`)?.scrollIntoView({ block: "nearest" });
  }, [route.value.ticket]);
  return html`
    <section class="list" aria-labelledby="list-h">
      <${Head} onFresh=${() => (showFresh(), box.current?.scrollTo({ top: 0 }))} />
      <div class="rows" ref=${box} onPointerEnter=${busy(true)} onPointerLeave=${busy(false)}>
        ${failure.value && html`<p class="say bad" role="alert">${failure.value} <button type="button" class="lnk" onClick=${refreshList}>Try again</button></p>`}
        ${isLoading.value && !rows.value.length ? html`<${Skeleton} />`
          : rows.value.length ? html`<ol aria-label=${title.value} class=${isLoading.value ? "old" : ""}>${rows.value.map((row) => html`<${Row} key=${row.id} row=${row} />`)}</ol>`
          : !failure.value && html`<${Nothing} />`}
        ${next.value && rows.value.length > 0 && html`<${More} />`}
      </div>
      ${!isNarrow.value && html`<${Offers} />`}
    </section>`;
}

/** @param {any} props */
function Head({ onFresh }) {
  const { view, search } = route.value;
  const hasFilter = !search && view !== "mine" && view !== "unassigned";
  const count = view in (me.value?.counts || {}) && !search ? me.value.counts[view] : null;
  const choices = (all, chosen) => Object.entries(all).map(([key, value]) => ({
    label: value.label || value, current: chosen.value === key, pick: () => (chosen.value = key),
  }));
  return html`
    <header>
      <h2 id="list-h">${title.value}</h2>${count !== null && html`<span class="count">${count}</span>`}
      ${search && html`<button type="button" class="lnk clear" onClick=${() => go({ view: "mine", search: "" })}>“${search}” <${Icon} name="x" small /><span class="vh">Clear the search</span></button>`}
      ${fresh.value > 0 && html`<button type="button" class="fresh" title="Show what is new ( . )" onClick=${onFresh}>${fresh.value} new</button>`}
      <span class="right">
        ${hasFilter && html`<${Menu} id="filter" look="btn ghost sort" title="Filter" face=${html`${FILTERS[filter.value].label}<${Icon} name="down" small />`} items=${choices(FILTERS, filter)} />`}
        <${Menu} id="sort" look="btn ghost sort" title="Sort" face=${html`${SORTS[sort.value]}<${Icon} name="down" small />`} items=${choices(SORTS, sort)} />
      </span>
    </header>`;
}

/** @param {any} props */
function Row({ row }) {
  const isHere = route.value.ticket === row.id;
  const to = { ticket: row.id };
  const unread = unreadIn(row);
  const look = [isHere ? "on" : "", !isHere && !isCalm(row) && isUnseen(row) ? "unread" : "", isCalm(row) ? "calm" : ""].join(" ");
  return html`
    <li class="row ${look}" data-row=${row.id}>
      <a href=${linkTo(to)} aria-current=${isHere ? "true" : undefined} onClick=${(event) => follow(event, to)}>
        <${Avatar} id=${row.customer.id} initials=${row.customer.initials}><i class="ch"><${Icon} name=${channelIcon(row.channel)} /></i><//>
        <span class="l1"><b>${row.customer.name}</b><${Due} row=${row} /></span>
        <span class="l2">${row.subject || "No subject"}</span>
        <span class="l3"><${Last} row=${row} />${unread > 0 && !isHere && html`<b class="u" title="${unread} unread">${unread}</b>`}</span>
      </a>
    </li>`;
}

/** @param {any} row */
const isCalm = (row) => ["pending", "on_hold", "solved", "closed"].includes(row.status);

/** How long the customer waits, or what the ticket waits for, or when the last word was. @param {any} props */
function Due({ row }) {
  if (row.interaction?.status === "active" && row.channel === "chat") {
    return html`<span class="sla talk"><${Icon} name="chat" />live</span>`;
  }
  if (row.interaction?.status === "parked") {
    return html`<span class="sla" title="Parked while a call rings or lasts; it comes back by itself"><${Icon} name="pause" />parked</span>`;
  }
  if (row.waiting_since) {
    const waited = since(row.waiting_since);
    const target = queues.value.find((queue) => queue.id === row.queue.id)?.target[row.interaction?.channel || row.channel];
    const share = target ? waited / 1000 / target : 0;
    const level = share >= 1 ? "bad" : share >= 0.5 ? "warn" : "";
    return html`<span class="sla ${level}" title="Waits for an agent"><${Icon} name=${level === "bad" ? "alert" : "clock"} />${span(waited)}</span>`;
  }
  if (isCalm(row)) return html`<span class="sla">${row.status_label}</span>`;
  return html`<time class="sla" datetime=${row.last_message_at}>${shortTime(row.last_message_at)}</time>`;
}

/** Who else is in it, or my draft, or the last words. @param {any} props */
function Last({ row }) {
  const [other] = othersIn(row.id);
  if (other?.type === "typing") return html`<span><${Icon} name="pen" small />${other.by.customer ? row.customer.name.split(" ")[0] : other.by.name.split(" ")[0]} is typing${other.kind === "note" ? " a note" : ""}…</span>`;
  const draft = (drafts.value.get(`${row.id}:reply`) || drafts.value.get(`${row.id}:note`) || "").trim();
  if (draft) return html`<span><em>Draft</em> ${draft.slice(0, 80)}</span>`;
  if (other) return html`<span><${Icon} name="eye" small />${other.by.name?.split(" ")[0]} is viewing</span>`;
  return html`<span>${row.preview || "No words"}</span>`;
}

function More() {
  const [isWaiting, setWaiting] = useState(false);
  const load = async () => {
    setWaiting(true);
    await loadMore().catch(() => null);
    setWaiting(false);
  };
  return html`<button type="button" class="btn ghost more" disabled=${isWaiting} onClick=${load}>${isWaiting ? "Loading…" : "Load more"}</button>`;
}

/** Shown only when loading takes longer than a blink. */
function Skeleton() {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return isLate && html`<div class="skel" aria-hidden="true">${[1, 2, 3, 4, 5, 6].map(() => html`<div><i></i><span><b></b><b></b></span></div>`)}</div>`;
}

function Nothing() {
  const { view, search } = route.value;
  const unassigned = me.value?.counts?.unassigned || 0;
  if (search) return html`<p class="say">Nothing has “${search}” in its number, subject, customer or words. Try fewer or shorter words.</p>`;
  if (view !== "mine") return html`<p class="say">Nothing here. ${view === "unassigned" ? "Every open ticket has somebody." : "Other states are under the filter above."}</p>`;
  return html`
    <p class="say">Nothing waits for you.
      ${unassigned > 0 && html` ${unassigned} in <a href=${linkTo({ view: "unassigned" })} onClick=${(event) => follow(event, { view: "unassigned" })}>Unassigned</a>.`}
      ${me.value?.agent?.presence === "offline" && " Set yourself to Available, and the next customer rings here."}</p>`;
}
