// @ts-check
// Where replies and notes are written. Their drafts are kept apart, and kept until the server has the text.
import { Icon, IconButton, html, signal, useEffect, useRef, useState } from "console/ui";
import { channelOf, firstName, size } from "console/format";
import { draftOf, drafts, keepDraft } from "console/kept";
import { iAmTyping } from "console/others";
import { link } from "console/socket";
import { say } from "console/sending";
import { end, heldHere, resolve } from "console/view/conversation";
import { Menu } from "console/view/menu";

/** Which kind is being written, and to be focused when it grows. */
export const kind = signal("reply");
export const wantsFocus = signal(0);

/** Begin to write (R, N). */
export function write(what) {
  kind.value = what;
  wantsFocus.value += 1;
}

export function Composer({ one }) {
  const ticket = one.ticket.value;
  const [chosen, choose] = useState("");
  const [files, setFiles] = useState(/** @type {File[]} */ ([]));
  const [isOver, setOver] = useState(false);
  const isNote = kind.value === "note";
  const ways = ticket?.reply_channels ?? [];
  const way = ways.find((each) => each.channel === chosen) ?? ways[0];
  drafts.value;
  const text = draftOf(one.id, kind.value);
  const mayWrite = isNote || Boolean(way);
  const add = (list) => setFiles([...files, ...list].slice(0, 20));
  const submit = async (then = "") => {
    if (!text.trim() || !mayWrite) return wantsFocus.value++;
    const what = kind.value;
    const sent = say(one.id, { kind: what, channel: isNote ? "" : way.channel, text: text.trim(), files: isNote ? [] : files, then });
    keepDraft(one.id, what, "");
    setFiles([]);
    if (isNote) kind.value = "reply";
    if ((await sent) && then) follow(one, then);
    return undefined;
  };
  const drop = (event) => (event.preventDefault(), setOver(false), add(event.dataTransfer.files));
  return html`<form class="composer ${isNote ? "noting" : ""} ${isOver ? "over" : ""}" aria-label=${isNote ? "Note" : "Reply"}
      onSubmit=${(event) => (event.preventDefault(), submit())}
      onDragOver=${(event) => (event.preventDefault(), setOver(true))} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <div class="ctop"><${Kinds} /><${To} isNote=${isNote} ways=${ways} way=${way} choose=${choose} ticket=${ticket} /><span class="saved" role="status">${text ? "Draft saved" : ""}</span></div>
    <${Edit} one=${one} text=${text} label=${isNote ? "Note" : "Reply"} submit=${submit} add=${add} />
    <${Chosen} files=${isNote ? [] : files} remove=${(file) => setFiles(files.filter((each) => each !== file))} />
    <div class="cbar">
      <div class="tools">${!isNote && html`<${Attach} add=${add} />`}</div>
      <${Send} isNote=${isNote} mayWrite=${mayWrite} submit=${submit} ticket=${ticket} />
    </div>
  </form>`;
}

async function follow(one, then) {
  const interaction = heldHere(one.ticket.value);
  if (then === "resolve") await resolve(one);
  else if (interaction) await end(one, interaction);
}

function Kinds() {
  const tab = (value, label, key, icon) => html`<button type="button" aria-pressed=${kind.value === value} title="${label}  (${key})" onClick=${() => write(value)}>
    ${icon && html`<${Icon} name=${icon} />`}${label} <kbd>${key}</kbd></button>`;
  return html`<div class="seg" role="group" aria-label="Kind of message">${tab("reply", "Reply", "R")}${tab("note", "Note", "N", "lock")}</div>`;
}

function To({ isNote, ways, way, choose, ticket }) {
  if (isNote) return html`<span class="to sub">Only colleagues see it</span>`;
  if (!ticket?.reply_channels) return null;
  if (!way) return html`<span class="to sub">There is no way to reach ${firstName(ticket.customer.name)}; write a note instead.</span>`;
  const { icon } = channelOf(way.channel);
  const items = ways.map((each) => ({ label: each.label, note: each.is_live ? "live" : "", isChecked: each === way, icon: html`<${Icon} name=${channelOf(each.channel).icon} />`, run: () => choose(each.channel) }));
  const name = way.channel === "chat" ? `Web chat to ${firstName(ticket.customer.name)}` : way.label;
  return html`<${Menu} kind="btn ghost to" title="Channel" items=${items}><${Icon} name=${icon} /><span class="name">${name}</span>
    ${way.is_live && html`<i class="dot ok"></i><span class="sub">in the chat now</span>`}<${Icon} name="down" small /><//>`;
}

function Edit({ one, text, label, submit, add }) {
  const field = useRef(null);
  useEffect(() => {
    if (wantsFocus.value) field.current.focus();
  }, [wantsFocus.value]);
  const onInput = (event) => {
    keepDraft(one.id, kind.value, event.target.value);
    iAmTyping(one.id, kind.value);
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return event.preventDefault(), submit();
    if (event.key === "Escape") return event.stopPropagation(), event.target.blur();
    return undefined;
  };
  const onPaste = (event) => {
    if (event.clipboardData.files.length) event.preventDefault(), add(event.clipboardData.files);
  };
  return html`<textarea ref=${field} class="edit" rows="2" aria-label=${label} aria-keyshortcuts="Control+Enter" maxlength="100000"
    placeholder=${kind.value === "note" ? "Write a note for colleagues" : "Write a reply"} value=${text} ...${{ onInput, onKeyDown, onPaste }}></textarea>`;
}

function Attach({ add }) {
  const input = useRef(null);
  const onChange = (event) => {
    add(event.target.files);
    event.target.value = "";
  };
  return html`<input ref=${input} type="file" multiple hidden onChange=${onChange} aria-label="Files" /><${IconButton} icon="clip" label="Attach files, or paste and drop" onClick=${() => input.current.click()} />`;
}

function Chosen({ files, remove }) {
  if (!files.length) return null;
  return html`<ul class="files chosen">${files.map((file) => html`<li key=${file.name + file.size}><span class="tag">${file.name}, ${size(file.size)}
    <button type="button" aria-label="Remove ${file.name}" onClick=${() => remove(file)}><${Icon} name="x" small /></button></span></li>`)}</ul>`;
}

function Send({ isNote, mayWrite, submit, ticket }) {
  const items = [{ label: "Send and resolve", run: () => submit("resolve") }];
  if (ticket && heldHere(ticket)) items.push({ label: "Send and end the contact", run: () => submit("end") });
  const name = isNote ? "Add note" : link.value === "lost" ? "Send when back" : "Send";
  return html`<div class="send"><button type="submit" class="btn primary" disabled=${!mayWrite}>${name} <kbd>Ctrl ↵</kbd></button>
    ${!isNote && html`<${Menu} kind="btn primary icon" label="Send and resolve, or end" items=${items}><${Icon} name="down" small /><//>`}</div>`;
}

