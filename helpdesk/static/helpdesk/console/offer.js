// @ts-check
/** What rings: docked, with its countdown on the server's clock; it takes neither the focus nor the composer's place. */
import { post } from "console/api";
import { now, second, since, span } from "console/clock";
import { agent, attempt, me, notice, offers, refreshHeld, refreshMe, refreshOffers, setPresence } from "console/desk";
import { channelIcon, Icon, Menu, openMenu } from "console/parts";
import { go } from "console/route";
import { refreshList } from "console/tickets";
import { html, signal, useEffect } from "console/ui";

const SPOKEN = [15, 5];
const NAMES = { email: "email", chat: "chat", voice: "call" };

/** What a screen reader says about the time that is left. */
const spoken = signal("");
/** The offer that is being answered. */
const answering = signal(0);

export function Offers() {
  return html`
    <div class="dock">
      <p class="vh" role="status" aria-live="polite">${spoken.value}</p>
      ${offers.value.map((offer, at) => html`<${Offer} key=${offer.id} offer=${offer} isFirst=${at === 0} />`)}
      ${!offers.value.length && html`<${Missed} />`}
    </div>`;
}

/** @param {any} props */
function Offer({ offer, isFirst }) {
  const [made, expires] = [Date.parse(offer.made_at), Date.parse(offer.expires_at)];
  const left = Math.max(0, expires - second.value);
  const seconds = Math.ceil(left / 1000);
  useEffect(() => {
    spoken.value = `Incoming ${NAMES[offer.channel]} from ${offer.customer.name} in ${offer.queue.name}. Accept with F2.`;
    const timers = SPOKEN.map((at) => setTimeout(() => (spoken.value = `${at} seconds left to accept`), expires - now() - at * 1000));
    const gone = setTimeout(afterwards, expires - now() + 400);
    return () => [...timers, gone].forEach(clearTimeout);
  }, [offer.id]);
  const isBusy = answering.value === offer.id || left === 0;
  return html`
    <section class="offer" role="alertdialog" aria-labelledby="of-h${offer.id}" aria-describedby="of-d${offer.id}" tabindex="-1">
      <svg class="ring ${seconds <= 5 ? "late" : ""}" viewBox="0 0 36 36" role="timer" aria-label="${seconds} seconds left">
        <circle cx="18" cy="18" r="15.5" pathLength="100" />
        <circle class="left" cx="18" cy="18" r="15.5" pathLength="100" stroke-dasharray="${(left / Math.max(1, expires - made)) * 100} 100" />
        <text x="18" y="22">${seconds}</text>
      </svg>
      <div>
        <h2 id="of-h${offer.id}"><${Icon} name=${channelIcon(offer.channel)} />Incoming ${NAMES[offer.channel]} · ${offer.queue.name}</h2>
        <p id="of-d${offer.id}" class="what"><b>${offer.customer.name}</b>${offer.customer.tier !== "standard" && html` <i class="tag">${offer.customer.tier}</i>`}, waiting ${span(since(offer.waiting_since))}.
          ${offer.first_line && ` “${offer.first_line}”`}</p>
        ${offer.why_you && html`<p class="why">${offer.why_you}</p>`}
        <div class="act">
          <button type="button" class="btn primary" disabled=${isBusy} onClick=${() => accept(offer)}>Accept${isFirst && html` <kbd>F2</kbd>`}</button>
          <${Menu} id="decline-${offer.id}" title=${isFirst ? "Decline (Shift F2)" : "Decline"} face="Decline" disabled=${isBusy} items=${reasons(offer)} />
        </div>
      </div>
    </section>`;
}

/** What happened when nobody answered: the router sent us away. */
function Missed() {
  if (agent.value?.presence !== "away" || agent.value.reason !== "missed") return null;
  return html`
    <section class="offer missed" role="status">
      <${Icon} name="alert" />
      <div><h2>You missed an offer</h2>
        <p>It went to the next agent, and you were set to Away so that nobody waits for you.</p>
        <div class="act"><button type="button" class="btn primary" onClick=${() => setPresence("available")}>Back to Available</button></div></div>
    </section>`;
}

/** Accept the offer that rings first. */
export const acceptFirst = () => offers.value[0] && accept(offers.value[0]);
/** Ask for a reason to decline the offer that rings first. */
export const declineFirst = () => offers.value[0] && openMenu(`decline-${offers.value[0].id}`);

/** @param {any} offer */
async function accept(offer) {
  answering.value = offer.id;
  const taken = await answer(offer, () => post(`offers/${offer.id}/accept/`));
  if (taken) go({ view: "mine", search: "", ticket: taken.ticket });
}

/** @param {any} offer */
function reasons(offer) {
  const decline = (reason) => () => answer(offer, () => post(`offers/${offer.id}/decline/`, { reason }));
  return [{ label: "Why not?" }, ...(me.value?.decline_reasons || []).map((reason) => ({ label: reason, pick: decline(reason) }))];
}

/** @param {any} offer @param {() => Promise<any>} command */
async function answer(offer, command) {
  const done = await attempt(command);
  answering.value = 0;
  spoken.value = "";
  if (done !== undefined || notice.value) offers.value = offers.value.filter((one) => one.id !== offer.id);
  afterwards();
  refreshHeld();
  refreshList();
  return done;
}

function afterwards() {
  refreshOffers();
  refreshMe();
}
