// @ts-check
/** Where we write: a reply or a note, which look and send differently, each with a draft of its own. */
import { draftOf, keepDraft } from "console/drafts";
import { type } from "console/live";
import { channelIcon, Icon, Menu } from "console/parts";
import { send } from "console/sending";
import { sizeOf } from "console/message";
import { ticket } from "console/ticket";
import { html, signal, useLayoutEffect, useRef, useState } from "console/ui";

const MOST_BYTES = 20 * 1024 * 1024;

/** "reply" or "note", for the open ticket. */
const kind = signal("reply");
/** Files that were picked, by ticket; only replies carry them. */
const picked = signal(/** @type {Map<number, File[]>} */ (new Map()));

/** Begin to write. @param {string} as "reply" or "note" */
export function compose(as) {
  kind.value = as;
  requestAnimationFrame(() => document.getElementById("write")?.focus());
}

export function Composer() {
  const { id, reply_channels: ways, default_channel: best, customer } = ticket.value;
  const isNote = kind.value === "note";
  const [chosen, choose] = useState("");
  const text = draftOf(id, kind.value);
  const [isOver, setOver] = useState(false);
  const field = useRef(/** @type {any} */ (null));
  const way = ways.find((one) => one.channel === chosen) || ways.find((one) => one.channel === best) || ways[0];
  const files = isNote ? [] : picked.value.get(id) || [];
  const tooMuch = files.reduce((sum, file) => sum + file.size, 0) > MOST_BYTES;
  const canSend = Boolean((text.trim() || files.length) && (isNote || way) && !tooMuch);

  useLayoutEffect(() => {
    kind.value = !draftOf(id, "reply") && draftOf(id, "note") ? "note" : "reply";
  }, [id]);
  useLayoutEffect(() => grow(field.current), [text, isNote]);

  function onSend(event) {
    event?.preventDefault();
    if (!canSend) return;
    keepDraft(id, kind.value, "");
    setFiles(id, []);
    send({ ticket: id, kind: kind.value, channel: isNote ? "" : way.channel, text, files });
    field.current.focus();
  }
  const onInput = (event) => {
    keepDraft(id, kind.value, event.target.value);
    if (event.target.value) type(id, kind.value);
  };
  const onKeyDown = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && onSend(event);
  const onDrop = (event) => {
    event.preventDefault();
    setOver(false);
    add(id, event.dataTransfer.files);
  };
  const onPaste = (event) => event.clipboardData.files.length && (event.preventDefault(), add(id, event.clipboardData.files));
  const swap = (as) => () => compose(as);
  return html`
    <form class="composer ${isNote ? "noting" : ""} ${isOver ? "over" : ""}" aria-label=${isNote ? "Note" : "Reply"} onSubmit=${onSend}
      onDragOver=${(event) => (event.preventDefault(), setOver(true))} onDragLeave=${() => setOver(false)} onDrop=${onDrop}>
      <div class="ctop">
        <div class="seg" role="group" aria-label="Kind of message">
          <button type="button" aria-pressed=${!isNote} onClick=${swap("reply")}>Reply <kbd>R</kbd></button>
          <button type="button" aria-pressed=${isNote} onClick=${swap("note")}><${Icon} name="lock" />Note <kbd>N</kbd></button>
        </div>
        ${isNote ? html`<span class="to">Only colleagues see this</span>` : html`<${Way} way=${way} ways=${ways} choose=${choose} />`}
        <span class="saved" role="status">${text.trim() ? "Draft kept" : ""}</span>
      </div>
      <textarea id="write" class="edit" ref=${field} rows="2" value=${text} onInput=${onInput} onKeyDown=${onKeyDown} onPaste=${onPaste}
        aria-label=${isNote ? "Internal note" : `Reply to ${customer.name}`} placeholder=${isNote ? "Write a note for colleagues" : `Write to ${customer.name}`}></textarea>
      ${files.length > 0 && html`<${Picked} id=${id} files=${files} />`}
      ${tooMuch && html`<p class="fail"><${Icon} name="alert" /><span>These files are larger than 20 MB in all; share them by a link.</span></p>`}
      <div class="cbar">
        <div class="tools">${!isNote && html`<${Attach} id=${id} />`}</div>
        <button type="submit" class="btn primary" disabled=${!canSend}>${isNote ? "Add note" : "Send"} <kbd>Ctrl ↵</kbd></button>
      </div>
    </form>`;
}

/** @param {any} props */
function Way({ way, ways, choose }) {
  if (!way) return html`<span class="to bad">No way to reach this customer is known.</span>`;
  const face = html`<${Icon} name=${channelIcon(way.channel)} /><span class="lb">${way.label}</span>${way.is_live && way.channel === "chat" && html`<i class="dot ok"></i><span class="sub">in the chat now</span>`}${ways.length > 1 && html`<${Icon} name="down" small />`}`;
  if (ways.length === 1) return html`<span class="to one">${face}</span>`;
  const items = ways.map((one) => ({ label: one.label, icon: channelIcon(one.channel), hint: one.is_live ? "live" : "", current: one === way, pick: () => choose(one.channel) }));
  return html`<${Menu} id="way" look="btn ghost to" title="Answer by" face=${face} items=${items} />`;
}

/** @param {any} props */
function Attach({ id }) {
  const input = useRef(/** @type {any} */ (null));
  const onChange = () => {
    add(id, input.current.files);
    input.current.value = "";
  };
  return html`
    <button type="button" class="btn icon ghost" title="Attach files; or paste, or drop them here" onClick=${() => input.current.click()}><${Icon} name="clip" /><span class="vh">Attach files</span></button>
    <input ref=${input} id="attach" type="file" multiple hidden aria-label="Files to attach" onChange=${onChange} />`;
}

/** @param {any} props */
function Picked({ id, files }) {
  const drop = (file) => () => setFiles(id, files.filter((other) => other !== file));
  return html`
    <ul class="picked" aria-label="Attached">${files.map((file) => html`
      <li><${Icon} name="clip" small />${file.name}<small>${sizeOf(file.size)}</small>
        <button type="button" class="btn icon ghost" onClick=${drop(file)} title="Remove"><${Icon} name="x" small /><span class="vh">Remove ${file.name}</span></button></li>`)}</ul>`;
}

/** @param {number} id @param {FileList} files */
const add = (id, files) => setFiles(id, [...(picked.value.get(id) || []), ...files]);

/** @param {number} id @param {File[]} files */
function setFiles(id, files) {
  picked.value = new Map(picked.value).set(id, files);
}

/** @param {HTMLTextAreaElement} area as high as its text, up to what the style sheet allows */
function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}
