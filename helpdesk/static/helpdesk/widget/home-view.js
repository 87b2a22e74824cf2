// The first thing one sees: a greeting, whether somebody is there, and the way into the chat.

import { avatar, icon, make } from "./parts.js";
import { shortTime } from "./times.js";

export class HomeView {
  constructor(widget) {
    this.widget = widget;
    const { words } = widget;
    this.mark = make("span", { class: "mark", "aria-hidden": "true" });
    this.name = make("b");
    this.greeting = make("h2");
    this.state = make("p", { class: "open" });
    this.hint = make("span");
    this.label = make("b");
    this.first = make("button", { class: "card", type: "button", onclick: () => widget.show("chat") },
      make("span", { class: "round" }, icon("chat")), make("span", {}, this.label, this.hint), icon("go"));
    this.past = make("div");
    this.trouble = make("p", { class: "note", role: "alert", hidden: true });
    const close = make("button", { class: "x", type: "button", onclick: () => widget.close() }, icon("close"), make("span", { class: "vh" }, words.close));
    this.node = make("div", { class: "view" },
      make("div", { class: "hero" }, make("div", { class: "top" }, this.mark, this.name, close), this.greeting, this.state),
      make("div", { class: "body" }, this.first, this.past),
      this.trouble, make("p", { class: "foot" }, words.by));
  }

  draw(chat) {
    const { words, brand } = this.widget;
    const { session } = chat;
    const first = (session?.name || "").split(" ")[0];
    this.name.textContent = brand.name;
    this.mark.textContent = brand.name.slice(0, 1);
    this.mark.hidden = !brand.name;
    this.greeting.textContent = brand.greeting || words.hello(first);
    const isHere = !session || session.queue_open;
    this.state.classList.toggle("away", !isHere);
    this.state.replaceChildren(...(session ? [make("i"), isHere ? words.here : words.away] : ["\u00A0"]));
    this.label.textContent = chat.messages.size ? words.goOn : words.start;
    const away = chat.messages.size ? words.away : words.startAway;
    this.hint.textContent = session ? (isHere ? words.startPeople(session.people) : away) : "\u00A0";
    this.trouble.hidden = chat.refusal === null;
    this.trouble.textContent = chat.refusal || words.failed;
    this.drawPast([...chat.messages.values()].at(-1));
  }

  drawPast(last) {
    const { words, language } = this.widget;
    if (!last) return this.past.replaceChildren();
    const author = last.author || words.you;
    const row = make("button", { class: "past", type: "button", onclick: () => this.widget.show("chat") },
      last.author ? avatar(author, last.initials) : make("span", { class: "round small" }, icon("chat")), make("span", {}, make("b", {}, author), make("span", {}, last.text)),
      make("time", { datetime: last.at }, shortTime(last.at, language)));
    return this.past.replaceChildren(make("h3", { class: "small" }, words.yours), row);
  }
}
