// @ts-check
/** After-contact work: a countdown, how it ended by number key, a note, more time, done. */
import { post } from "console/api";
import { now, second, span } from "console/clock";
import { attempt, inWrapUp, me, refreshHeld, refreshMe } from "console/desk";
import { Avatar, channelLabel, Icon } from "console/parts";
import { follow, linkTo } from "console/route";
import { refreshTicket } from "console/ticket";
import { html, signal, useEffect } from "console/ui";

/** What was chosen and noted, by interaction. */
const chosen = signal(/** @type {Map<number, number>} */ (new Map()));
const notes = signal(/** @type {Map<number, string>} */ (new Map()));

export function WrapUps() {
  const [row, ...rest] = inWrapUp.value;
  return row ? html`<${WrapUp} key=${row.id} row=${row} more=${rest.length} />` : null;
}

/** @param {any} props */
function WrapUp({ row, more }) {
  const left = row.wrap_up_until ? Date.parse(row.wrap_up_until) - second.value : null;
  useEffect(() => {
    if (left === null || !row.wrap_up_until) return undefined;
    const timer = setTimeout(refreshHeld, Math.max(0, Date.parse(row.wrap_up_until) - now()) + 1500);
    return () => clearTimeout(timer);
  }, [row.wrap_up_until]);
  return html`
    <section class="wrap" aria-label="Wrap-up">
      <${Avatar} id=${row.customer.id} initials=${row.customer.initials} />
      <div class="who"><strong>Wrap-up</strong>
        <a href=${linkTo({ ticket: row.ticket.id })} onClick=${(event) => follow(event, { ticket: row.ticket.id })}>${row.customer.name}, #${row.ticket.number}</a></div>
      ${left !== null && html`<time class="timer ${left < 10_000 ? "bad" : ""}" role="timer" aria-label="Left for wrap-up">${span(left)}</time>`}
      <div class="chips" role="radiogroup" aria-label="How it ended">${choicesFor(row).map((one, at) => html`
        <button type="button" role="radio" key=${one.id} aria-checked=${chosen.value.get(row.id) === one.id} class="chip" onClick=${() => choose(row, one)}>
          ${at < 9 && html`<kbd>${at + 1}</kbd>`}${one.name}</button>`)}</div>
      <input class="field" type="text" placeholder="Note" aria-label="Wrap-up note, for colleagues only" value=${notes.value.get(row.id) || ""}
        onInput=${(event) => (notes.value = new Map(notes.value).set(row.id, event.target.value))}
        onKeyDown=${(event) => event.key === "Enter" && finish(row)} />
      <div class="acts">
        <button type="button" class="btn" onClick=${() => act(`interactions/${row.id}/extend/`, { seconds: 60 })}><${Icon} name="clock" />+1 min</button>
        <button type="button" class="btn primary" id="wrap-done" onClick=${() => finish(row)}>Done${more > 0 && html`<span class="vh">, ${more} more after this</span>`}</button>
      </div>
      <span class="vh">${channelLabel(row.channel)} in ${row.queue.name}</span>
    </section>`;
}

/** A number key picks how the first contact in wrap-up ended. @param {number} number 1 to 9 @returns {boolean} whether it did */
export function chooseByNumber(number) {
  const [row] = inWrapUp.value;
  const one = row && choicesFor(row)[number - 1];
  if (one) choose(row, one);
  return Boolean(one);
}

/** @param {any} row */
const choicesFor = (row) => (me.value?.dispositions || []).filter((one) => one.queue === null || one.queue === row.queue.id);

/** @param {any} row @param {any} one */
function choose(row, one) {
  const all = new Map(chosen.value);
  all.get(row.id) === one.id ? all.delete(row.id) : all.set(row.id, one.id);
  chosen.value = all;
}

/** @param {any} row */
const finish = (row) =>
  act(`interactions/${row.id}/wrap_up/`, { disposition: chosen.value.get(row.id) ?? null, note: (notes.value.get(row.id) || "").trim() });

/** @param {string} path @param {object} body */
async function act(path, body) {
  await attempt(() => post(path, body));
  refreshHeld();
  refreshMe();
  refreshTicket();
}
