// What a tab of the ten shows, and how it learns of the switch. It passes the count of connections on to the page of the ten.
const $ = id => document.getElementById(id);
const page = new BroadcastChannel("ten-tabs");

export class TabView {
  #since = performance.now();
  #isOpen = false;
  #last = null;
  #missing = 0;
  #twice = 0;

  constructor({ watch }) {
    // The page of the ten has turned the switch.
    addEventListener("storage", ({ key }) => {
      if (key !== "ten-tabs") return;
      this.#last = null;
      this.#missing = this.#twice = 0;
      this.#since = performance.now();
      $("price").textContent = "–";
      $("number").textContent = "no message yet";
      this.lost();
      watch();
    });
    setInterval(() => this.#tick(), 250);
  }

  get isPlain() {
    return localStorage.getItem("ten-tabs") === "plain";
  }

  open() {
    this.#isOpen = true;
    this.#tick();
  }

  lost() {
    this.#isOpen = false;
    this.#tick();
  }

  price({ number, symbol, value }) {
    this.#since = performance.now();
    $("price").textContent = `${symbol} ${value.toFixed(2)}`;
    if (number <= this.#last) this.#twice++;
    else if (this.#last !== null) this.#missing += number - this.#last - 1;
    this.#last = number;
    $("number").textContent = `№ ${number}, ${this.#missing || "none"} missing, ${this.#twice || "none"} twice`;
  }

  connections(count) {
    page.postMessage(count);
  }

  #tick() {
    const state = document.querySelector(".state");
    const seconds = Math.floor((performance.now() - this.#since) / 1000);
    state.dataset.is = this.#isOpen ? "open" : "waiting";
    state.textContent = this.#isOpen ? "Open" : `Waiting ${seconds} s`;
  }
}
