// @ts-check
// The top bar: my own state, what I can hold, and wrap-up with its countdown.
import { Avatar, Fault, Icon, IconButton, attempt, html } from "console/ui";
import { second, secondsUntil } from "console/clock";
import { act, agent, fault, me, prefer, setPresence, wrapUps } from "console/desk";
import { channelOf, wait } from "console/format";
import { go } from "console/route";
import { Menu } from "console/view/menu";
import { isSearching } from "console/view/search";
import { showsKeys } from "console/view/shortcuts";

const DOTS = { available: "ok", busy: "busy", break: "warn", away: "warn", offline: "" };

export function Bar() {
  const [wrapUp] = wrapUps.value;
  return html`<header class="bar">
    <div class="now">${wrapUp && html`<${WrapUp} key=${wrapUp.id} interaction=${wrapUp} more=${wrapUps.value.length - 1} />`}<${Fault} of=${fault} /></div>
    <div class="me">
      ${agent.value && html`<${Capacity} agent=${agent.value} /><${Presence} />`}
      <span class="find"><${IconButton} icon="search" label="Search" onClick=${() => (isSearching.value = true)} /></span>
      <${Self} />
    </div>
  </header>`;
}

/** Boxes by channel: held, still free, and kept from being used by what is held on other channels. */
function Capacity({ agent: { budget, used, costs, live } }) {
  const channels = ["chat", "email", "voice"].filter((channel) => costs[channel] && (channel !== "voice" || live.voice));
  return html`<dl class="cap" aria-label="Your capacity">${channels.map((channel) => {
    const cost = costs[channel];
    const holds = live[channel] ?? 0;
    const whole = Math.max(holds, Math.floor(budget / cost));
    const free = Math.max(0, Math.floor((budget - used) / cost));
    const boxes = Array.from({ length: Math.min(12, whole) }, (_, at) => (at < holds ? "f" : at < holds + free ? "" : "x"));
    return html`<div key=${channel}><dt>${channelOf(channel).name.replace("Web chat", "Chat")}</dt>
      <dd><span class="vh">${holds} held, room for ${free} more</span>${boxes.map((box, at) => html`<i key=${at} class=${box}></i>`)}</dd></div>`;
  })}</dl>`;
}

function Presence() {
  const { presence, reason } = agent.value;
  const { presences } = me.value;
  const items = presences.flatMap(({ value, label, reasons }) => [
    choice(value, "", label),
    ...reasons.map((one) => ({ ...choice(value, one, one), isInner: true })),
  ]);
  const label = reason || presences.find(({ value }) => value === presence)?.label || presence;
  return html`${presence === "offline" && html`<button type="button" class="btn primary" onClick=${() => become("available")}>Go available</button>`}
    <${Menu} items=${items} kind="btn state" title="Your state  (S)" shortcut="s"><i class="dot ${DOTS[presence] ?? ""}"></i><span class="lb">${label}</span><${Icon} name="down" small /><//>`;
}

function choice(value, reason, label) {
  const isChecked = agent.value.presence === value && agent.value.reason === reason;
  return { label, isChecked, icon: reason ? null : html`<i class="dot ${DOTS[value] ?? ""}"></i>`, run: () => become(value, reason) };
}

const become = (presence, reason = "") => attempt(fault, () => setPresence(presence, reason));

function Self() {
  const { user } = me.value;
  const isQuiet = user.preferences.sound === "off";
  const items = [
    { heading: `${user.name}, ${user.role}` },
    { label: isQuiet ? "Turn sound on" : "Turn sound off", run: () => prefer({ sound: isQuiet ? "on" : "off" }) },
    { label: "Keyboard shortcuts", note: "?", run: () => (showsKeys.value = true) },
    { label: "Second factor and password", run: () => location.assign("/account/2fa/") },
    { label: "Sign out", run: () => location.assign("/account/logout/") },
  ];
  return html`<${Menu} items=${items} kind="plain" label="You: ${user.name}" title=${user.name}><${Avatar} person=${user} size="self" /><//>`;
}

/** After-contact work: time left, how it ended (number keys), more time, done. */
function WrapUp({ interaction, more }) {
  const codes = me.value.dispositions.filter((one) => !one.queue || one.queue === interaction.queue.id).slice(0, 9);
  return html`<section class="call wrap" aria-label="Wrap-up">
    <${Avatar} person=${interaction.customer} />
    <div class="who"><strong>Wrap-up</strong><button type="button" class="lnk" onClick=${() => go({ ticket: interaction.ticket.id })}>${interaction.customer.name}</button></div>
    ${interaction.wrap_up_until && html`<${Left} until=${interaction.wrap_up_until} />`}
    <div class="chips" role="group" aria-label="How it ended">
      ${codes.map((code, at) => html`<button key=${code.id} type="button" class="chip" data-digit=${at + 1} onClick=${() => finish(interaction, code.id)}>${code.name}<kbd>${at + 1}</kbd></button>`)}
    </div>
    ${interaction.wrap_up_until && html`<button type="button" class="btn ghost" onClick=${() => attempt(fault, () => act(interaction, "extend", { seconds: 60 }))}>Extend</button>`}
    <button type="button" class="btn" onClick=${() => finish(interaction, null)}>Done</button>
    ${more > 0 && html`<span class="sub">+${more}</span>`}
  </section>`;
}

const finish = (interaction, disposition) => attempt(fault, () => act(interaction, "wrap_up", { disposition }));

/** The disposition that a number key stands for, while wrap-up is open. */
export function pressDigit(digit) {
  document.querySelector(`.wrap [data-digit="${digit}"]`)?.click();
}

function Left({ until }) {
  second.value;
  return html`<span class="timer" title="Until you are free again">${wait(secondsUntil(until))}</span>`;
}
