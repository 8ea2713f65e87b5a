// The list of the demos, as the server has it: links in each page's header, and cards on the home page.
const demos = fetch("/demos").then(response => response.json());

function element(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

customElements.define("demo-nav", class extends HTMLElement {
  async connectedCallback() {
    const links = (await demos).map(({ title, url }) => {
      const link = element("a", { href: url }, title);
      if (url === location.pathname) link.setAttribute("aria-current", "page");
      return element("li", {}, link);
    });
    const nav = element("nav", {}, element("ul", {}, ...links));
    nav.setAttribute("aria-label", "Demos");
    this.replaceChildren(nav);
  }
});

customElements.define("demo-cards", class extends HTMLElement {
  async connectedCallback() {
    const cards = (await demos).map(({ title, summary, url }) =>
      element("li", { className: "card" },
        element("h3", {}, element("a", { href: url }, title)),
        element("p", {}, summary)));
    this.replaceChildren(element("ol", {}, ...cards));
  }
});
