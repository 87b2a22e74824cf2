// @ts-check
// One message: who, by which channel, what, with which files, and whether it arrived.
import { Avatar, Icon, attempt, html, signal, useRef, useState } from "console/ui";
import { post } from "console/api";
import { me } from "console/desk";
import { channelOf, clock, exact, size } from "console/format";
import { again, forget, takeBack } from "console/sending";
import * as threads from "console/threads";

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const TALLEST = 1200;

export function Message({ message, one }) {
  const isNote = message.kind === "note";
  const kind = isNote ? "note" : message.author.is_us ? "out" : "in";
  const name = message.author.name === me.value.user.name && message.author.is_us ? "You" : message.author.name;
  return html`<article class="msg ${kind}" aria-label="${name}, ${clock(message.at)}">
    <${Avatar} person=${message.author} />
    <header><b>${name}</b><${Via} message=${message} />
      ${message.is_stranger && html`<i class="tag warn" title="Not one of the customer's addresses that we know">New address</i>`}
      <time datetime=${message.at} title=${exact(message.at)}>${clock(message.at)}</time><${Arrived} message=${message} one=${one} /></header>
    <div class="body">
      ${message.copied.length > 0 && html`<p class="tr">Copied: ${message.copied.join(", ")}</p>`}
      <${Content} message=${message} />
      <${Files} files=${message.attachments.filter((file) => !file.is_inline || !message.has_html)} />
      <${Trouble} message=${message} one=${one} />
    </div>
  </article>`;
}

function Via({ message }) {
  if (message.kind === "note") return html`<span class="via"><${Icon} name="lock" />Internal note</span>`;
  const { icon, name } = channelOf(message.channel);
  return html`<span class="via"><${Icon} name=${icon} />${name}${message.is_automatic && ", automatic"}</span>`;
}

/** What somebody wrote; a mail with formatting as its sender made it, on its own light sheet. */
function Content({ message }) {
  const isMail = message.has_html && message.kind === "inbound";
  const [asSent, showAsSent] = useState(isMail);
  const [hidden, showHidden] = useState(false);
  return html`${asSent ? html`<${Sheet} message=${message} />` : html`<${Words} text=${message.text} />`}
    ${hidden && html`<blockquote class="quoted"><${Words} text=${message.hidden_text} /></blockquote>`}
    ${(isMail || message.hidden_text) && html`<p class="tr">
      ${isMail && html`<button type="button" class="lnk" onClick=${() => showAsSent(!asSent)}>${asSent ? "Show as text" : "Show as sent"}</button>`}
      ${message.hidden_text && !asSent && html`<button type="button" class="lnk" aria-expanded=${hidden} onClick=${() => showHidden(!hidden)}>${hidden ? "Hide quoted text" : "Show quoted text"}</button>`}</p>`}`;
}

const LINK = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/;

