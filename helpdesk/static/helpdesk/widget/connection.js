// A visitor's chat as this page knows it, and the socket that keeps it so.
//
// What the visitor wrote waits in `pending` (and in the page's storage) until the server has acknowledged it, and is sent
// again with the same id after every reconnect: it arrives, and once. The server's answers are facts that replace ours.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const SILENCE = 45_000; // two beats and a bit
const SAY_TYPING_EVERY = 3000;
const TYPING_LASTS = 6500;
const SLOW_DOWN = 4000;
const MOST_SHOWN = 100;
const [SIGN_IN_AGAIN, REFUSED] = [4401, 4403];

export class Chat {
  /** `changed` is called after everything that can be seen; `store` has read() and write(changes). */
  constructor({ desk, key, store, language, claims, changed }) {
    Object.assign(this, { desk, key, store, language, claims, changed });
    const kept = store.read();
    this.session = null; // what POST session/ answered
    this.messages = new Map();
    this.lines = []; // what happened, between the messages: {at, words: [string, argument]}
    this.pending = kept.pending || [];
    this.stage = "new";
    this.agent = this.place = this.typing = this.refusal = null;
    this.isOnline = false;
    this.lostAt = null; // since when there is no connection though there should be
    this.wait = FIRST_WAIT;
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
  }

  /**
   * Ask for a session; later calls tell a changed name or e-mail address. Resolves to whether there is one.
   * One question at a time: two at once without a token would make two visitors, and a reload might be the other one.
   */
  begin(claims = null) {
    const ask = () => (this.session && !claims ? true : this.ask(claims || this.claims));
    return (this.begun = Promise.resolve(this.begun).then(ask));
  }

  async ask(claims) {
    const token = this.store.read().token || "";
    const body = JSON.stringify({ token, language: this.language, ...claims });
    const headers = { "Content-Type": "application/json" };
    const path = `${this.desk}/widget/${encodeURIComponent(this.key)}/session/`;
    try {
      const answer = await fetch(path, { method: "POST", headers, body, credentials: "omit" });
      const content = await answer.json();
      if (!answer.ok) return this.refuse(content.fields?.email?.[0] || content.detail);
      this.session = content;
      this.refusal = null;
      this.store.write({ token: content.token });
      this.changed();
      return true;
    } catch {
      return this.refuse("");
    }
  }

