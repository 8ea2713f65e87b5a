// Lines of an event stream, as a person reads them: what each is, and every character that has no shape of its own made visible.
const fields = ["id", "event", "data", "retry"];
const names = { "\n": "LF", "\r": "CR", "\t": "TAB", "\0": "NUL", "\ufeff": "BOM" };
const invisible = /([\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff])/;

/** What a line is: comment, id, event, data, retry, blank or unknown. */
export function kindOf(line) {
  if (line === "") return "blank";
  if (line.startsWith(":")) return "comment";
  const name = line.split(":", 1)[0];
  return fields.includes(name) ? name : "unknown";
}

/** Cuts text at CRLF, CR and LF; what is left of an unfinished line is the beginning of the next text. */
export function splitLines(text) {
  // A CR at the very end may be half of a CRLF.
  const lines = [...text.matchAll(/([^\r\n]*)(\r\n|\r(?!$)|\n)/g)].map(([, line, ending]) => ({ line, ending }));
  const length = lines.reduce((sum, { line, ending }) => sum + line.length + ending.length, 0);
  return { lines, rest: text.slice(length) };
}

/** The nodes that show a text, its control characters by their names; their text is the text itself. */
export function visible(text) {
  return text.split(invisible).filter(part => part !== "").map(part => {
    if (!invisible.test(part)) return document.createTextNode(part);
    const control = document.createElement("span");
    control.className = "control";
    control.dataset.name = names[part] ?? `U+${part.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    control.textContent = part;
    return control;
  });
}
