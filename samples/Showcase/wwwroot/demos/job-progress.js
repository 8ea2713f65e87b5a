// What the page of the job shows and remembers. Its memory is the tab's: one list of what arrived, a job.
const $ = id => document.getElementById(id);

export class JobView {
  #seen = [];
  #isWatching = false;

  constructor({ start, watch, lookAway }) {
    $("start").onclick = start;
    $("reload").onclick = () => location.reload();
    $("look").onclick = () => {
      this.#setWatching(!this.#isWatching);
      if (this.#isWatching) {
        this.#mark("looked again");
        watch();
      } else {
        lookAway();
        this.say("", "Nobody watches; the job goes on");
      }
    };
  }

  /** The position from which the stream has to go on; empty at the beginning. */
  get lastId() {
    return this.#seen.findLast(entry => entry.id)?.id ?? "";
  }

  /** Shows what this tab has seen of a job; true if there is more to come. */
  open(job) {
    if (!job) return false;
    this.job = job;
    this.#seen = JSON.parse(sessionStorage.getItem(job) ?? "[]");
    $("steps").replaceChildren();
    this.#seen.forEach(entry => this.#show(entry));
    document.querySelector("wire-view").setAttribute("src", `/jobs/${job}/progress`);
    $("reload").disabled = false;
    this.#count();
    if (this.#isFinished) {
      this.#setWatching(false);
      this.say("done", "Done");
      return false;
    }
    if (this.#seen.length) this.#mark("page reloaded");
    this.#setWatching(true);
    return true;
  }

  add(id, { text, total }) {
    this.#remember({ id, text, total });
    this.#count();
  }

  finish(id) {
    this.#remember({ id, text: "done" });
    this.#setWatching(false);
    this.#count();
    this.say("done", "Done");
  }

  lost(forGood) {
    this.say(forGood ? "bad" : "waiting", forGood ? "The server does not know this job" : "The connection was lost; the browser will come back");
    if (forGood) this.#setWatching(false);
  }

  refused() {
    this.say("bad", "The server has too many jobs; try again later");
  }

  say(state, text) {
    const line = document.querySelector(".card .state");
    line.dataset.is = state;
    line.textContent = text;
  }

  get #isFinished() {
    return this.lastId.endsWith(".end");
  }

  #mark(text) {
    this.#remember({ text });
  }

  #remember(entry) {
    this.#seen.push(entry);
    sessionStorage.setItem(this.job, JSON.stringify(this.#seen));
    this.#show(entry);
  }

  #show({ id, text }) {
    const row = document.createElement("li");
    if (id) {
      const position = document.createElement("span");
      position.className = "id";
      position.textContent = `id: ${id}`;
      row.dataset.id = id;
      row.append(position, text);
    } else {
      row.className = "mark";
      row.append(text);
    }
    $("steps").append(row);
    $("log").scrollTop = $("log").scrollHeight;
  }

  /** Counts what arrived: a step that came twice, or did not come, would show here. */
  #count() {
    const ids = this.#seen.filter(({ id }) => id && !id.endsWith(".end")).map(({ id }) => Number(id));
    const last = Math.max(0, ...ids);
    $("progress").max = this.#seen.find(({ total }) => total)?.total ?? $("progress").max;
    const twice = ids.length - new Set(ids).size;
    const missing = last - new Set(ids).size;
    $("progress").value = last;
    $("count").textContent = `${last} of ${$("progress").max}`;
    $("verdict").textContent = `${ids.length} steps arrived: ${twice || "none"} twice, ${missing || "none"} missing.`;
  }

  #setWatching(isWatching) {
    this.#isWatching = isWatching;
    $("look").disabled = this.#isFinished || !this.job;
    $("look").textContent = isWatching || this.#isFinished ? "Look away" : "Look again";
  }
}
