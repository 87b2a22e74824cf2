// @ts-check
// Why the router chose as it did: in short beside the customer, in full in a dialog.
import { Avatar, Icon, attempt, html, signal, useEffect } from "console/ui";
import { get } from "console/api";
import { me, personOfAgent } from "console/desk";
import { exact, firstName } from "console/format";
import { Dialog } from "console/view/menu";

const THOUSAND = 1000;
/** The decision that is explained in full. */
export const why = signal(null);
/** Decisions never change, so each is asked for once. @type {{value: Record<number, any>}} */
const known = signal({});
const fault = signal(null);

function load(id) {
  if (!id || known.value[id]) return;
  attempt(fault, async () => {
    const decision = await get(`decisions/${id}/`);
    known.value = { ...known.value, [id]: decision };
  });
}

/** Skills that were asked for, and the best candidates with their scores. */
export function WhyHere({ one }) {
  const id = one.entries.value.findLast((entry) => entry.decision)?.decision;
  useEffect(() => load(id), [id]);
  const decision = known.value[id];
  if (!decision?.explanation?.c) return null;
  const isMe = decision.agent?.id === me.value.user.id;
  return html`<details open><summary>${isMe ? "Why this reached you" : `Why this reached ${firstName(decision.agent?.name ?? "them")}`}</summary>
    <div class="why"><${Skills} levels=${decision.explanation.l ?? {}} /><${Ranking} explanation=${decision.explanation} />
      <button type="button" class="lnk" onClick=${() => (why.value = id)}>In full</button></div></details>`;
}

function Skills({ levels }) {
  const names = Object.fromEntries((me.value.agent?.skills ?? []).map((skill) => [skill.slug, skill.name]));
  const word = (slug) => names[slug] ?? slug.split(".").at(-1).replaceAll("-", " ").replace(/^./, (letter) => letter.toUpperCase());
  return html`<ul>${Object.entries(levels).map(([slug, level]) => html`<li key=${slug} class="y"><${Icon} name="check" />${word(slug)}<b>${level}</b></li>`)}</ul>`;
}

function Ranking({ explanation: { a, c } }) {
  const scored = c.map(([agent, ...terms]) => ({ agent, score: terms.reduce((sum, term) => sum + term, 0) / THOUSAND }));
  const most = Math.max(0.001, ...scored.map((each) => each.score));
  return html`<ol class="rank" aria-label="Candidates by score">${scored.sort((x, y) => y.score - x.score).map(({ agent, score }) => {
    const person = personOfAgent(agent) ?? { name: `Agent ${agent}`, initials: "?" };
    const isMe = person.id === me.value.user.id;
    return html`<li key=${agent} class=${agent === a ? "win" : ""}><${Avatar} person=${person} size="xs" /><span class="who">${isMe ? "You" : shorten(person.name)}</span>
      <svg class="b" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="6" rx="3" /><rect class="v" width=${Math.max(2, (100 * Math.max(0, score)) / most)} height="6" rx="3" /></svg>
      <b>${score.toFixed(2)}</b></li>`;
  })}</ol>`;
}

const shorten = (name) => name.replace(/^(\S+)\s+(\S)\S*$/, "$1 $2.");

/** Every sentence of the record. */
export function Explanation() {
  const id = why.value;
  useEffect(() => load(id), [id]);
  if (!id) return null;
  const decision = known.value[id];
  return html`<${Dialog} title="Why it was routed so" close=${() => (why.value = null)}>
    ${fault.value && html`<p role="alert">${fault.value.text}</p>`}
    ${decision && html`<p class="sub">${exact(decision.at)}, policy version ${decision.policy_version}</p>
      <ul class="sentences">${decision.sentences.map((sentence, at) => html`<li key=${at}>${sentence}</li>`)}</ul>
      ${decision.explanation?.c && html`<div class="why"><${Skills} levels=${decision.explanation.l ?? {}} /><${Ranking} explanation=${decision.explanation} /></div>`}`}
    <div class="do"><button type="button" class="btn" onClick=${() => (why.value = null)}>Close</button></div>
  <//>`;
}
