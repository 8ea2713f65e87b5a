// What a page of prices counts, says and shows of one stream.
import { PriceChart } from "/demos/price-chart.js";

const mostTold = 3;
const symbols = ["OAK", "ELM", "FIR", "ASH", "YEW"];
const messages = count => `${count.toLocaleString("en")} message${count === 1 ? "" : "s"}`;

function stock(symbol) {
  const entry = document.createElement("div");
  entry.dataset.symbol = symbol;
  for (const [element, text] of [["dt", symbol], ["dd", "–"]]) {
    entry.append(Object.assign(document.createElement(element), { textContent: text }));
  }
  return entry;
}

export class PriceView {
  #count = 0;
  #missing = 0;
  #twice = 0;
  #gaps = 0;
  #toldLost = 0;
  #gap = null;
  #cut = null;
  #catchUp = null;

  /** A view of a panel; with upTo its chart ends where another's does, so that one sees how late it is. */
  constructor(panel, { upTo } = {}) {
    this.panel = document.querySelector(panel);
    this.panel.querySelector(".stocks")?.append(...symbols.map(stock));
    this.chart = new PriceChart(this.panel.querySelector("canvas"), upTo?.chart);
    setInterval(() => this.#tick(), 250);
  }

  add({ number, symbol, value }) {
    if (this.last === undefined && !this.#gap) this.first = number;
    if (this.#cut) this.#back(number);
    if (this.#gap) this.#leap(number);
    else if (this.last !== undefined && number <= this.last) this.#twice++;
    else if (this.last !== undefined) this.#missing += number - this.last - 1;
    this.last = number;
    this.heardAt = performance.now();
    this.#count++;
    if (this.#catchUp) this.#catchUp.to = number;
    this.chart.add(number, symbol, value);
    const shown = this.panel.querySelector(`[data-symbol="${symbol}"] dd`);
    if (shown) shown.textContent = value.toFixed(2);
    this.#say("open", "Open");
    this.#tally();
  }

  /** The stream says that something is lost; the message that follows shows what. */
  gap(gap) {
    // One may follow another at once: the log moved on while the first was told.
    const before = this.#gap?.lost ?? 0;
    this.#gap = gap.lost === null ? gap : { ...gap, lost: before + gap.lost };
  }

  lost(forGood) {
    if (forGood) return this.#say("bad", "Refused");
    this.#cut ??= { at: this.heardAt ?? performance.now(), after: this.last };
    this.#tick();
  }

  show(isShown) {
    this.panel.querySelector("#slow-view").hidden = !isShown;
    this.clear();
  }

  /** Forgets what was, because another stream begins. */
  clear() {
    this.#cut = null;
    this.panel.querySelector(".told").replaceChildren();
    this.panel.querySelector(".tally").textContent = "No message yet.";
    this.#say("waiting", "Connecting…");
    this.#beginAnew();
  }

  #beginAnew() {
    this.last = this.first = this.heardAt = undefined;
    this.#count = this.#missing = this.#twice = this.#gaps = this.#toldLost = 0;
    this.#gap = null;
    this.chart.clear();
  }

  #back(number) {
    const { at, after } = this.#cut;
    const seconds = ((performance.now() - at) / 1000).toFixed(1);
    this.#cut = null;
    if (after === undefined || this.#gap) return;
    const isWhole = number === after + 1;
    this.#tell(isWhole
      ? `Away for ${seconds} s. The first message after it is number ${number}, right after ${after}: nothing is missing.`
      : `Away for ${seconds} s. The first message after it is number ${number}, and the last before it was ${after}.`);

    // What has been waiting for this page comes in one go.
    this.#catchUp = this.chart.mark({ kind: "late", from: number, to: number });
    setTimeout(() => this.#catchUp = null, 100);
  }

  #leap(number) {
    const { lost, reason } = this.#gap;
    this.#gap = null;

    // Of a position that the server does not know, nobody can say how much followed it.
    if (lost === null) {
      this.#beginAnew();
      this.first = number;
      return this.#tell(`stream-gap: what was missed cannot be known, so the count begins anew. Reason: ${reason}.`);
    }

    const from = this.last === undefined ? number - lost : this.last + 1;
    this.#gaps++;
    this.#toldLost += lost;
    this.#missing += Math.max(0, number - from - lost);
    this.chart.mark({ kind: "gap", from, to: number - 1, label: `${lost} lost` });
    this.#tell(`stream-gap: ${messages(lost)} lost, number ${from} to ${number - 1}. Reason: ${reason}.`);
  }

  #tick() {
    if (this.#cut) this.#say("waiting", `No connection for ${Math.round((performance.now() - this.#cut.at) / 1000)} s; it will reconnect`);
    else if (this.chart.upTo && this.last) this.#say("open", `${messages(this.chart.upTo.last - this.last)} behind`);
  }

  #tally() {
    const lost = this.#gaps ? `, ${this.#toldLost} lost in ${this.#gaps} gap${this.#gaps === 1 ? "" : "s"}, each told` : ` since number ${this.first}`;
    const more = this.#gaps ? " more" : "";
    this.panel.querySelector(".tally").textContent =
      `${messages(this.#count)}${lost}: ${this.#missing || "none"}${more} missing, ${this.#twice || "none"} twice.`;
  }

  #tell(text) {
    const list = this.panel.querySelector(".told");
    list.prepend(Object.assign(document.createElement("li"), { textContent: text }));
    while (list.childElementCount > mostTold) list.lastElementChild.remove();
  }

  #say(state, text) {
    const line = this.panel.querySelector(".state");
    if (this.chart.upTo && state === "open" && text === "Open") return;
    if (line.textContent === text) return;
    const button = this.panel.querySelector("button");
    if (button) button.disabled = state !== "open";
    line.dataset.is = state;
    line.textContent = text;
  }
}
