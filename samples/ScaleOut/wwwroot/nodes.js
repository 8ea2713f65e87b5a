// The table of the nodes: a row a node.
const silence = 3000;
const rows = document.querySelector("tbody");

export class NodeTable {
  #nodes = new Map();

  constructor() {
    for (const name of ["a", "b", "c"]) this.#nodes.set(name, { row: made(name), pages: 0, got: 0, counted: 0 });
    setInterval(() => this.#show(), 500);
  }

  opened(name) {
    this.here = name;
    this.#show();
  }

  count({ node }) {
    this.#nodes.get(this.here).got++;
    this.#nodes.get(node).counted++;
    this.#show();
  }

  report({ node, here, all }) {
    Object.assign(this.#nodes.get(node), { pages: here, heard: performance.now() });
    if (node === this.here) set("pages", all);
    this.#show();
  }

  #show() {
    for (const [name, node] of this.#nodes) {
      const isSilent = !(performance.now() - node.heard < silence);
      node.row.toggleAttribute("data-here", name === this.here);
      node.row.toggleAttribute("data-silent", isSilent);
      const [pages, got, counted] = node.row.querySelectorAll("td");
      pages.textContent = isSilent ? "silent" : node.pages;
      got.textContent = node.got;
      counted.textContent = node.counted;
    }

    for (const figure of ["got", "counted"]) set(figure, [...this.#nodes.values()].reduce((sum, node) => sum + node[figure], 0));
  }
}

function set(id, figure) {
  document.getElementById(id).textContent = figure;
}

function made(name) {
  const row = rows.insertRow();
  row.dataset.name = name;
  row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: name }));
  for (let i = 0; i < 4; i++) row.insertCell();
  const kill = Object.assign(document.createElement("button"), { textContent: "Kill" });
  kill.setAttribute("aria-label", `Kill node ${name}`);
  // It does not answer: it is dead.
  kill.onclick = () => fetch(`/nodes/${name}/kill`, { method: "POST" });
  row.lastElementChild.append(kill);
  return row;
}
