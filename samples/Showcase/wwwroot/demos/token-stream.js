// What the page of the tokens shows and remembers. Its memory is the tab's: for each answer the tokens that came, each with its id.
const $ = id => document.getElementById(id);

export class AnswerView {
  #tokens = [];
  #last = null;

  constructor({ ask }) {
    $("ask").onsubmit = event => {
      event.preventDefault();
      ask($("question").value);
    };
    $("reload").onclick = () => location.reload();
  }

  /** Shows what this tab has of an answer; true if there is more to come. */
  open(answer) {
    if (!answer) return false;
    this.answer = answer;
    this.#tokens = JSON.parse(sessionStorage.getItem(answer) ?? "[]");
    const isComplete = this.#tokens.at(-1)?.id.endsWith(".end");
    if (this.#tokens.length && !isComplete) this.#tokens.at(-1).isReload = true;
    $("answer").replaceChildren();
    this.#tokens.forEach(token => this.#show(token));
    $("reload").disabled = false;
    $("second").href = `/demos/token-stream.html#${answer}`;
    document.querySelector("wire-view").setAttribute("src", `/answers/${answer}`);
    this.#count();
    if (isComplete) this.finish();
    else this.say("waiting", "Connecting…");
    return !isComplete;
  }

  add(id, text) {
    this.#remember({ id, text });
  }

  end(id) {
    this.#remember({ id, text: "" });
  }

  finish() {
    this.say("done", "Complete");
  }

  lost() {
    this.say("waiting", "The connection was lost; the page will reconnect");
  }

  refused(why) {
    this.say("bad", why === 404 ? "The server does not know this answer any more" : `The stream is closed: ${why}`);
  }

  say(state, text) {
    const line = document.querySelector(".card .state");
    line.dataset.is = $("answer").dataset.is = state;
    line.textContent = text;
  }

  #remember(token) {
    this.#tokens.push(token);
    sessionStorage.setItem(this.answer, JSON.stringify(this.#tokens));
    this.#show(token);
    this.#count();
  }

  #show({ text, isReload }) {
    this.#last?.replaceWith(...this.#last.childNodes);
    this.#last = Object.assign(document.createElement("mark"), { textContent: text });
    $("answer").append(this.#last);
    // By the style sheet, because it is no part of the text.
    if (isReload) $("answer").append(Object.assign(document.createElement("span"), { className: "reload" }));
  }

  /** Counts what arrived, by the numbers in the ids: a token that came twice, or did not come, would show here. */
  #count() {
    const numbers = this.#tokens.filter(({ id }) => !id.endsWith(".end")).map(({ id }) => Number(id.split("-").at(-1)));
    if (!numbers.length) return;
    const different = new Set(numbers).size;
    const missing = Math.max(...numbers) - different;
    $("verdict").textContent = `${numbers.length} tokens arrived: ${numbers.length - different || "none"} twice, ${missing || "none"} missing.`;
  }
}
