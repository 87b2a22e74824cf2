// The conversation: who one talks with, what was said, the place in line, and the field to write in.

import { LineCard } from "./line-card.js";
import { avatar, icon, linked, make } from "./parts.js";
import { shortTime } from "./times.js";

const MAX_CHARS = 4000;
const SURE_FOR = 4000;
const NOTICE_AFTER = 3000;

export class ChatView {
  constructor(widget) {
    this.widget = widget;
    const { words } = widget;
    this.shown = new Map();
    this.title = make("b");
    this.subtitle = make("span");
    this.face = make("span", { hidden: true });
    this.quit = make("button", { class: "quit", type: "button", hidden: true, onclick: () => this.askToEnd() }, words.end);
    this.log = make("div", { class: "log", role: "log", "aria-label": words.messages });
    this.intro = this.makeIntro();
    this.line = new LineCard(widget);
    this.typing = make("p", { class: "typ", hidden: true });
    this.after = make("p", { class: "ev", hidden: true }, words.endedHint);
    this.scroll = make("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": words.chat }, this.log, this.intro, this.line.node, this.typing, this.after);
    this.trouble = make("p", { class: "note", role: "status", hidden: true });
    this.node = make("div", { class: "view", hidden: true }, this.makeBar(), this.scroll, this.trouble, this.makeComposer());
  }

  makeBar() {
    const { widget } = this;
    const { words } = widget;
    const back = make("button", { class: "x", type: "button", onclick: () => widget.show("home") }, icon("back"), make("span", { class: "vh" }, words.back));
    const close = make("button", { class: "x", type: "button", onclick: () => widget.close() }, icon("close"), make("span", { class: "vh" }, words.close));
    return make("div", { class: "bar" }, back, this.face, make("p", {}, this.title, this.subtitle), this.quit, close);
  }

  makeIntro() {
    const { words } = this.widget;
    this.introWords = make("p", { class: "intro" });
    this.name = make("input", { type: "text", autocomplete: "name", maxlength: 80 });
    this.email = make("input", { type: "email", autocomplete: "email", maxlength: 320 });
    const field = (label, input) => make("label", {}, make("b", {}, label, " ", make("span", {}, `(${words.optional})`)), input);
    this.fields = make("div", { class: "fields" }, field(words.name, this.name), field(words.email, this.email));
    return make("div", {}, this.introWords, this.fields);
  }

  makeComposer() {
    const { words } = this.widget;
    const kept = this.widget.page.store.value.draft || "";
    this.field = make("textarea", { rows: 1, maxlength: MAX_CHARS, "aria-label": words.message, enterkeyhint: "send", oninput: () => this.typed(), onkeydown: (event) => this.key(event) });
    this.field.value = kept;
    this.button = make("button", { class: "snd", type: "submit" }, icon("send"), make("span", { class: "vh" }, words.send));
    return make("form", { class: "comp", onsubmit: (event) => this.send(event) }, this.field, this.button);
  }

  draw(chat) {
    this.drawBar(chat);
    const isNew = chat.stage === "new" && !chat.messages.size && !chat.pending.length;
    this.intro.hidden = !isNew;
    this.introWords.textContent = chat.session && !chat.session.queue_open ? this.widget.words.introAway : this.widget.words.intro;
    this.fields.hidden = Boolean(chat.session?.name && chat.session?.email);
    const wasAtEnd = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 60;
    const grew = this.drawLog(chat.timeline());
    this.line.draw(chat);
    this.drawTyping(chat.typing);
    this.after.hidden = chat.stage !== "ended";
    this.drawTrouble(chat);
    this.drawComposer(chat);
    if (wasAtEnd || grew) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  drawBar({ agent, stage }) {
    const { words, brand } = this.widget;
    this.title.textContent = agent ? agent.name : words.chat;
    this.subtitle.replaceChildren(...(agent ? [make("i", { class: "dot" }), words.hereNow] : [brand.name]));
    this.face.hidden = !agent;
    if (agent) this.face.replaceChildren(avatar(agent.name, agent.initials));
    this.quit.hidden = stage !== "waiting" && stage !== "talking";
    if (this.quit.hidden) this.calm();
  }

  /** Draw what is new or changed and leave the rest alone; returns whether something of one's own came to the end. */
  drawLog(timeline) {
    let grew = false;
    const keys = new Set(timeline.map((item) => item.key));
    for (const [key, { node }] of this.shown) {
      if (!keys.has(key)) node.remove(), this.shown.delete(key);
    }
    timeline.forEach((item, at) => {
      const look = `${item.kind} ${item.error || ""}`;
      const before = this.shown.get(item.key);
      const node = before?.look === look ? before.node : this.item(item);
      if (before && before.node !== node) before.node.replaceWith(node);
      if (!before) grew ||= item.from === "you" || at === timeline.length - 1;
      if (this.log.children[at] !== node) this.log.insertBefore(node, this.log.children[at] || null);
      this.shown.set(item.key, { node, look });
    });
    return grew && !this.isReadingBack(timeline);
  }

  /** Somebody who scrolled up to read is not torn away by an answer, only by what they send themselves. */
  isReadingBack(timeline) {
    const { scrollHeight, scrollTop, clientHeight } = this.scroll;
    return timeline.at(-1)?.from !== "you" && scrollHeight - scrollTop - clientHeight > 400;
  }

  item(item) {
    const { words, language } = this.widget;
    if (item.kind === "line") return make("p", { class: "ev" }, typeof words[item.word] === "function" ? words[item.word](item.argument) : words[item.word]);
    const text = make("div", { class: "txt" }, linked(item.text, words.external));
    if (item.error) return make("div", { class: "bub me failed" }, text, make("div", { class: "meta" }, `${words.notSent} ${item.error} `, this.again(item.id)));
    if (item.kind === "pending") return make("div", { class: "bub me waits" }, text, make("div", { class: "meta" }, words.sending));
    const who = make("span", { class: "vh" }, `${item.author || words.you}: `);
    const files = (item.files || []).map((file) => this.file(file));
    return make("div", { class: item.from === "you" ? "bub me" : "bub" }, who, item.text && text, files, make("time", { datetime: item.at }, shortTime(item.at, language)));
  }

  file({ name, size, path }) {
    const weight = size < 1e6 ? `${Math.ceil(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`;
    const face = make("span", { class: "sq" }, icon("file"));
    return make("a", { class: "doc", href: this.widget.page.desk + path, target: "_blank", rel: "noopener", download: name }, face, make("span", {}, make("b", {}, name), make("span", {}, weight)));
  }

  again(id) {
    return make("button", { type: "button", onclick: () => this.widget.chat.sayAgain(id) }, this.widget.words.again);
  }

  drawTyping(name) {
    this.typing.hidden = !name;
    if (name && this.typing.dataset.name !== name) {
      const dots = make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
      this.typing.replaceChildren(avatar(name, "", "xs"), dots, make("span", {}, this.widget.words.typing(name)));
    }
    this.typing.dataset.name = name || "";
  }

  /** A lost connection shows after three seconds: most are back before. */
  drawTrouble({ isOnline, refusal, lostAt }) {
    clearTimeout(this.notice);
    const left = lostAt ? lostAt + NOTICE_AFTER - Date.now() : 0;
    if (isOnline || (!refusal && !lostAt)) this.trouble.hidden = true;
    else if (refusal) this.showTrouble(refusal);
    else if (left > 0) this.notice = setTimeout(() => this.showTrouble(this.widget.words.offline), left);
    else this.showTrouble(this.widget.words.offline);
  }

  showTrouble(text) {
    if (this.trouble.textContent !== text) this.trouble.textContent = text; // written again, it is read out again
    this.trouble.hidden = false;
  }

  drawComposer({ stage, agent }) {
    const { words } = this.widget;
    const hints = { waiting: words.writeWaiting, ended: words.writeAgain, talking: words.writeTo(agent?.name || "") };
    this.field.placeholder = hints[stage] || words.write;
    this.button.classList.toggle("on", Boolean(this.field.value.trim()));
  }

  typed() {
    this.fit();
    this.widget.page.store.write({ draft: this.field.value });
    if (this.field.value.trim()) this.widget.chat.sayTyping();
    this.drawComposer(this.widget.chat);
  }

  fit() {
    this.field.style.height = "32px";
    this.field.style.height = `${Math.min(120, this.field.scrollHeight)}px`;
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.send(event);
  }

  async send(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text || !(await this.introduced())) return;
    this.field.value = "";
    this.typed();
    this.widget.chat.say(text);
    this.field.focus();
  }

  /** Before the first words: who one is, where that was filled in. */
  async introduced() {
    const claims = { name: this.name.value.trim(), email: this.email.value.trim() };
    if (this.intro.hidden || (!claims.name && !claims.email)) return true;
    if (!this.email.reportValidity()) return false;
    await this.widget.chat.introduce(claims);
    return !this.widget.chat.refusal; // without a connection it waits, as the message does
  }

  askToEnd() {
    if (this.quit.classList.contains("sure")) {
      this.calm();
      this.widget.chat.end();
      this.field.focus();
      return;
    }
    this.quit.classList.add("sure");
    this.quit.textContent = this.widget.words.endSure;
    this.unsure = setTimeout(() => this.calm(), SURE_FOR);
  }

  calm() {
    clearTimeout(this.unsure);
    this.quit.classList.remove("sure");
    this.quit.textContent = this.widget.words.end;
  }
}
