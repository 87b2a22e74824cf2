// @ts-check
// Search: one field for numbers, names, addresses and words; and where to go.
import { Avatar, Icon, html, signal, useEffect, useRef, useState } from "console/ui";
import { get } from "console/api";
import { queues } from "console/desk";
import { channelOf } from "console/format";
import { go } from "console/route";
import { Dialog } from "console/view/menu";

const PAUSE = 180;
export const isSearching = signal(false);

export function Search() {
  if (!isSearching.value) return null;
  return html`<${Dialog} kind="palette" title="Search" close=${close}><${Field} /><//>`;
}

const close = () => (isSearching.value = false);
const visit = (change) => (close(), go(change));

function Field() {
  const [words, setWords] = useState("");
  const [found, setFound] = useState({ words: "", tickets: [], customers: [], error: "" });
  const [at, setAt] = useState(0);
  const list = useRef(null);
  useEffect(() => {
    const text = words.trim();
    if (!text) return setFound({ words: "", tickets: [], customers: [], error: "" });
    const timer = setTimeout(async () => setFound({ ...(await look(text)), words: text }), PAUSE);
    return () => clearTimeout(timer);
  }, [words]);
  const options = optionsFor(words.trim(), found);
  const onKeyDown = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) event.preventDefault(), setAt((at + by + options.length) % Math.max(1, options.length));
    if (event.key === "Enter") event.preventDefault(), options[at]?.run();
  };
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [at]);
  return html`<div class="pin"><${Icon} name="search" /><input type="search" role="combobox" aria-expanded="true" aria-controls="plist" aria-activedescendant="opt-${at}" autofocus
      aria-label="Number, name, address or words" placeholder="Number, name, address or words" value=${words} onInput=${(event) => (setWords(event.target.value), setAt(0))} onKeyDown=${onKeyDown} /></div>
    <ul id="plist" ref=${list} role="listbox" aria-label="Results">
      ${options.map((option, i) => html`${option.group !== options[i - 1]?.group && html`<li class="g" role="presentation">${option.group}</li>`}
        <li id="opt-${i}" role="option" aria-selected=${i === at} onPointerMove=${() => setAt(i)} onClick=${option.run}>${option.icon}<span>${option.label}</span>${option.note && html`<small>${option.note}</small>`}</li>`)}
    </ul>
    <p class="vh" role="status">${found.words === words.trim() && words ? `${found.tickets.length} tickets and ${found.customers.length} customers found` : ""}</p>
    ${found.error && html`<p class="perror" role="alert">${found.error}</p>`}
    <div class="pfoot"><span><kbd>↑</kbd> <kbd>↓</kbd> choose</span><span><kbd>↵</kbd> open</span><span><kbd>Esc</kbd> close</span></div>`;
}

async function look(text) {
  const query = `search=${encodeURIComponent(text)}&page_size=8`;
  try {
    const [tickets, customers] = await Promise.all([get(`tickets/?view=all&${query}`), get(`customers/?${query.replace("=8", "=5")}`)]);
    return { tickets: tickets.results, customers: customers.results, error: "" };
  } catch (problem) {
    return { tickets: [], customers: [], error: problem.message };
  }
}

function optionsFor(text, { tickets, customers }) {
  const views = [["mine", "My open"], ["unassigned", "Unassigned"], ["all", "All"], ...queues.value.map((queue) => [`queue-${queue.id}`, queue.name])];
  const places = views
    .filter(([, name]) => name.toLowerCase().includes(text.toLowerCase()))
    .map(([view, name]) => ({ group: "Go to", icon: html`<${Icon} name="stack" />`, label: name, run: () => visit({ view, ticket: null, words: "" }) }));
  const all = text && tickets.length ? [{ group: "Tickets", icon: html`<${Icon} name="search" />`, label: `All tickets with “${text}”`, run: () => visit({ view: "search", ticket: null, words: text }) }] : [];
  return [
    ...tickets.map((row) => ({ group: "Tickets", icon: html`<${Icon} name=${channelOf(row.channel).icon} />`, label: `#${row.number} ${row.subject || "No subject"}`, note: `${row.customer.name} · ${row.status_label}`, run: () => visit({ ticket: row.id }) })),
    ...all,
    ...customers.map((one) => ({ group: "Customers", icon: html`<${Avatar} person=${one} size="xs" />`, label: one.name, note: one.addresses.find((address) => address.kind !== "chat")?.value ?? "", run: () => visit({ view: "search", ticket: null, words: one.name }) })),
    ...places.slice(0, text ? 4 : 8),
  ];
}
