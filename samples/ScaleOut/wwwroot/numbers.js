// What the page counts and says of the numbers.
const mostTold = 4;
const text = count => count.toLocaleString("en");
const many = (count, noun) => `${count ? text(count) : "no"} ${noun}${count === 1 ? "" : "s"}`;

export class NumberView {
  #count = 0;
  #missing = 0;
  #again = 0;
  #hops = 0;
  #gaps = 0;
  #lost = null;

  add({ value }) {
    this.first ??= value;
    if (this.#lost) this.#back(value);
    if (this.last !== undefined && value <= this.last) this.#again++;
    else if (this.last !== undefined) this.#missing += value - this.last - 1;
    this.last = Math.max(value, this.last ?? 0);
    this.#count++;
    show("#number", text(value));
    show(".tally", `${many(this.#count, "number")} since ${text(this.first)}: ${this.#missing || "none"} missing, ${this.#again || "none"} twice or out of order. ${many(this.#hops, "hop")}, ${many(this.#gaps, "gap")}.`);
  }

  opened(node) {
    if (this.node && this.node !== node) {
      this.#hops++;
      this.#lost ??= { at: performance.now(), after: this.last };
      this.#lost.from = this.node;
    }
    this.node = node;
    this.#say("open", `On node ${node}`);
  }

  lost(forGood) {
    this.#lost ??= { at: performance.now(), after: this.last };
    this.#say(forGood ? "bad" : "waiting", forGood ? "Refused: the browser will not come back" : "No connection; the browser comes back");
  }

  gap({ reason, lost }) {
    this.#gaps++;
    this.#tell(`stream-gap: ${lost ?? "unknown how many"} lost. Reason: ${reason}.`);
  }

  #back(value) {
    const { at, after, from } = this.#lost;
    this.#lost = null;
    if (after === undefined) return;
    const seconds = ((performance.now() - at) / 1000).toFixed(1);
    const way = from && from !== this.node ? `From node ${from} to ${this.node}` : `Back on node ${this.node}`;
    this.#tell(`${way} in ${seconds} s: ${text(value)} came after ${text(after)}, ${value === after + 1 ? "nothing is missing" : "which is wrong"}.`);
  }

  #tell(line) {
    const list = document.querySelector(".told");
    list.prepend(Object.assign(document.createElement("li"), { textContent: line }));
    while (list.childElementCount > mostTold) list.lastElementChild.remove();
  }

  #say(state, line) {
    document.querySelector(".state").dataset.is = state;
    show(".state", line);
  }
}

function show(selector, line) {
  document.querySelector(selector).textContent = line;
}
