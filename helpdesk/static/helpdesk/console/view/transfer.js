// @ts-check
// Pass a ticket on, to a queue or to a person, with a word of why.
import { Fault, attempt, html, signal, useRef, useState } from "console/ui";
import { act, me } from "console/desk";
import * as threads from "console/threads";
import * as lists from "console/lists";
import { post } from "console/api";
import { heldHere } from "console/view/conversation";
import { Dialog } from "console/view/menu";

export function Transfer({ one, close }) {
  const ticket = one.ticket.value;
  const [target, choose] = useState("");
  const [note, setNote] = useState("");
  const fault = useRef(signal(null)).current;
  const submit = (event) => {
    event.preventDefault();
    attempt(fault, async () => {
      await pass(one, ticket, target, note);
      close();
      threads.refresh(one);
      lists.refresh();
    });
  };
  const colleagues = me.value.people.filter((person) => person.agent && person.id !== me.value.user.id);
  return html`<${Dialog} title="Transfer" close=${close}><form onSubmit=${submit}>
    <label>To<select required value=${target} onChange=${(event) => choose(event.target.value)} autofocus>
      <option value="">Choose a queue or a person</option>
      <optgroup label="Queues">${me.value.queues.map((queue) => html`<option key=${queue.id} value="queue:${queue.id}">${queue.name}</option>`)}</optgroup>
      <optgroup label="People">${colleagues.map((person) => html`<option key=${person.id} value="agent:${person.id}">${person.name}, ${person.presence}</option>`)}</optgroup>
    </select></label>
    <label>Note for whoever gets it<textarea rows="3" maxlength="10000" value=${note} onInput=${(event) => setNote(event.target.value)}></textarea></label>
    <${Fault} of=${fault} />
    <div class="do"><button type="submit" class="btn primary">Transfer</button><button type="button" class="btn" onClick=${close}>Cancel</button></div>
  </form><//>`;
}

/** A live contact goes with everything the router knows of it; a ticket at rest just changes its place. */
async function pass(one, ticket, target, note) {
  const [kind, id] = target.split(":");
  const live = heldHere(ticket) ?? ticket.interactions?.find((each) => ["waiting", "active"].includes(each.status));
  if (live) return act(live, "transfer", { [kind]: Number(id), note });
  await threads.change(one, kind === "queue" ? { queue: Number(id) } : { assignee: Number(id) });
  return note.trim() ? post(`tickets/${one.id}/messages/`, { kind: "note", text: note }, { key: `c_${crypto.randomUUID?.() ?? Date.now()}` }) : null;
}
