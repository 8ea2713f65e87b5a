// What the page of the dead connection says of a reader beside its prices: how long it has got nothing, and what it takes itself for.
import { PriceView } from "/demos/price-view.js";

const states = ["CONNECTING", "OPEN", "CLOSED"];

export class ReaderView extends PriceView {
  /** A view as of the prices; its source is set when it is opened. */
  constructor(panel, options) {
    super(panel, options);
    setInterval(() => this.#tell(), 250);
  }

  #tell() {
    if (!this.heardAt) return;
    const seconds = Math.floor((performance.now() - this.heardAt) / 1000);
    const state = Object.assign(document.createElement("code"), { textContent: states[this.source.readyState] });
    this.panel.querySelector(".silence").replaceChildren(`Last message ${seconds} s ago. readyState: `, state);
  }
}
