// @ts-check
/** What opens over the page: why it was routed so, passing it on, the keys. */
import { get, post } from "console/api";
import { attempt, me, refreshHeld } from "console/desk";
import { Dialog } from "console/parts";
import { send } from "console/sending";
import { session } from "console/session";
import { change, refreshTicket, ticket } from "console/ticket";
import { refreshList } from "console/tickets";
import { KEYS } from "console/shortcuts";
import { html, signal, useEffect, useState } from "console/ui";

/** What is open: {kind: "why", decision}, {kind: "transfer"}, {kind: "keys"}, or null. */
export const dialog = signal(/** @type {any} */ (null));
const close = () => (dialog.value = null);
/** A dialog that another has replaced closes late: only what is open may be put away. @param {string} kind */
const closed = (kind) => () => dialog.value?.kind === kind && close();

export function Dialogs() {
  const kind = dialog.value?.kind;
  if (kind === "why") return html`<${Why} decision=${dialog.value.decision} />`;
  if (kind === "transfer" && ticket.value) return html`<${Transfer} />`;
  return kind === "keys" ? html`<${Keys} />` : null;
}

/** @param {any} props */
function Why({ decision }) {
  const [told, setTold] = useState(/** @type {any} */ (null));
  useEffect(() => {
    get(`decisions/${decision}/`).then(setTold, (problem) => setTold({ sentences: [problem.message] }));
  }, [decision]);
  return html`
    <${Dialog} title="Why it rang there" onClose=${closed("why")}>
      ${told ? html`<ul class="told">${told.sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
        ${!told.sentences.length && html`<p>No explanation was kept for this decision.</p>`}` : html`<p class="quiet">Looking it up…</p>`}
      ${told?.explanation?.candidates?.length > 0 && html`<${Scores} explanation=${told.explanation} />`}
      <p><a class="lnk" href="/decisions/${decision}/">All of it, drawn</a></p>
    <//>`;
}

/** @param {any} props */
function Scores({ explanation: { candidates, agent } }) {
  const terms = [...new Set(candidates.flatMap((one) => Object.keys(one.terms)))];
  return html`
    <div class="tw" tabindex="0" role="region" aria-label="Scores"><table class="scores">
      <thead><tr><th scope="col">Agent</th>${terms.map((term) => html`<th scope="col" class="r">${term}</th>`)}<th scope="col" class="r">Sum</th></tr></thead>
      <tbody>${candidates.map((one) => html`
        <tr class=${one.agent === agent ? "win" : ""}><th scope="row">${one.name}</th>${terms.map((term) => html`<td class="r">${(one.terms[term] || 0).toFixed(2)}</td>`)}<td class="r"><b>${one.score.toFixed(2)}</b></td></tr>`)}</tbody>
    </table></div>`;
}

function Transfer() {
  const [to, setTo] = useState("");
  const [note, setNote] = useState("");
  const live = ticket.value.interactions.find((one) => ["active", "parked", "waiting", "offered"].includes(one.status));
  const people = (me.value?.people || []).filter((one) => one.id !== session.user.id && (!live || one.agent));
  const queues = (me.value?.queues || []).filter((one) => one.id !== ticket.value.queue.id || live);
  const onSubmit = async (event) => {
    event.preventDefault();
    const [kind, id] = to.split(":");
    close();
    await (live ? passOn(live, kind, Number(id), note) : move(kind, Number(id), note));
    refreshTicket();
    refreshHeld();
    refreshList();
  };
  return html`
    <${Dialog} title="Transfer #${ticket.value.number}" onClose=${closed("transfer")}>
      <form class="form" onSubmit=${onSubmit}>
        <label for="tr-to">To a queue or a person</label>
        <select id="tr-to" class="field" required autofocus value=${to} onChange=${(event) => setTo(event.target.value)}>
          <option value="">Choose</option>
          <optgroup label="Queues">${queues.map((one) => html`<option value="queue:${one.id}">${one.name}</option>`)}</optgroup>
          <optgroup label="People">${people.map((one) => html`<option value="agent:${one.id}">${one.name}${one.presence ? `, ${one.presence}` : ""}</option>`)}</optgroup>
        </select>
        <label for="tr-note">Note for whoever takes it</label>
        <textarea id="tr-note" class="field" rows="3" value=${note} onInput=${(event) => setNote(event.target.value)}></textarea>
        <p class="row-acts"><button type="submit" class="btn primary">Transfer</button><button type="button" class="btn ghost" onClick=${close}>Cancel</button></p>
      </form>
    <//>`;
}

/** @param {any} live @param {string} kind @param {number} id @param {string} note */
const passOn = (live, kind, id, note) => attempt(() => post(`interactions/${live.id}/transfer/`, { [kind]: id, note }));

/** Nobody is in touch at the moment: only the ticket moves. @param {string} kind @param {number} id @param {string} note */
async function move(kind, id, note) {
  if (note.trim()) await send({ ticket: ticket.value.id, kind: "note", channel: "", text: note, files: [] });
  await change(kind === "queue" ? { queue: id, assignee: null } : { assignee: id });
}

function Keys() {
  return html`
    <${Dialog} title="Keyboard shortcuts" onClose=${closed("keys")} look="wide">
      <div class="keys">${KEYS.map(([group, keys]) => html`
        <section><h3>${group}</h3><dl>${keys.map(([key, what]) => html`<div><dt>${key.split(" ").map((one) => html`<kbd>${one}</kbd>`)}</dt><dd>${what}</dd></div>`)}</dl></section>`)}</div>
      <p class="quiet">Letters work outside fields; Esc leaves a field. They can be turned off in the menu under your initials.</p>
    <//>`;
}
