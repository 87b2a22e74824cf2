// @ts-check
/** One thing said or noted, and whether it arrived. */
import { post } from "console/api";
import { fullTime, timeOf } from "console/clock";
import { attempt } from "console/desk";
import { MailFrame } from "console/mail-frame";
import { Avatar, channelIcon, channelLabel, Icon } from "console/parts";
import { discard, retry } from "console/sending";
import { session } from "console/session";
import { refreshTicket } from "console/ticket";
import { html, useState } from "console/ui";

const LINK = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}])/g;
const UNITS = ["B", "kB", "MB"];

/** @param {any} props */
export function Message({ message, customer }) {
  const { author, kind } = message;
  const isMe = author.is_us && author.name === session.user.name;
  const look = kind === "note" ? "note" : author.is_us ? "out" : "in";
  return html`
    <article class="msg ${look}" data-message=${message.id}>
      <${Avatar} id=${author.is_us ? (isMe ? session.user.id : hash(author.name)) : customer.id} initials=${author.initials} />
      <header>
        <b>${isMe ? "You" : author.name}</b>
        ${kind === "note" ? html`<span class="via"><${Icon} name="lock" />Internal note</span>`
          : html`<span class="via"><${Icon} name=${channelIcon(message.channel)} />${channelLabel(message.channel)}</span>`}
        ${message.is_automatic && html`<span class="tag" title="Written by a machine: no receipt was sent">Automatic</span>`}
        ${message.is_stranger && html`<span class="tag bad" title="The sender is nobody we know on this ticket: take care what you answer">Stranger</span>`}
        <time datetime=${message.at} title=${fullTime(message.at)}>${timeOf(message.at)}</time>
        ${kind === "outbound" && html`<${Arrival} deliveries=${message.deliveries} />`}
      </header>
      <div class="body">
        <${Body} message=${message} />
        ${message.copied.length > 0 && html`<p class="tr">Copied: ${message.copied.join(", ")}</p>`}
        <${Files} files=${message.attachments.filter((file) => !file.is_inline || !message.has_html)} />
        ${message.deliveries.filter(isTrouble).map((one) => html`<${Trouble} key=${one.id} delivery=${one} />`)}
      </div>
    </article>`;
}

/** A message of ours that the server has not confirmed. @param {any} props */
export function Unconfirmed({ one }) {
  const { user } = session;
  const hasFailed = one.state === "failed";
  return html`
    <article class="msg ${one.kind === "note" ? "note" : "out"} ${hasFailed ? "failed" : "pending"}" data-key=${one.key}>
      <${Avatar} id=${user.id} initials=${user.initials} />
      <header><b>You</b><span class="via"><${Icon} name=${one.kind === "note" ? "lock" : channelIcon(one.channel)} />${one.kind === "note" ? "Internal note" : channelLabel(one.channel)}</span>
        <span class="undo" role="status">${hasFailed ? "Not sent" : one.progress > 0 && one.progress < 1 ? `Uploading ${Math.round(one.progress * 100)} %` : "Sending…"}</span></header>
      <div class="body"><${Text} text=${one.text} />
        ${one.names.length > 0 && html`<p class="tr">${one.names.join(", ")}</p>`}
        ${hasFailed && html`<p class="fail" role="alert"><${Icon} name="alert" /><span>${one.error}</span>
          <button type="button" class="lnk" onClick=${() => retry(one)}>Retry</button>
          <button type="button" class="lnk" onClick=${() => navigator.clipboard?.writeText(one.text)}>Copy</button>
          <button type="button" class="lnk" onClick=${() => discard(one)}>Discard</button></p>`}
      </div>
    </article>`;
}

/** HTML as its sender made it; words alone where history would be repeated, which then is folded. @param {any} props */
function Body({ message }) {
  const { id, text, hidden_text: hidden, has_html: hasHtml, kind } = message;
  const [isOpen, setOpen] = useState(false);
  const [asSent, setAsSent] = useState(hasHtml && kind === "inbound" && (!hidden || !text));
  return html`
    ${asSent ? html`<${MailFrame} id=${id} />` : text ? html`<${Text} text=${text} />` : html`<p class="tr">No words.</p>`}
    ${!asSent && hidden && html`<p class="fold"><button type="button" class="dots" aria-expanded=${isOpen} title="Quoted history and signature" onClick=${() => setOpen(!isOpen)}>•••<span class="vh">Quoted history and signature</span></button></p>`}
    ${!asSent && hidden && isOpen && html`<blockquote class="quoted"><${Text} text=${hidden} /></blockquote>`}
    ${hasHtml && kind === "inbound" && text && html`<p class="tr"><button type="button" class="lnk" onClick=${() => setAsSent(!asSent)}>${asSent ? "Show words only" : "Show as sent"}</button></p>`}`;
}

/** Words with their line breaks; addresses become links. @param {any} props */
function Text({ text }) {
  return html`<div class="text">${text.split(LINK).map((part, at) => at % 2 ? html`<a href=${part} target="_blank" rel="noreferrer noopener">${part}</a>` : part)}</div>`;
}

/** @param {any} props */
function Files({ files }) {
  return files.length > 0 && html`
    <ul class="files">${files.map((file) => html`
      <li key=${file.id}><a href=${file.url} target="_blank" rel="noopener" download=${isPicture(file) ? undefined : file.filename}>
        ${isPicture(file) ? html`<img class="ph" src=${file.url} alt="" loading="lazy" />` : html`<span class="ph doc"><${Icon} name="clip" /></span>`}
        <span>${file.filename}</span><small>${sizeOf(file.size)}</small></a></li>`)}</ul>`;
}

/** @param {any} file */
const isPicture = (file) => /^image\/(png|jpeg|gif|webp)$/.test(file.content_type);

/** @param {number} bytes @returns {string} "1.2 MB" */
export function sizeOf(bytes) {
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const value = bytes / 1000 ** step;
  return `${step === 2 ? value.toFixed(1) : Math.round(value)} ${UNITS[step]}`;
}

/** @param {any} delivery */
const isTrouble = ({ state }) => state === "failed" || state === "unknown" || state === "deferred";

/** @param {any} props */
function Arrival({ deliveries }) {
  const states = new Set(deliveries.map((one) => one.state));
  if (!states.size) return null;
  if (states.has("failed")) return html`<span class="seen bad"><${Icon} name="alert" />Failed</span>`;
  if (states.has("unknown")) return html`<span class="seen warn"><${Icon} name="alert" />Not sure</span>`;
  if (states.has("deferred")) return html`<span class="seen warn"><${Icon} name="clock" />Later</span>`;
  if (states.has("queued") || states.has("sending")) return html`<span class="seen"><${Icon} name="clock" />Sending</span>`;
  return html`<span class="seen"><${Icon} name="checks" />Sent</span>`;
}

/** @param {any} props */
function Trouble({ delivery }) {
  const again = async () => {
    await attempt(() => post(`deliveries/${delivery.id}/retry/`));
    refreshTicket();
  };
  const told = { failed: "It could not be sent", unknown: "It is not known whether it arrived", deferred: `It is tried again at ${delivery.due_at ? timeOf(delivery.due_at) : "once"}` };
  return html`
    <p class="fail ${delivery.state === "failed" ? "" : "mild"}"><${Icon} name="alert" /><span>${told[delivery.state]} to ${delivery.recipient}${delivery.error ? `: ${delivery.error}` : "."}</span>
      <button type="button" class="lnk" onClick=${again}>Retry</button></p>`;
}

/** @param {string} name a tint for a colleague whose id is not told */
const hash = (name) => [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
