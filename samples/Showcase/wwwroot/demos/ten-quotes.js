// What the page of the ten quotes shows, and has nothing to do with event streams.

export function say(panel, state, text) {
  const line = document.querySelector(`${panel} .state`);
  line.dataset.is = state;
  line.textContent = text;
}

export function quote({ text, author, work }) {
  const item = document.createElement("li");
  const words = document.createElement("q");
  const source = document.createElement("cite");
  const title = document.createElement("i");
  words.textContent = text;
  title.textContent = work;
  source.append(`${author}, `, title);
  item.append(words, " ", source);
  return item;
}

const htmx = document.querySelector("#htmx");
htmx.addEventListener("htmx:sseOpen", () => say("#htmx", "open", "Open"));
htmx.addEventListener("htmx:sseError", () => say("#htmx", "waiting", "The connection was lost; htmx will come back"));
htmx.addEventListener("htmx:sseClose", () => say("#htmx", "done", "Finished: htmx closed the stream"));
