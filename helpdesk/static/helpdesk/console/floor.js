// @ts-check
/** The floor: every line and every agent at a glance. */
import { second, since, span } from "console/clock";
import { floor, floorFailure, refreshFloor } from "console/floor-state";
import { Avatar, channelIcon, Icon } from "console/parts";
import { follow, linkTo } from "console/route";
import { html } from "console/ui";

const RANK = { bad: 0, warn: 1, ok: 2 };
const SHAPES = { bad: ["alert", "Past its target"], warn: ["clock", "Close to its target"], ok: ["check", "Fine"] };
const GROUPS = [["available", "Available", "check"], ["busy", "Busy", "pen"], ["break", "On a break", "pause"], ["away", "Away", "clock"], ["offline", "Offline", "x"]];
/** The share of interactions answered in time below which a queue is in trouble, and close to it. */
const GOAL = 0.8;
const NEAR = 0.7;

export function Floor() {
  const state = floor.value;
  if (!state) {
    return html`<main class="page" id="floor" tabindex="-1"><p class="say ${floorFailure.value ? "bad" : "quiet"}">${floorFailure.value || "Loading…"}
      ${floorFailure.value && html` <button type="button" class="lnk" onClick=${refreshFloor}>Try again</button>`}</p></main>`;
  }
  const waited = Math.max(0, second.value - Date.parse(state.now));
  return html`
    <main class="page" id="floor" tabindex="-1" aria-labelledby="floor-h">
      <h1 class="vh" id="floor-h">Floor</h1>
      <${Tiles} state=${state} waited=${waited} />
      <${Queues} queues=${state.queues} waited=${waited} />
      <${Agents} agents=${state.agents} />
    </main>`;
}

/** @param {any} props */
function Tiles({ state: { queues, agents }, waited }) {
  const sum = (field) => queues.reduce((total, queue) => total + queue[field], 0);
  const waiting = sum("waiting");
  const worst = queues.reduce((one, other) => (waitOf(other) > waitOf(one) ? other : one), queues[0] || {});
  const signedIn = agents.filter((agent) => agent.presence !== "offline");
  const available = signedIn.filter((agent) => agent.presence === "available").length;
  const level = shareOf(queues);
  const trouble = queues.reduce((one, queue) => (RANK[queue.state] < RANK[one] ? queue.state : one), "ok");
  return html`
    <section class="tiles" aria-label="Now">
      <${Tile} name="Service level today" state=${levelState(level)} value=${level === null ? "–" : Math.round(level * 100)} unit=${level === null ? "" : "%"} under="Answered in time, of those answered or given up; goal ${GOAL * 100} %" />
      <${Tile} name="Waiting" state=${trouble} value=${waiting} under=${waiting ? `In ${queues.filter((queue) => queue.waiting).length} of ${queues.length} queues` : "Nobody waits"} />
      <${Tile} name="Longest wait" state=${worst.state || "ok"} value=${waitOf(worst) < 0 ? "–" : span(waitOf(worst) * 1000 + waited)} under=${waitOf(worst) < 0 ? "Nobody waits" : worst.name} />
      <${Tile} name="Available" state=${available ? "ok" : waiting ? "bad" : "warn"} value=${available} unit=" of ${signedIn.length}" under="Signed in; ${agents.length} agents in all" />
      <${Tile} name="In hand" state="ok" value=${agents.reduce((total, agent) => total + agent.interactions.length, 0)} under="${sum("answered")} of ${sum("offered")} answered today" />
    </section>`;
}

/** @param {any} props */
function Tile({ name, state, value, unit = "", under }) {
  const [icon, word] = SHAPES[state];
  return html`<article class="tile ${state}"><h2>${name}</h2><p class="st"><${Icon} name=${icon} />${word}</p><p class="val">${value}<small>${unit}</small></p><p class="tgt">${under}</p></article>`;
}

/** @param {any} props */
function Queues({ queues, waited }) {
  const byTrouble = [...queues].sort((one, other) => RANK[one.state] - RANK[other.state] || waitOf(other) - waitOf(one));
  return html`
    <section class="queues" aria-labelledby="q-h">
      <header class="ph2"><h2 id="q-h">Queues</h2><span>worst first · today</span></header>
      <div class="tw" tabindex="0" role="region" aria-label="Table of queues">
        <table>
          <thead><tr><th scope="col">Queue</th><th scope="col" class="r">Waiting</th><th scope="col" class="r">Longest</th><th scope="col">Service level</th><th scope="col" class="r opt">Offered</th><th scope="col" class="r opt">Answered</th><th scope="col" class="r">Free agents</th></tr></thead>
          <tbody>${byTrouble.map((queue) => html`<${Queue} key=${queue.id} queue=${queue} waited=${waited} />`)}</tbody>
        </table>
      </div>
    </section>`;
}

