// @ts-check
// The customer beside the conversation: who they are, where they reach us, what else is open, and why it reached me.
import { Avatar, Icon, IconButton, attempt, html, useState } from "console/ui";
import { second } from "console/clock";
import { channelOf, language, shortDate, timeIn } from "console/format";
import { to } from "console/route";
import * as threads from "console/threads";
import { showsCustomer } from "console/view/conversation";
import { WhyHere } from "console/view/decision";

const KINDS = { email: "Email", phone: "Phone", chat: "Web chat", voice: "Phone" };

export function Customer() {
  const one = threads.open.value;
  const customer = one?.customer.value;
  if (!customer) return html`<aside class="c360" aria-label="Customer"></aside>`;
  return html`<aside class="c360 ${showsCustomer.value ? "open" : ""}" aria-labelledby="c-h">
    <header><${Avatar} person=${customer} size="lg" />
      <div><h2 id="c-h"><a href="/customers/${customer.id}/">${customer.name}</a></h2><p><${Where} customer=${customer} /></p></div>
      <span class="shut"><${IconButton} icon="x" label="Hide customer" hint="]" onClick=${() => (showsCustomer.value = false)} /></span></header>
    <dl class="nums">
      <div><dt>Tickets</dt><dd>${customer.counts.tickets}</dd></div>
      <div><dt>Open</dt><dd>${customer.counts.open}</dd></div>
      <div><dt>Since</dt><dd><small>${shortDate(customer.created_at)}</small></dd></div>
    </dl>
    <${Facts} customer=${customer} />
    <${WhyHere} one=${one} />
    <${Others} customer=${customer} ticket=${one.id} />
    <${Notes} key=${customer.id} one=${one} customer=${customer} />
  </aside>`;
}

function Where({ customer }) {
  second.value;
  const time = timeIn(customer.time_zone);
  return [customer.location, time && `${time} local`, language(customer.language)].filter(Boolean).join(" · ");
}

function Facts({ customer }) {
  const extra = Object.entries(customer.attributes ?? {}).filter(([, value]) => ["string", "number"].includes(typeof value)).slice(0, 6);
  return html`<dl class="kv">
    ${customer.addresses.map((address) => html`<div key=${address.kind + address.value}><dt>${KINDS[address.kind] ?? address.kind}</dt>
      <dd>${address.kind === "chat" ? "In a browser" : address.value}${address.verified && html` <span class="ver"><${Icon} name="shield" />Verified</span>`}</dd></div>`)}
    ${customer.tier && customer.tier !== "standard" && html`<div><dt>Tier</dt><dd>${customer.tier}</dd></div>`}
    ${customer.organisation && html`<div><dt>Company</dt><dd>${customer.organisation}</dd></div>`}
    ${extra.map(([name, value]) => html`<div key=${name}><dt>${name[0].toUpperCase() + name.slice(1).replaceAll("_", " ")}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

function Others({ customer, ticket }) {
  const others = customer.tickets.filter((one) => one.id !== ticket);
  return html`<details open><summary>Other tickets<span>${Math.max(0, customer.counts.tickets - 1)}</span></summary>
    ${others.length > 0
      ? html`<ul class="convs">${others.map((one) => html`<li key=${one.id}><${Icon} name=${channelOf(one.channel).icon} />
          <a ...${to({ ticket: one.id })} title="${one.status_label}: ${one.subject}">${one.subject || `#${one.number}`}</a><time datetime=${one.last_message_at}>${shortDate(one.last_message_at)}</time></li>`)}</ul>`
      : html`<p class="cnote">None that you may see.</p>`}</details>`;
}

function Notes({ one, customer }) {
  const [draft, setDraft] = useState(/** @type {string|null} */ (null));
  const save = () => attempt(one.fault, async () => {
    await threads.changeCustomer(one, { notes: draft });
    setDraft(null);
  });
  return html`<details open><summary>Notes</summary>
    ${draft === null
      ? html`<p class="cnote words">${customer.notes}</p><button type="button" class="lnk" onClick=${() => setDraft(customer.notes)}>${customer.notes ? "Edit" : "Add a note about this customer"}</button>`
      : html`<textarea class="cedit" rows="4" aria-label="Notes about ${customer.name}" value=${draft} onInput=${(event) => setDraft(event.target.value)}></textarea>
        <div class="do"><button type="button" class="btn primary" onClick=${save}>Save</button><button type="button" class="btn" onClick=${() => setDraft(null)}>Cancel</button></div>`}
  </details>`;
}
