// <wire-view src="/clock" autostart> shows the raw response of an event stream: its head, and each line as it arrives.
// Its property headers is a function that makes headers for each request. It raises a "line" event a line, whose detail is { kind, line }. Without autostart it waits for its button; compact, it folds the head and has no field for the position.
import { kindOf, splitLines, visible } from "/wire-lines.js";

const mostLines = 400;

const markup = `
  <form>
    <strong>On the wire</strong>
    <label>Last-Event-ID <input name="lastEventId" autocomplete="off" spellcheck="false" size="8" placeholder="none"></label>
    <span class="buttons">
      <button name="connect" class="primary">Connect</button>
      <button name="pause" type="button" aria-pressed="false" disabled>Pause</button>
    </span>
  </form>
  <p class="state" role="status">Not connected</p>
  <details hidden><summary></summary><pre tabindex="0" role="region" aria-label="Head of the response"></pre></details>
  <div class="lines" role="log" aria-live="off" tabindex="0"><ol></ol></div>`;

export class WireView extends HTMLElement {
  #abort = new AbortController();
  #isOpen = false;
  #isPaused = false;
  #held = [];
  #lastId = "";
  #rest = "";
  #restRow = null;

  headers = () => ({});

  static observedAttributes = ["src"];

  connectedCallback() {
    this.innerHTML = markup;
    this.form = this.querySelector("form");
    this.log = this.querySelector(".lines");
    this.rows = this.querySelector("ol");
    this.form.addEventListener("submit", event => {
      event.preventDefault();
      if (this.#isOpen) this.disconnect();
      else this.connect();
    });
    this.form.pause.addEventListener("click", () => this.#pause(!this.#isPaused));
    this.querySelector("details").open = !this.hasAttribute("compact");
    this.attributeChangedCallback();
    if (this.hasAttribute("autostart")) this.connect();
  }

  disconnectedCallback() {
    this.disconnect();
  }

  attributeChangedCallback() {
    if (!this.form) return;
    this.form.connect.disabled = !this.getAttribute("src");
    this.log.setAttribute("aria-label", `Lines of ${this.getAttribute("src")}`);
  }

  /** Opens the stream, from the position in the field. */
  async connect() {
    this.disconnect();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const position = this.form.lastEventId.value.trim();
    this.#reset();
    this.#setOpen(true);
    this.#say("waiting", "Connecting…");
    const started = performance.now();
    try {
      const headers = { Accept: "text/event-stream", ...position && { "Last-Event-ID": position }, ...await this.headers() };
      const response = await fetch(this.getAttribute("src"), { headers, signal, cache: "no-store" });
      this.#showHead(response, headers);
      this.#say("open", "Open");
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      for (const reader = response.body?.getReader(); reader;) {
        const { done, value } = await reader.read();
        if (done) break;
        this.#take({ text: decoder.decode(value, { stream: true }), bytes: value.length, at: performance.now() - started });
      }
      this.#say("done", response.status === 204 ? "204: do not come back" : "The server ended the response");
    } catch (error) {
      if (signal.aborted) return;
      this.#say("bad", `The connection was lost: ${error.message}`);
    }
    this.#setOpen(false);
  }

  /** Closes the stream, if it is open. */
  disconnect() {
    if (!this.#isOpen) return;
    this.#abort.abort();
    this.#setOpen(false);
    this.#say("", "Disconnected");
  }

  #reset() {
    this.rows.replaceChildren();
    this.#held = [];
    this.#rest = "";
    this.#restRow = null;
    this.#lastId = "";
    this.#pause(false);
  }

  #setOpen(isOpen) {
    this.#isOpen = isOpen;
    this.form.connect.className = isOpen ? "" : "primary";
    this.form.connect.textContent = isOpen ? "Disconnect" : "Connect";
    this.form.pause.disabled = !isOpen;
    // The next connection goes on where this one ended, as an EventSource's would.
    if (!isOpen && this.#lastId) this.form.lastEventId.value = this.#lastId;
    if (!isOpen) this.#pause(false);
  }

  #say(state, text) {
    const line = this.querySelector(".state");
    line.dataset.is = state;
    line.textContent = text;
  }

  #showHead(response, sent) {
    const details = this.querySelector("details");
    const lines = headers => [...headers].map(([name, value]) => `${name}: ${value}`);
    const received = lines(response.headers);
    details.hidden = false;
    details.firstElementChild.textContent = `${response.status} ${response.statusText} and ${received.length} headers`;
    details.lastElementChild.textContent = [
      `GET ${this.getAttribute("src")}`, ...lines(Object.entries(sent)), "",
      `${response.status} ${response.statusText}`, ...received,
    ].join("\n");
  }

  #pause(isPaused) {
    this.#isPaused = isPaused;
    this.form.pause.textContent = isPaused ? "Go on" : "Pause";
    this.form.pause.setAttribute("aria-pressed", isPaused);
    if (!isPaused) this.#held.splice(0).forEach(chunk => this.#show(chunk));
  }

  #take(chunk) {
    if (this.#isPaused) {
      this.#held.push(chunk);
      if (this.#held.length > mostLines) this.#held.shift();
      this.form.pause.textContent = `Go on (${this.#held.length} held)`;
    } else {
      this.#show(chunk);
    }
  }

  #show({ text, bytes, at }) {
    const isAtEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
    const { lines, rest } = splitLines(this.#rest + text);
    this.#restRow?.remove();
    this.#rest = rest;
    let arrival = { at, bytes };
    for (const { line, ending } of lines) {
      this.#append(line, ending, arrival);
      arrival = null;
      const kind = kindOf(line);
      if (kind === "id") this.#lastId = line.slice(3).trim();
      this.dispatchEvent(new CustomEvent("line", { detail: { kind, line } }));
    }
    this.#restRow = rest ? this.#append(rest, "", arrival) : null;
    while (this.rows.childElementCount > mostLines) this.rows.firstElementChild.remove();
    if (isAtEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  /** A row a line; the first of what arrived together says when, and how many bytes. */
  #append(line, ending, arrival) {
    const row = document.createElement("li");
    row.dataset.kind = kindOf(line);
    const when = document.createElement("span");
    when.className = "when";
    if (arrival) {
      row.classList.add("arrival");
      when.textContent = `${(arrival.at / 1000).toFixed(3)} s`;
      when.title = `${arrival.bytes} bytes`;
    }
    const code = document.createElement("code");
    const colon = line.indexOf(":");
    if (fieldsHaveName(row.dataset.kind) && colon > 0) {
      const name = document.createElement("b");
      name.append(...visible(line.slice(0, colon + 1)));
      code.append(name, ...visible(line.slice(colon + 1)));
    } else {
      code.append(...visible(line));
    }
    code.append(...visible(ending));
    row.append(when, code);
    this.rows.append(row);
    return row;
  }
}

const fieldsHaveName = kind => !["comment", "blank", "unknown"].includes(kind);

customElements.define("wire-view", WireView);
