// @ts-check
// The console begins here.
import { Fault, effect, html, render, signal } from "console/ui";
import { loadHeld, loadMe, loadOffers, loadQueues, me, refreshMe, refreshQueues } from "console/desk";
import { listen } from "console/keys";
import * as lists from "console/lists";
import { title } from "console/ring";
import { route } from "console/route";
import { connect, follow, link, on } from "console/socket";
import * as threads from "console/threads";
import { App } from "console/view/app";
import { viewName } from "console/view/list";

const POLL = 10_000;
const fault = signal(null);
const root = document.getElementById("desk");

async function start() {
  try {
    lists.open();
    await Promise.all([loadMe(), loadQueues()]);
    if (me.value.agent) await Promise.all([loadOffers(), loadHeld()]);
    render(html`<${App} />`, root);
    listen();
    linkUp();
  } catch (problem) {
    fault.value = { text: problem.message, retry: start };
    render(html`<div class="stalled"><${Fault} of=${fault} /></div>`, root);
  }
}

function linkUp() {
  follow("me", () => me.value.agent?.revision ?? null, refreshMe);
  follow("lists", () => null, () => (lists.refresh(), refreshQueues()));
  on("welcome", (wasLost) => wasLost && refetch());
  on("beat", () => (lists.refresh(), refreshQueues()));
  connect();
  // While the socket is away, offers must ring all the same.
  setInterval(() => link.value !== "live" && navigator.onLine && refetch(), POLL);
}

/** Everything that is shown, asked for again. */
function refetch() {
  refreshMe();
  refreshQueues();
  lists.refresh();
  if (threads.open.value) threads.refresh(threads.open.value);
}

effect(() => {
  route.value;
  setTimeout(lists.open);
});

effect(() => {
  if (!me.value) return;
  const subject = threads.open.value?.ticket.value?.customer.name;
  const count = me.value.counts.mine;
  const name = viewName(route.value.view);
  title(`${count ? `(${count}) ` : ""}${name}${subject ? ` · ${subject}` : ""} · ${me.value.site_name}`);
});

start();