/** @param {any} props */
function Queue({ queue, waited }) {
  const [icon, word] = SHAPES[queue.state];
  const level = queue.service_level;
  const state = levelState(level);
  const to = { view: `queue-${queue.id}`, ticket: null, search: "" };
  return html`
    <tr>
      <th scope="row"><a href=${linkTo(to)} onClick=${(event) => follow(event, to)}><span class="shape ${queue.state}"><${Icon} name=${icon} /></span><b>${queue.name}</b><span class="cause">${causeOf(queue, word)}</span></a></th>
      <td class="r big">${queue.waiting}</td>
      <td class="r ${queue.state === "ok" ? "" : queue.state}">${queue.longest_wait === null ? "–" : span(queue.longest_wait * 1000 + waited)}</td>
      <td><span class="sl"><b class=${state === "ok" ? "" : state}>${level === null ? "–" : `${Math.round(level * 100)} %`}</b><${Level} level=${level} state=${state} /></span></td>
      <td class="r opt">${queue.offered}</td><td class="r opt">${queue.answered}</td>
      <td class="r"><b>${queue.available_agents}</b></td>
    </tr>`;
}

/** @param {any} props */
function Level({ level, state }) {
  return html`<svg class="lvl ${state}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="bg" width="100" height="6" />${level !== null && html`<rect class="v" width=${level * 100} height="6" />`}<rect class="t" x=${GOAL * 100 - 0.8} width="1.6" height="6" /></svg>`;
}

/** @param {any} props */
function Agents({ agents }) {
  const signedIn = agents.filter((agent) => agent.presence !== "offline").length;
  return html`
    <aside class="agents" aria-labelledby="a-h">
      <header class="ph2"><h2 id="a-h">Agents</h2><span>${signedIn} signed in</span></header>
      <div class="tw" tabindex="0" role="region" aria-label="Agents by presence">${GROUPS.map(([presence, label, icon]) => {
        const here = agents.filter((agent) => agent.presence === presence);
        return here.length > 0 && html`
          <h3 key=${presence}><${Icon} name=${icon} />${label} <b>${here.length}</b></h3>
          <ul>${here.map((agent) => html`<${Agent} key=${agent.id} agent=${agent} />`)}</ul>`;
      })}</div>
    </aside>`;
}

/** @param {any} props */
function Agent({ agent }) {
  const held = agent.interactions;
  const load = `${agent.used - agent.parked} of ${agent.budget} units${agent.parked ? `, ${agent.parked} parked` : ""}`;
  return html`
    <li><${Avatar} id=${agent.user} initials=${agent.initials} size="xs" /><span class="name">${agent.name}${agent.reason && html` <small>${agent.reason === "missed" ? "missed an offer" : agent.reason}</small>`}</span>
      <span class="held" title=${load}>${held.slice(0, 4).map((one) => html`<a key=${one.id} href=${linkTo({ view: "all", ticket: one.ticket.id })} class=${one.status} title="#${one.ticket.number}, ${one.status.replace("_", "-")}" onClick=${(event) => follow(event, { view: "all", ticket: one.ticket.id })}><${Icon} name=${channelIcon(one.channel)} small /><span class="vh">#${one.ticket.number}</span></a>`)}${held.length > 4 && html`<small>+${held.length - 4}</small>`}</span>
      <${Load} agent=${agent} /><time title="In this state">${second.value && span(since(agent.presence_since))}</time></li>`;
}

/** @param {any} props */
function Load({ agent }) {
  const share = agent.budget ? Math.min(100, ((agent.used - agent.parked) / agent.budget) * 100) : 0;
  return html`<svg class="load" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="Load ${Math.round(share)} percent"><rect class="bg" width="100" height="6" rx="3" /><rect class="v" width=${share} height="6" rx="3" /></svg>`;
}

/** @param {any} queue */
const waitOf = (queue) => queue.longest_wait ?? -1;

/** @param {any} queue @param {string} word */
function causeOf(queue, word) {
  if (queue.waiting && !queue.available_agents) return "Nobody who is available can take it";
  if (queue.waiting) return `${word}; ${queue.available_agents} free who can take it`;
  return queue.available_agents ? "Nobody waits" : "Nobody waits, and nobody who could take it is available";
}

/** All queues' service level, weighed by how many were answered. @param {any[]} queues @returns {number|null} */
function shareOf(queues) {
  const measured = queues.filter((queue) => queue.service_level !== null && queue.offered);
  const all = measured.reduce((total, queue) => total + queue.offered, 0);
  return all ? measured.reduce((total, queue) => total + queue.service_level * queue.offered, 0) / all : null;
}

/** @param {number|null} level */
const levelState = (level) => (level === null || level >= GOAL ? "ok" : level >= NEAR ? "warn" : "bad");
