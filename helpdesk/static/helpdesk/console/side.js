// @ts-check
/** The left edge: views, queues, the way to everything else, theme, and whether we are live. */
import { latency } from "console/api";
import { second, span } from "console/clock";
import { me, prefer, queues, queuesAt } from "console/desk";
import { Icon } from "console/parts";
import { follow, linkTo, route } from "console/route";
import { session } from "console/session";
import { connection } from "console/socket";
import { html, signal } from "console/ui";

/** On a narrow screen the side is a drawer. */
export const isSideOpen = signal(false);
const theme = signal(session.user?.preferences?.theme || "");
const density = signal(session.user?.preferences?.density || "");

export function Side() {
  const counts = me.value?.counts || {};
  return html`
    <nav class="side ${isSideOpen.value ? "drawn" : ""}" aria-label="Views" id="side" onClick=${onLink}>
      <a class="org" href="/">
        <svg class="mark" viewBox="0 0 20 20" aria-hidden="true"><rect width="20" height="20" rx="5.5" /><path d="M3.8 14.5 8.3 6l2.5 4.3L12.3 8l3.9 6.5z" /></svg>
        <span>${session.site_name}</span>
      </a>
      <${Search} />
      <ul class="views">
        <${View} view="mine" icon="inbox" label="My open" count=${counts.mine} hot />
        <${View} view="unassigned" icon="tray" label="Unassigned" count=${counts.unassigned} />
        <${View} view="all" icon="stack" label="All" />
      </ul>
      ${queues.value.length > 0 && html`
        <h2>Queues <span class="th">waiting · longest</span></h2>
        <ul class="views q">${queues.value.map((queue) => html`<${Queue} key=${queue.id} queue=${queue} />`)}</ul>`}
      <ul class="views foot">
        ${session.user.supervises && html`<${View} view="floor" icon="wall" label="Floor" />`}
        <${Page} href="/customers/" icon="people" label="Customers" />
        ${session.user.supervises && html`<${Page} href="/settings/" icon="gear" label="Settings" />`}
      </ul>
      <div class="sys"><${Live} /><${Theme} /></div>
    </nav>`;
}

/** Words, numbers, names and addresses: the list shows what is found. */
function Search() {
  /** @param {any} event */
  function onSubmit(event) {
    event.preventDefault();
    const search = event.target.elements.search.value.trim();
    follow(event, search ? { view: "all", ticket: null, search } : { search: "" });
    event.target.elements.search.blur();
  }
  return html`
    <form class="jump" role="search" onSubmit=${onSubmit} title="Search (/)">
      <button type="submit" class="go"><${Icon} name="search" /><span class="vh">Search</span></button>
      <input id="search" name="search" type="search" placeholder="Search" aria-label="Search by number, name, address or words"
        autocomplete="off" value=${route.value.search} />
      <kbd aria-hidden="true">/</kbd>
    </form>`;
}

/** @param {any} props */
function View({ view, icon, label, count = null, hot = false }) {
  const to = { view, ticket: null, search: "" };
  const isHere = route.value.view === view && !route.value.search;
  const told = count > 1000 ? "1000+" : count;
  return html`
    <li><a href=${linkTo(to)} title=${label} aria-current=${isHere ? "page" : undefined} onClick=${(event) => follow(event, to)}>
      <${Icon} name=${icon} /><span class="lb">${label}</span>${told > 0 || count > 1000 ? html`<b class="n ${hot ? "hot" : ""}">${told}</b>` : ""}
    </a></li>`;
}

const STATES = { ok: "fine", warn: "close to its target", bad: "past its target" };

/** @param {any} props */
function Queue({ queue }) {
  const to = { view: `queue-${queue.id}`, ticket: null, search: "" };
  const wait = queue.longest_wait;
  const level = queue.state === "ok" ? "" : queue.state;
  return html`
    <li><a href=${linkTo(to)} title="${queue.name}: ${STATES[queue.state]}, ${queue.waiting} waiting"
      aria-current=${route.value.view === to.view ? "page" : undefined} onClick=${(event) => follow(event, to)}>
      <i class="dot ${queue.state}"></i><span class="lb">${queue.name}</span><span class="vh">${STATES[queue.state]}</span>
      ${queue.waiting > 0 && html`<b class="n">${queue.waiting}</b><span class="w ${level}">${wait === null ? "" : span(wait * 1000 + Math.max(0, second.value - queuesAt.value))}</span>`}
    </a></li>`;
}

/** @param {any} props */
const Page = ({ href, icon, label }) => html`<li><a href=${href} title=${label}><${Icon} name=${icon} /><span class="lb">${label}</span></a></li>`;

const SAID = { connecting: "Connecting", gone: "No access" };

function Live() {
  const isLive = connection.value === "live";
  const told = isLive ? `Live${latency.value === null ? "" : ` · ${latency.value} ms`}` : SAID[connection.value];
  return html`<span class="link" title=${told} data-live=${isLive ? "yes" : "no"}><i class="dot ${isLive ? "ok" : "warn"}"></i><span>${told}</span></span>`;
}

function Theme() {
  /** @param {string} name */
  const choose = (name) => () => {
    theme.value = name;
    name ? (document.documentElement.dataset.theme = name) : delete document.documentElement.dataset.theme;
    prefer({ theme: name });
  };
  const option = ([name, label]) => html`
    <label><input type="radio" name="theme" value=${name} checked=${theme.value === name} onChange=${choose(name)} /><span>${label}</span></label>`;
  return html`<fieldset class="theme"><legend class="vh">Theme</legend>${[["", "Auto"], ["light", "Light"], ["dark", "Dark"]].map(option)}</fieldset>`;
}

export function toggleDensity() {
  density.value = density.value === "compact" ? "" : "compact";
  density.value ? (document.documentElement.dataset.density = density.value) : delete document.documentElement.dataset.density;
  prefer({ density: density.value });
}

/** @param {any} event */
function onLink(event) {
  if (event.target.closest("a")) isSideOpen.value = false;
}
