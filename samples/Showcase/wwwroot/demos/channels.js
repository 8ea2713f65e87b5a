// The table of the channels, and has nothing to do with event streams: a row a channel, by its name.
const rows = document.querySelector("tbody");
const units = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function say(state, text) {
  const line = document.querySelector(".card .state");
  line.dataset.is = state;
  line.textContent = text;
}

export function show(channels) {
  const known = new Map([...rows.children].map(row => [row.dataset.name, row]));
  const shown = channels.map(channel => fill(known.get(channel.name) ?? made(channel), channel));
  if (shown.some((row, i) => rows.children[i] !== row) || rows.childElementCount > shown.length) rows.replaceChildren(...shown);
}

function made({ name }) {
  const row = document.createElement("tr");
  row.dataset.name = name;
  row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: name }));
  for (const [figure, label] of [["subscribers", "Subscribers"], ["lag", "Lag"], ["messages", "Messages"], ["bytes", "Bytes"], ["newest", "Newest id"]]) {
    const cell = row.insertCell();
    cell.className = figure;
    cell.dataset.label = label;
  }
  return row;
}

function fill(row, { subscribers, lag, messages, bytes, newest, isCompleted }) {
  set("subscribers", subscribers);
  set("lag", lag);
  set("messages", units.format(messages));
  set("bytes", units.format(bytes));
  set("newest", newest);
  row.querySelector(".lag").classList.toggle("late", lag > 0);
  if (isCompleted && !row.querySelector(".done")) {
    row.firstElementChild.append(Object.assign(document.createElement("span"), { className: "done", textContent: "complete" }));
  }
  return row;

  function set(figure, value) {
    const cell = row.querySelector(`.${figure}`);
    if (figure === "subscribers" && cell.textContent && cell.textContent !== `${value}`) {
      cell.animate({ color: ["var(--accent)", ""], scale: [1.5, 1] }, { duration: 900, easing: "ease-out" });
    }
    cell.textContent = value;
  }
}
