// @ts-check
/** Who the customer is, and why their ticket came to me. */
import { get, patch } from "console/api";
import { fullTime, shortTime, timeIn } from "console/clock";
import { agent, attempt } from "console/desk";
import { dialog } from "console/dialogs";
import { hasRoomForCustomer, isCustomerDrawn, toggleCustomer } from "console/layout";
import { Avatar, channelIcon, Icon } from "console/parts";
import { follow, linkTo } from "console/route";
import { session } from "console/session";
import { customer, open, setCustomer, ticket, change } from "console/ticket";
import { html, signal, useEffect, useState } from "console/ui";

const KINDS = { email: "E-mail", phone: "Phone", chat: "Web chat", voice: "Phone" };
const languages = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

export function CustomerPanel() {
  if (!ticket.value) return html`<aside class="c360" aria-label="Customer"></aside>`;
  const brief = ticket.value.customer;
  const facts = customer.value;
  return html`
    <aside class="c360 ${isCustomerDrawn.value ? "drawn" : ""}" aria-labelledby="c-h">
      <header>
        <${Avatar} id=${brief.id} initials=${brief.initials} size="lg" />
        <div><h2 id="c-h"><a href="/customers/${brief.id}/">${brief.name}</a></h2><p>${facts && whereabouts(facts)}</p></div>
        <button type="button" class="btn icon ghost" title="Hide the customer ( ] )" onClick=${toggleCustomer}><${Icon} name=${hasRoomForCustomer.value ? "panel" : "x"} /><span class="vh">Hide the customer</span></button>
      </header>
      ${facts && html`
        <${Tiles} facts=${facts} /><${Identity} facts=${facts} />`}
      <${Waits} key=${`l${ticket.value.id}`} />
      <${Reason} key=${`w${ticket.value.id}`} />
      ${facts && html`
        <${Tickets} rows=${facts.tickets.filter((row) => row.id !== ticket.value.id)} />
        <${Notes} key=${`n${facts.id}`} facts=${facts} />`}
      <${Tags} />
    </aside>`;
}

/** @param {any} facts @returns {string} "Kraków · 16:42 local · Polish" */
function whereabouts({ location, time_zone: zone, language }) {
  const local = zone && timeIn(zone);
  return [location, local && `${local} local`, language && languageName(language)].filter(Boolean).join(" · ");
}

/** @param {string} code */
function languageName(code) {
  try {
    return languages.of(code);
  } catch {
    return code;
  }
}

/** @param {any} props */
function Tiles({ facts }) {
  const told = (count) => (count > 1000 ? "1000+" : count);
  return html`
    <dl class="nums">
      <div><dt>Tickets</dt><dd>${told(facts.counts.tickets)}</dd></div>
      <div><dt>Open</dt><dd>${told(facts.counts.open)}</dd></div>
      <div><dt>Since</dt><dd title=${fullTime(facts.created_at)}>${new Date(facts.created_at).getFullYear()}</dd></div>
    </dl>`;
}

