// <source-code file="Clock.cs"> shows a C# file of the server, <source-code of="#id"> a script or an element of this page.
// With page, the element is one of that page. All are what runs, not a copy of it. With folded, it is closed at first.
const comment = /\/\/.*|<!--[\s\S]*?-->/;
const string = /\$?"""[\s\S]*?"""|\$?"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/;
const words = "async await class const else false for foreach from function if import in internal is lock let new null out private public readonly record return sealed static string switch this true using var void while with yield";
const token = {
  cs: new RegExp(`(?<comment>${comment.source})|(?<string>${string.source})|\\b(?<keyword>${words.replaceAll(" ", "|")})\\b`, "g"),
  html: new RegExp(`(?<comment>${comment.source})|(?<string>${string.source})|(?<keyword></?[\\w-]+|/?>)`, "g"),
};

function* highlighted(code, language) {
  let end = 0;
  for (const match of code.matchAll(token[language])) {
    yield code.slice(end, match.index);
    const span = document.createElement("span");
    span.className = Object.keys(match.groups).find(name => match.groups[name] !== undefined);
    span.textContent = match[0];
    yield span;
    end = match.index + match[0].length;
  }
  yield code.slice(end);
}

// Lines of an element in a page are indented by where they stand in it.
function dedented(text) {
  const lines = text.replace(/^\s*\n/, "").trimEnd().split("\n");
  const indented = lines.length > 1 && /^\S/.test(lines[0]) ? lines.slice(1) : lines;
  const depth = Math.min(...indented.filter(line => line.trim()).map(line => line.search(/\S/)));
  return lines.map(line => line.startsWith(" ".repeat(depth)) ? line.slice(depth) : line).join("\n");
}

const read = async page => new DOMParser().parseFromString(await (await fetch(page)).text(), "text/html");

const fromNamespaceOn = code => code.replace(/^[\s\S]*?^namespace .*\s*/m, "").trimEnd();

customElements.define("source-code", class extends HTMLElement {
  async connectedCallback() {
    const file = this.getAttribute("file");
    const of = this.getAttribute("of");
    const page = this.getAttribute("page");
    const part = of && (page ? await read(page) : document).querySelector(of);
    const language = file || part.matches("script") ? "cs" : "html";
    // Taken before anything runs that changes the element.
    const inPage = part && dedented(part.matches("script") ? part.textContent : part.outerHTML);
    const code = inPage ?? fromNamespaceOn(await (await fetch(`/source/${file}`)).text());

    const label = this.getAttribute("label");
    const summary = document.createElement("summary");
    summary.append(label);
    if (file) summary.append(Object.assign(document.createElement("a"), { href: `/source/${file}`, textContent: file }));

    const pre = document.createElement("pre");
    pre.tabIndex = 0;
    pre.setAttribute("role", "region");
    pre.setAttribute("aria-label", file ? `${label}: ${file}` : label);
    const text = document.createElement("code");
    text.append(...highlighted(code, language));
    pre.append(text);
    const details = document.createElement("details");
    details.open = !this.hasAttribute("folded");
    details.append(summary, pre);
    this.replaceChildren(details);
  }
});
