// "You are number 3 in line": the place, the wait, and what to do if one cannot wait.

import { draw, icon, make } from "./parts.js";
import { waitWords } from "./times.js";

export class LineCard {
  constructor(widget) {
    this.widget = widget;
    const { words } = widget;
    this.picture = draw("svg", { viewBox: "0 0 272 40", class: "que", "aria-hidden": "true" });
    this.heading = make("span", { role: "status" });
    this.wait = make("p");
    this.email = make("input", { type: "email", required: true, autocomplete: "email", "aria-label": words.email, placeholder: "name@example.com" });
    this.leave = make("div", { class: "opt" });
    const keep = make("p", { class: "opt on" }, icon("clock"), make("span", {}, words.keep));
    this.form = make("form", { onsubmit: (event) => this.save(event) }, this.email, make("button", { class: "btn", type: "submit" }, words.save));
    this.node = make("section", { class: "line", hidden: true }, this.picture, make("h3", {}, this.heading), this.wait, make("div", { class: "opts" }, keep, this.leave));
  }

  draw(chat) {
    this.node.hidden = chat.stage !== "waiting";
    if (this.node.hidden) return;
    const { words } = this.widget;
    const position = chat.place?.position || 1;
    const wait = waitWords(chat.place?.expected_wait ?? null, words);
    set(this.heading, position === 1 ? words.next : words.place(position));
    this.wait.replaceChildren(...(wait ? [`${words.wait} `, make("b", {}, wait)] : [words.inTurn]));
    this.drawQueue(position);
    this.drawLeave(chat.session?.email || "");
  }

  drawQueue(position) {
    const { parts, middle } = queue(position);
    this.picture.setAttribute("viewBox", `${middle - 136} 0 272 40`);
    this.picture.replaceChildren(...parts);
  }

  drawLeave(email) {
    const { words } = this.widget;
    if (this.drawn === email) return;
    this.drawn = email;
    const told = make("span", {}, email ? words.saved(email) : [make("b", {}, words.leave), make("span", {}, words.leaveHint), this.form]);
    this.leave.replaceChildren(icon("mail"), told);
  }

  async save(event) {
    event.preventDefault();
    const isKnown = await this.widget.chat.introduce({ email: this.email.value.trim() });
    this.email.setAttribute("aria-invalid", String(!isKnown));
    if (isKnown) this.widget.talk.field.focus();
  }
}

/** The line as a picture: the one who answers, those ahead (three at most), you, and one behind. */
function queue(position) {
  const ahead = Math.min(position - 1, 3);
  const you = ahead ? 192 : 88;
  const step = (you - 24) / (ahead + 1);
  const others = Array.from({ length: ahead }, (_, at) => draw("circle", { cx: 24 + step * (at + 1), cy: 20, r: 7 }));
  const head = icon("head");
  for (const [name, value] of Object.entries({ x: 16, y: 12, width: 16, height: 16 })) head.setAttribute(name, value);
  const parts = [
    draw("path", { d: `M24 20h${you + 14}` }), draw("circle", { class: "first", cx: 24, cy: 20, r: 13 }), head, ...others,
    draw("circle", { class: "y", cx: you, cy: 20, r: 13 }), draw("text", { x: you, y: 24.5 }, String(position)),
    draw("circle", { class: "aft", cx: you + 38, cy: 20, r: 5 }),
  ];
  return { parts, middle: (11 + you + 43) / 2 };
}

/** Only when it differs: a status that is written again is read out again. */
function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
