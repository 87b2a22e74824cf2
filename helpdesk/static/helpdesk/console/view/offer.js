// @ts-check
// What rings: docked under the list, so that it never covers what is being written.
import { Fault, Icon, attempt, html, signal, useRef } from "console/ui";
import { second, secondsSince, secondsUntil } from "console/clock";
import { accept, close, decline, fault as deskFault, me, offers } from "console/desk";
import { channelOf, wait } from "console/format";
import { go } from "console/route";
import * as lists from "console/lists";
import { Menu } from "console/view/menu";

const AROUND = 97.39;
export const fault = signal(null);
const busy = signal(0);

export function Offers() {
  if (!offers.value.length && !fault.value) return null;
  return html`<div class="offers"><${Fault} of=${fault} />${offers.value.map((offer) => html`<${Offer} key=${offer.id} offer=${offer} />`)}</div>`;
}

/** Take the first that rings (F2). */
export function acceptFirst() {
  if (offers.value[0] && !busy.value) take(offers.value[0]);
}

export function declineFirst() {
  if (offers.value[0] && !busy.value) refuse(offers.value[0], "");
}

async function take(offer) {
  busy.value = offer.id;
  await attempt(fault, async () => {
    try {
      const ticket = await accept(offer);
      go({ view: "mine", ticket, words: "" });
      lists.reload();
    } catch (problem) {
      if (problem.status === 409) close(offer);
      throw problem;
    }
  });
  if (fault.value?.text && !offers.value.some((one) => one.id === offer.id)) fault.value = { text: fault.value.text };
  busy.value = 0;
}

async function refuse(offer, reason) {
  busy.value = offer.id;
  await attempt(fault, () => decline(offer, reason));
  busy.value = 0;
}

function Offer({ offer }) {
  const { icon, incoming } = channelOf(offer.channel);
  const reasons = [...(me.value?.decline_reasons ?? []), ""];
  const items = reasons.map((reason) => ({ label: reason || "Without a reason", run: () => refuse(offer, reason) }));
  return html`<section class="offer" id="offer-${offer.id}" role="alertdialog" tabindex="-1" aria-labelledby="of-h-${offer.id}" aria-describedby="of-d-${offer.id}">
    <${Ring} offer=${offer} />
    <div>
      <h2 id="of-h-${offer.id}"><${Icon} name=${icon} />${incoming} · ${offer.queue.name}</h2>
      <p id="of-d-${offer.id}"><b>${offer.customer.name}</b>${offer.customer.tier && offer.customer.tier !== "standard" && html` <i class="tag">${offer.customer.tier}</i>`}, waiting <${Waited} since=${offer.waiting_since} />.
        ${offer.ticket.subject && html` <span class="sub">${offer.ticket.subject}.</span>`} “${offer.first_line}”</p>
      ${offer.why_you && html`<p class="why">${offer.why_you}</p>`}
      <div class="act">
        <button type="button" class="btn primary" disabled=${busy.value === offer.id} onClick=${() => take(offer)}>Accept <kbd>F2</kbd></button>
        <${Menu} items=${items} label="Decline with a reason">Decline<//>
      </div>
    </div>
  </section>`;
}

function Waited({ since }) {
  second.value;
  return html`<span class="tab">${wait(secondsSince(since))}</span>`;
}

/** The countdown, by the server's clock; spoken twice only. */
function Ring({ offer }) {
  second.value;
  const asked = useRef(false);
  const left = secondsUntil(offer.expires_at);
  const whole = Math.max(1, (Date.parse(offer.expires_at) - Date.parse(offer.made_at)) / 1000);
  if (left === 0 && !asked.current) {
    asked.current = true;
    setTimeout(() => {
      close(offer);
      deskFault.value = { text: `The offer from ${offer.customer.name} went to the next agent.` };
    }, 1200);
  }
  const spoken = left === 15 || left === 5 ? `${left} seconds left to answer ${offer.customer.name}` : "";
  return html`<div class="ringing"><svg class="ring ${left <= 5 ? "hurry" : ""}" viewBox="0 0 36 36" role="img" aria-label="${left} seconds left">
      <circle cx="18" cy="18" r="15.5" />
      <circle class="left" cx="18" cy="18" r="15.5" stroke-dasharray="${(AROUND * Math.min(1, left / whole)).toFixed(1)} ${AROUND}" />
      <text x="18" y="22">${left}</text></svg><span class="vh" aria-live="assertive">${spoken}</span></div>`;
}
