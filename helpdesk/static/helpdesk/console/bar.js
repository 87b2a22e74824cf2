// @ts-check
/** The top: the contact in hand, my capacity, my presence. */
import { post } from "console/api";
import { since, span } from "console/clock";
import { agent, attempt, me, prefer, refreshHeld, roomFor, setPresence } from "console/desk";
import { dialog } from "console/dialogs";
import { hasLetters } from "console/keys";
import { Avatar, channelLabel, Icon, Menu } from "console/parts";
import { route } from "console/route";
import { isLoud, toggleSound } from "console/ring";
import { session } from "console/session";
import { isSideOpen, toggleDensity } from "console/side";
import { refreshTicket, ticket } from "console/ticket";
import { title } from "console/tickets";
import { html } from "console/ui";

const DOTS = { available: "ok", busy: "busy", break: "warn", away: "warn", offline: "" };

export function Bar() {
  return html`
    <header class="bar">
      ${route.value.view !== "floor" && html`<h1 class="vh">${title.value}</h1>`}
      <button type="button" class="btn icon ghost burger" title="Views and queues" aria-expanded=${isSideOpen.value} aria-controls="side"
        onClick=${() => (isSideOpen.value = !isSideOpen.value)}><${Icon} name="list" /><span class="vh">Views and queues</span></button>
      <${Contact} />
      <div class="me">
        ${agent.value && html`<${Capacity} /><${Presence} />`}
        <${Self} />
      </div>
    </header>`;
}

/** The live contact of the open ticket, when it is mine. */
function Contact() {
  const row = ticket.value?.interactions.find((one) => one.status === "active" && one.agent?.id === session.user.id);
  if (!row) return html`<span></span>`;
  const { customer, subject } = ticket.value;
  const finish = async () => {
    await attempt(() => post(`interactions/${row.id}/end/`));
    refreshHeld();
    refreshTicket();
  };
  return html`
    <section class="call ${row.channel}" aria-label="Contact in hand">
      <${Avatar} id=${customer.id} initials=${customer.initials} size="live" />
      <div class="who"><strong>${customer.name}</strong><span>${channelLabel(row.channel)} · ${row.queue.name}<span class="vh">, ${subject}</span></span></div>
      <time class="timer" title="Since it was accepted">${span(since(row.accepted_at))}</time>
      <button type="button" class="btn ${row.channel === "chat" ? "end" : ""}" onClick=${finish}
        title=${row.channel === "chat" ? "End the chat; wrap-up begins" : "This contact is over; wrap-up begins. The ticket stays open."}>
        <${Icon} name=${row.channel === "chat" ? "x" : "check"} /><span class="lb">${row.channel === "chat" ? "End chat" : "Finish"}</span></button>
    </section>`;
}

function Capacity() {
  const { live, budget, used, parked } = agent.value;
  const channels = ["chat", "email"].filter((channel) => roomFor(channel));
  return html`
    <dl class="cap" aria-label="Your capacity" title="${used - parked} of ${budget} units in use${parked ? `, ${parked} parked` : ""}">
      ${channels.map((channel) => html`<${Meter} key=${channel} channel=${channel} held=${live[channel] || 0} room=${roomFor(channel)} />`)}
    </dl>`;
}

/** @param {any} props */
function Meter({ channel, held, room }) {
  const parts = Math.min(room, 10);
  const filled = Math.min(parts, Math.ceil((held * parts) / room));
  return html`
    <div><dt>${channel === "chat" ? "Chat" : "E-mail"}</dt>
      <dd><span class="vh">${held} of ${room}</span>${Array.from({ length: parts }, (_, at) => html`<i class=${at < filled ? "f" : ""}></i>`)}</dd></div>`;
}

function Presence() {
  const { presence, reason, presence_since: began } = agent.value;
  const label = me.value.presences.find((one) => one.value === presence)?.label || presence;
  const face = html`<i class="dot ${DOTS[presence]}"></i><span class="word">${label}${reason && html`<span class="why">${reasonLabel(reason)}</span>`}</span>
    <time title="In this state">${span(since(began))}</time><${Icon} name="down" small />`;
  return html`<${Menu} id="presence" look="btn state" label="Your presence: ${label}" title="Your presence (Q)" face=${face} items=${presenceItems(presence, reason)} />`;
}

/** @param {string} presence @param {string} reason */
function presenceItems(presence, reason) {
  return me.value.presences.flatMap(({ value, label, reasons }) => [
    { label, hint: value === "offline" ? givenBack() : "", dot: DOTS[value] || "off", current: presence === value && !reasons.includes(reason), pick: () => setPresence(value) },
    ...reasons.map((why) => ({
      label: why, hint: label, current: presence === value && reason === why, pick: () => setPresence(value, why),
    })),
  ]);
}

/** Chats and calls cannot wait for who has gone: say so before. */
function givenBack() {
  const { chat = 0, voice = 0 } = agent.value?.live || {};
  return chat + voice ? `gives ${chat + voice} back to the line` : "";
}

/** @param {string} reason */
const reasonLabel = (reason) => (reason === "missed" ? "Missed an offer" : reason);

function Self() {
  const { user } = session;
  const items = [
    { label: user.name },
    { label: "Keyboard shortcuts", hint: "?", icon: "keys", pick: () => (dialog.value = { kind: "keys" }) },
    { label: "Letters as shortcuts", hint: hasLetters() ? "on" : "off", icon: "keys", pick: () => prefer({ letters: hasLetters() ? "off" : "on" }) },
    { label: "Sound of what rings", hint: isLoud() ? "on" : "off", icon: "bell", pick: toggleSound },
    { label: "Cosy or compact rows", icon: "list", pick: toggleDensity },
    { label: "Password and second factor", icon: "lock", pick: () => location.assign("/account/2fa/") },
    { label: "Sign out", icon: "x", pick: () => location.assign("/account/logout/") },
  ];
  const face = html`<${Avatar} id=${user.id} initials=${user.initials} size="self" />`;
  return html`<${Menu} id="self" look="selfb" label="You: ${user.name}" title=${user.name} face=${face} items=${items} />`;
}