/** Plain text with its line breaks; addresses are links. */
function Words({ text }) {
  const paragraphs = text.trim().split(/\n{2,}/);
  return paragraphs.map((paragraph, at) => html`<p key=${at} class="words">${paragraph.split(LINK).map((part, i) => (i % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer">${part}</a>` : part))}</p>`);
}

/** Its own address and its own policy: no script, no remote picture. We only read how tall it is. */
function Sheet({ message }) {
  const [isTall, setTall] = useState(false);
  const [isWhole, showWhole] = useState(false);
  const frame = useRef(null);
  const fit = () => {
    const page = frame.current?.contentDocument?.documentElement;
    if (!page) return;
    const height = page.querySelector("body").scrollHeight + 2;
    setTall(height > TALLEST);
    frame.current.style.height = `${isWhole ? height : Math.min(height, TALLEST)}px`;
  };
  if (isWhole) requestAnimationFrame(fit);
  return html`<iframe ref=${frame} class="sheet" title="Message from ${message.author.name}" src="/messages/${message.id}/body/"
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" onLoad=${fit}></iframe>
    ${isTall && !isWhole && html`<p class="tr"><button type="button" class="lnk" onClick=${() => showWhole(true)}>Show the whole message</button></p>`}`;
}

function Files({ files }) {
  if (!files.length) return null;
  return html`<ul class="files">${files.map((file) => html`<li key=${file.id}><a href=${file.url} target="_blank" rel="noopener">
    ${PICTURES.includes(file.content_type) ? html`<img class="ph" src=${file.url} alt="" loading="lazy" />` : html`<span class="ph"><${Icon} name="clip" /></span>`}
    <span>${file.filename}</span><small>${size(file.size)}</small></a></li>`)}</ul>`;
}

const SENT = { queued: "Sending…", sending: "Sending…", sent: "Sent", deferred: "Will be tried again", failed: "Not sent", unknown: "May not have arrived" };
const WORST = ["failed", "unknown", "deferred", "sending", "queued", "sent"];
const worst = (deliveries) => WORST.map((state) => deliveries.find((one) => one.state === state)).find(Boolean);

function Arrived({ message }) {
  const delivery = worst(message.deliveries);
  if (!delivery) return null;
  const isGood = delivery.state === "sent";
  return html`<span class="seen ${delivery.state}" title=${message.deliveries.map((one) => `${one.recipient}: ${SENT[one.state]}`).join("\n")}>
    <${Icon} name=${isGood ? "checks" : delivery.state === "failed" || delivery.state === "unknown" ? "alert" : "clock"} />${SENT[delivery.state]}</span>`;
}

/** Deliveries that did not go through, each with its reason and the way on. */
function Trouble({ message, one }) {
  const fault = useRef(signal(null)).current;
  const bad = message.deliveries.filter((delivery) => delivery.error && delivery.state !== "sent");
  const retry = (delivery) => attempt(fault, async () => {
    await post(`deliveries/${delivery.id}/retry/`);
    threads.refresh(one);
  });
  return html`${bad.map((delivery) => html`<p key=${delivery.id} class="trouble ${delivery.state}" role="status"><${Icon} name="alert" />
      <span><b>${SENT[delivery.state]}</b> to ${delivery.recipient}. ${delivery.error}${delivery.state === "deferred" && ` Next try at ${clock(delivery.due_at)}.`}</span>
      <button type="button" class="lnk" onClick=${() => retry(delivery)}>${delivery.state === "unknown" ? "Send again" : "Retry now"}</button></p>`)}
    ${fault.value && html`<p class="trouble failed" role="alert"><span>${fault.value.text}</span></p>`}`;
}

/** A message of mine that the server does not have yet. */
export function Sending({ operation }) {
  const { kind, channel, text, fileNames, state, error, at } = operation;
  const isStuck = state !== "sending";
  return html`<article class="msg ${kind === "note" ? "note" : "out"} ${isStuck ? "stuck" : "pending"}">
    <${Avatar} person=${me.value.user} />
    <header><b>You</b><${Via} message=${{ kind, channel }} /><time datetime=${at}>${clock(at)}</time>
      <span class="seen" role="status"><${Icon} name=${isStuck ? "alert" : "clock"} />${{ sending: "Sending…", waiting: "Waits for the connection", failed: "Not sent" }[state]}</span></header>
    <div class="body"><${Words} text=${text} />
      ${fileNames.length > 0 && html`<p class="tr">${fileNames.join(", ")}</p>`}
      ${isStuck && html`<p class="trouble failed" role="alert"><${Icon} name="alert" /><span>${error}</span>
        <button type="button" class="lnk" onClick=${() => again(operation)}>Retry</button>
        <button type="button" class="lnk" onClick=${() => takeBack(operation)}>Edit</button>
        <button type="button" class="lnk" onClick=${() => navigator.clipboard?.writeText(text)}>Copy</button>
        <button type="button" class="lnk" onClick=${() => forget(operation)}>Discard</button></p>`}
    </div>
  </article>`;
}