  /** Open the socket, and keep it open from now on. */
  async connect() {
    if (this.socket) return;
    this.wanted = true;
    if (!this.session && !(await this.begin())) return this.retry();
    if (this.socket) return;
    const socket = (this.socket = new WebSocket(this.session.ws));
    socket.addEventListener("open", () => this.put({ t: "hello", token: this.session.token }));
    socket.addEventListener("message", (event) => socket === this.socket && this.take(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this.lost(socket, event.code));
    this.listen();
  }

  say(text) {
    const id = `c_${crypto.getRandomValues(new Uint32Array(3)).join("")}`;
    this.pending.push({ id, text, at: new Date().toISOString() });
    this.keep();
    this.typingSaid = 0; // the message ends the typing; the next key begins anew
    if (this.isOnline) this.put({ t: "message", id, text });
    else this.connect();
    this.changed();
  }

  /** Send once more what was refused or got no answer. */
  sayAgain(id) {
    const message = this.pending.find((one) => one.id === id);
    if (!message) return;
    delete message.error;
    this.keep();
    if (this.isOnline) this.put({ t: "message", id, text: message.text });
    this.changed();
  }

  sayTyping() {
    if (!this.isOnline || Date.now() < (this.typingSaid || 0) + SAY_TYPING_EVERY) return;
    this.typingSaid = Date.now();
    this.put({ t: "typing" });
  }

  end() {
    this.put({ t: "end" });
  }

  /** Tell who one is; the socket greets anew, because the token says it. */
  async introduce(claims) {
    const isKnown = await this.begin(claims);
    if (isKnown && this.socket) this.greetAnew();
    return isKnown;
  }

  greetAnew() {
    const { socket } = this;
    this.socket = null;
    this.isOnline = false;
    socket.close(1000);
    this.connect();
  }

  /** All there is to show, in order: {key, at, kind: "message" | "line" | "pending", …}. */
  timeline() {
    const messages = [...this.messages.values()].map((one) => ({ ...one, kind: "message", key: one.client_id || one.id }));
    const lines = this.lines.map((one) => ({ ...one, kind: "line", key: `l${one.at}` }));
    const pending = this.pending.map((one) => ({ ...one, kind: "pending", key: one.id, from: "you" }));
    const said = [...messages, ...lines].sort((a, b) => a.at.localeCompare(b.at) || (a.id || 0) - (b.id || 0));
    return [...said, ...pending];
  }

  take(frame) {
    this.listen();
    const answer = {
      welcome: () => this.welcomed(frame),
      ack: () => this.add(frame.message),
      message: () => this.add(frame.message),
      place: () => this.stand("waiting", { place: frame }),
      agent: () => this.joined(frame),
      ended: () => this.ended(),
      typing: () => this.typed(frame.by),
      beat: () => this.compare(frame),
      error: () => this.erred(frame),
    }[frame.t];
    if (answer) {
      answer();
      this.changed();
    }
  }

  welcomed({ messages, state }) {
    this.isOnline = true;
    this.lostAt = null;
    this.wait = FIRST_WAIT;
    messages.forEach((message) => this.add(message));
    this.stand(state.stage, state);
    this.sendPending();
  }

  /** What the server says we should be showing; if we do not, something was lost on the way: greet anew. */
  compare({ newest, count, stage }) {
    const shown = Math.min(this.messages.size, MOST_SHOWN);
    const mine = shown ? Math.max(...this.messages.keys()) : null;
    if (mine !== newest || shown !== count || this.stage !== stage) this.greetAnew();
    else this.sendPending();
  }

  sendPending() {
    this.pending.filter((one) => !one.error).forEach(({ id, text }) => this.put({ t: "message", id, text }));
  }

  add(message) {
    this.messages.set(message.id, message);
    if (message.client_id) {
      this.pending = this.pending.filter((one) => one.id !== message.client_id);
      this.keep();
    } else {
      this.typing = null;
    }
    const at = Date.parse(message.at);
    if (at > (this.store.value.live || 0)) this.store.write({ live: at });
  }

  stand(stage, { place = null, agent = null }) {
    Object.assign(this, { stage, place, agent });
    if (stage !== "talking") this.typing = null;
  }

  joined(agent) {
    if (this.agent?.name !== agent.name) this.note("joined", agent.name);
    this.stand("talking", { agent });
  }

  ended() {
    if (this.stage === "talking" || this.stage === "waiting") this.note("ended");
    this.stand("ended", {});
  }

  note(word, argument) {
    this.lines.push({ at: new Date().toISOString(), word, argument });
  }

  typed(name) {
    this.typing = name;
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => {
      this.typing = null;
      this.changed();
    }, TYPING_LASTS);
  }

  erred({ code, id, detail }) {
    const message = this.pending.find((one) => one.id === id);
    if (message && code === "slow_down") setTimeout(() => this.sayAgain(id), SLOW_DOWN);
    else if (message) message.error = detail;
    else if (code === "refused") this.refusal = detail;
    this.keep();
  }

  lost(socket, code) {
    if (socket !== this.socket) return;
    this.socket = null;
    this.isOnline = false;
    clearTimeout(this.silence);
    if (code === SIGN_IN_AGAIN) {
      this.store.write({ token: "" });
      this.session = null;
    }
    if (code !== REFUSED) this.retry();
    this.changed();
  }

  /** Try again after a while that doubles, at random within it, so that a thousand pages do not come back as one. */
  retry() {
    clearTimeout(this.comingBack);
    this.comingBack = setTimeout(() => this.connect(), this.wait * (0.5 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.lostAt ||= Date.now();
    this.changed();
  }

  hurry() {
    if (!this.wanted || this.socket) return;
    this.wait = FIRST_WAIT;
    clearTimeout(this.comingBack);
    this.connect();
  }

  /** A socket that says nothing for long is dead, whatever the browser thinks. */
  listen() {
    clearTimeout(this.silence);
    const { socket } = this;
    if (!socket) return;
    this.silence = setTimeout(() => {
      socket.close();
      this.lost(socket, 1006);
    }, SILENCE);
  }

  refuse(detail) {
    this.refusal = detail;
    this.changed();
    return false;
  }

  put(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  keep() {
    this.store.write({ pending: this.pending });
  }
}