/** @param {any} props */
function Identity({ facts }) {
  const chats = facts.addresses.filter((one) => one.kind === "chat").length;
  return html`
    <dl class="kv">
      ${facts.addresses.filter((one) => one.kind !== "chat").map((one) => html`
        <div key=${one.kind + one.value}><dt>${KINDS[one.kind] || one.kind}</dt><dd>${one.value}${one.verified && html` <span class="ver"><${Icon} name="shield" />Verified</span>`}</dd></div>`)}
      ${chats > 0 && html`<div><dt>Web chat</dt><dd>${chats === 1 ? "from one browser" : `from ${chats} browsers`}</dd></div>`}
      ${facts.organisation && html`<div><dt>Firm</dt><dd>${facts.organisation}</dd></div>`}
      ${facts.tier !== "standard" && html`<div><dt>Tier</dt><dd><i class="tag ok">${facts.tier}</i></dd></div>`}
      ${Object.entries(facts.attributes || {}).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${String(value)}</dd></div>`)}
    </dl>`;
}

const ASK_AGAIN = 10_000;

/** Why what waits on this ticket still waits; asked anew as long as it does. */
function Waits() {
  const [told, setTold] = useState(/** @type {string[]} */ ([]));
  const id = ticket.value?.interactions.find((one) => one.status === "waiting")?.id;
  useEffect(() => {
    setTold([]);
    if (!id) return undefined;
    let isOver = false;
    const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "");
    const ask = () => document.hidden || get(`interactions/${id}/waiting/?tz=${zone}`).then((answer) => isOver || setTold(answer.sentences), () => null);
    ask();
    const timer = setInterval(ask, ASK_AGAIN);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [id]);
  if (!told.length) return null;
  return html`
    <details open>
      <summary>Why this still waits</summary>
      <ul class="still">${told.map((sentence) => html`<li key=${sentence}>${sentence}</li>`)}</ul>
    </details>`;
}

/** The explanation of the newest decision on this ticket. */
const decisions = signal(/** @type {Map<number, any>} */ (new Map()));

function Reason() {
  const id = newestDecision();
  useEffect(() => {
    if (!id || decisions.value.has(id)) return;
    get(`decisions/${id}/`).then((answer) => (decisions.value = new Map(decisions.value).set(id, answer)), () => null);
  }, [id]);
  const decision = id && decisions.value.get(id);
  if (!decision?.explanation?.candidates) return null;
  const { candidates, agent: winner, levels, excluded } = decision.explanation;
  const isMe = decision.agent?.id === session.user.id;
  const best = Math.max(...candidates.map((one) => one.score), 0.01);
  const left = Object.values(excluded).reduce((sum, count) => sum + count, 0);
  return html`
    <details open>
      <summary>Why this reached ${isMe ? "you" : decision.agent?.name || "them"}</summary>
      <div class="why">
        <ul>${Object.entries(levels).map(([slug, level]) => html`<li class="y" key=${slug}><${Icon} name="check" />${skillName(slug)}<b>${level}</b></li>`)}</ul>
        <ol class="rank" aria-label="Candidates by score">${candidates.map((one) => html`
          <${Candidate} key=${one.agent} one=${one} best=${best} won=${one.agent === winner} isMe=${isMe && one.agent === winner} />`)}
          ${left > 0 && html`<li class="off"><span></span><span class="r">${left} ${left === 1 ? "other" : "others"} left out</span></li>`}</ol>
        <button type="button" class="lnk" onClick=${() => (dialog.value = { kind: "why", decision: id })}>All of it in words</button>
      </div>
    </details>`;
}

/** @param {any} props */
function Candidate({ one, best, won, isMe }) {
  const words = one.name.split(" ");
  const brief = words.length > 1 ? `${words[0]} ${words[words.length - 1][0]}.` : one.name;
  const initials = words.map((word) => word[0]).filter(Boolean).slice(0, 2).join("").toUpperCase();
  return html`
    <li class=${won ? "win" : ""} title=${one.name}><${Avatar} id=${one.agent} initials=${initials} size="xs" /><span>${isMe ? "You" : brief}</span>
      <svg class="b" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="6" rx="3" /><rect class="v" width=${Math.max(2, (Math.max(0, one.score) / best) * 100)} height="6" rx="3" /></svg>
      <b>${one.score.toFixed(2)}</b></li>`;
}

function newestDecision() {
  const events = (open.value?.entries || []).filter((entry) => entry.decision);
  return events.length ? events[events.length - 1].decision : null;
}

/** @param {string} slug @returns {string} "lang.pl" is Polish, "returns" is Returns */
function skillName(slug) {
  const known = agent.value?.skills.find((skill) => skill.slug === slug);
  if (known) return known.name;
  if (slug.startsWith("lang.")) return languageName(slug.slice(5));
  const words = slug.split(".").pop()?.replace(/[-_]/g, " ") || slug;
  return words[0].toUpperCase() + words.slice(1);
}

/** @param {any} props */
function Tickets({ rows }) {
  return rows.length > 0 && html`
    <details open>
      <summary>Other tickets<span>${rows.length}</span></summary>
      <ul class="convs">${rows.map((row) => html`
        <li key=${row.id}><${Icon} name=${channelIcon(row.channel)} /><a href=${linkTo({ ticket: row.id })} title="#${row.number}, ${row.status_label}" onClick=${(event) => follow(event, { ticket: row.id })}>${row.subject || `#${row.number}`}</a>
          <time datetime=${row.last_message_at}>${shortTime(row.last_message_at)}</time></li>`)}</ul>
    </details>`;
}

/** @param {any} props */
function Notes({ facts }) {
  const [text, setText] = useState(/** @type {string|null} */ (null));
  const save = async () => {
    const kept = await attempt(() => patch(`customers/${facts.id}/`, { notes: text ?? "" }));
    if (kept) {
      setCustomer(kept);
      setText(null);
    }
  };
  return html`
    <details open>
      <summary>Notes</summary>
      ${text === null
        ? html`<p class="cnote">${facts.notes || "Nothing noted."} <button type="button" class="lnk" onClick=${() => setText(facts.notes || "")}>${facts.notes ? "Edit" : "Add"}</button></p>`
        : html`<textarea class="field" rows="4" aria-label="Notes about the customer" value=${text} onInput=${(event) => setText(event.target.value)}></textarea>
          <p class="row-acts"><button type="button" class="btn primary" onClick=${save}>Save</button><button type="button" class="btn ghost" onClick=${() => setText(null)}>Cancel</button></p>`}
    </details>`;
}

function Tags() {
  const { tags } = ticket.value;
  const [text, setText] = useState(/** @type {string|null} */ (null));
  const add = (event) => {
    event.preventDefault();
    const tag = (text || "").trim().toLowerCase().replace(/\s+/g, "-").slice(0, 50);
    if (tag && !tags.includes(tag)) change({ tags: [...tags, tag] });
    setText(null);
  };
  return html`
    <div class="tags">
      ${tags.map((tag) => html`<span class="tag" key=${tag}>${tag}<button type="button" title="Remove" onClick=${() => change({ tags: tags.filter((other) => other !== tag) })}><${Icon} name="x" small /><span class="vh">Remove ${tag}</span></button></span>`)}
      ${text === null
        ? html`<button type="button" class="lnk" onClick=${() => setText("")}><${Icon} name="add" small />Tag</button>`
        : html`<form onSubmit=${add}><input class="field" aria-label="New tag" autofocus value=${text} ref=${(field) => field?.focus()} onInput=${(event) => setText(event.target.value)} onBlur=${add} /></form>`}
    </div>`;
}
