// Small parts of the page: elements, icons, and text in which only safe addresses become links.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  chat: "M2.5 3h11v8H8l-3 2.7V11H2.5z",
  close: "m4 4 8 8M12 4l-8 8",
  back: "M9.5 4.5 6 8l3.5 3.5",
  go: "m6.5 4.5 3.5 3.5-3.5 3.5",
  send: "M2.5 8 13.5 2.8 10.5 13.4 7.8 9.3zM7.8 9.3l5.7-6.5",
  clock: "M13.8 8A5.8 5.8 0 1 1 2.2 8a5.8 5.8 0 0 1 11.6 0M8 4.8V8l2.2 1.6",
  mail: "M2 3.8h12v8.4H2zM2.3 4.3 8 8.8l5.7-4.5",
  head: "M2.8 10.5V8a5.2 5.2 0 0 1 10.4 0v2.5M2.8 9h2v4h-1a1 1 0 0 1-1-1zM13.2 9h-2v4h1a1 1 0 0 0 1-1z",
  file: "M4 1.8h5.2L12.5 5v9.2H4zM9 2v3.3h3.3",
  alert: "M8 2.3 14.3 13H1.7zM8 6.3v3M8 11v.2",
};
const ADDRESS = /https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/g;

/** An element with properties ("class", "on…" for listeners, else attributes) and children; false ones are left out. */
export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

export function icon(name, className = "ic") {
  const svg = draw("svg", { viewBox: "0 0 16 16", class: className, "aria-hidden": "true" });
  svg.append(draw("path", { d: ICONS[name] }));
  return svg;
}

export function draw(tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

/** Initials on a tint that goes with the name. */
export function avatar(name, initials, size = "") {
  const tint = 1 + ([...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6);
  return make("span", { class: `ava c${tint} ${size}`, "aria-hidden": "true" }, initials || name.slice(0, 1));
}

/** The text as nodes: http and https addresses are links, everything else is text and nothing but text. */
export function linked(text, external) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    if (!URL.canParse(found[0])) continue;
    nodes.push(text.slice(end, found.index), link(found[0], external));
    end = found.index + found[0].length;
  }
  return [...nodes, text.slice(end)].filter((node) => node !== "");
}

function link(address, external) {
  const rel = "noopener noreferrer nofollow";
  return make("a", { href: address, target: "_blank", rel, title: `${address} (${external})` }, address);
}

function set(node, name, value) {
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (value === true) node.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
}
