// @ts-check
// Views and queues, and what lies below them.
import { Icon, html } from "console/ui";
import { second } from "console/clock";
import { isSupervisor, me, prefer, queues } from "console/desk";
import { wait } from "console/format";
import { route, to } from "console/route";
import { link } from "console/socket";
import { isSearching } from "console/view/search";

const VIEWS = [
  ["mine", "inbox", "My open"],
  ["unassigned", "tray", "Unassigned"],
  ["all", "stack", "All"],
];

export function Side({ close }) {
  const { counts = {} } = me.value ?? {};
  return html`<nav class="side" id="side" aria-label="Views" onClick=${close}>
    <a class="org" href="/"><svg class="mark" viewBox="0 0 20 20" aria-hidden="true"><rect width="20" height="20" rx="5.5" /><path d="M3.8 14.5 8.3 6l2.5 4.3L12.3 8l3.9 6.5z" /></svg><span>${me.value?.site_name}</span></a>
    <button class="jump" type="button" onClick=${() => (isSearching.value = true)} aria-keyshortcuts="/ Control+K">
      <${Icon} name="search" /><span>Search or jump to</span><kbd>/</kbd></button>
    <ul class="views">
      ${VIEWS.map(([view, icon, name]) => html`<li key=${view}><${View} ...${{ view, icon, name }} count=${counts[view]} /></li>`)}
    </ul>
    ${queues.value.length > 0 && html`<h2>Queues <span class="th">waiting · longest</span></h2>
      <ul class="views q">${queues.value.map((queue) => html`<li key=${queue.id}><${Queue} queue=${queue} /></li>`)}</ul>`}
    <ul class="views foot">
      ${isSupervisor.value && html`<li><${Page} href="/floor/" icon="wall" name="Floor" /></li>`}
      <li><${Page} href="/customers/" icon="people" name="Customers" /></li>
      ${isSupervisor.value && html`<li><${Page} href="/settings/" icon="gear" name="Settings" /></li>`}
    </ul>
    <div class="sys"><${Live} /><${Theme} /></div>
  </nav>`;
}

function View({ view, icon, name, count }) {
  const isHere = route.value.view === view;
  return html`<a ...${to({ view, ticket: null, words: "" })} aria-current=${isHere ? "page" : undefined} title=${name}>
    <${Icon} name=${icon} /><span class="lb">${name}</span>
    ${count > 0 && html`<b class="n ${view === "mine" ? "hot" : ""}">${count > 1000 ? "1000+" : count}</b>`}</a>`;
}

function Queue({ queue }) {
  const { id, name, waiting, state } = queue;
  const view = `queue-${id}`;
  const spoken = { ok: "", warn: "close to its target", bad: "past its target" }[state];
  return html`<a ...${to({ view, ticket: null, words: "" })} aria-current=${route.value.view === view ? "page" : undefined} title=${name}>
    <i class="dot ${state}"></i><span class="lb">${name}</span><b class="n">${waiting}</b>
    <span class="w ${state}"><${Longest} queue=${queue} />${spoken && html`<span class="vh">, ${spoken}</span>`}</span></a>`;
}

/** Runs on between two answers, so that it never stands still while somebody waits. */
function Longest({ queue }) {
  second.value;
  if (queue.longest_wait === null) return "–";
  queue.asked ??= Date.now();
  return wait(queue.longest_wait + (Date.now() - queue.asked) / 1000);
}

function Page({ href, icon, name }) {
  return html`<a href=${href} title=${name}><${Icon} name=${icon} /><span class="lb">${name}</span></a>`;
}

const STATES = { live: ["ok", "Live"], connecting: ["", "Connecting"], lost: ["bad", "Reconnecting"] };

function Live() {
  const [dot, words] = STATES[link.value];
  return html`<span class="link" role="status"><i class="dot ${dot}"></i><span>${words}</span></span>`;
}

export function Theme() {
  const chosen = me.value?.user.preferences.theme ?? "";
  const choose = (theme) => {
    document.documentElement.dataset.theme = theme;
    prefer({ theme }).catch(() => {});
  };
  const choices = [["", "Auto"], ["light", "Light"], ["dark", "Dark"]];
  return html`<fieldset class="theme"><legend class="vh">Theme</legend>
    ${choices.map(([theme, name]) => html`<label key=${theme}><input type="radio" name="theme" checked=${chosen === theme} onChange=${() => choose(theme)} /><span>${name}</span></label>`)}
  </fieldset>`;
}
