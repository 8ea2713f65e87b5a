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
        watch(this.#lastId);
      } else {
        lookAway();
        this.#mark("looked away");
        this.#sayAway();
      }
    };
  }

  /** Shows what this tab has seen of a job; true if it watches the job and there is more to come. */
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
    const isWatching = this.#seen.at(-1)?.text !== "looked away";
    if (this.#seen.length && isWatching) this.#mark("page reloaded");
    this.#setWatching(isWatching);
    if (!isWatching) this.#sayAway();
    return isWatching;
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

  lost() {
    this.say("waiting", "The connection was lost; the page will reconnect");
  }

  refused(why) {
    this.say("bad", why === 404 ? "The server does not know this job" : `The stream is closed: ${why}`);
    this.#setWatching(false);
  }

  say(state, text) {
    const line = document.querySelector(".card .state");
    line.dataset.is = state;
    line.textContent = text;
  }

  #sayAway() {
    this.say("", "Nobody watches; the job goes on");
  }

  /** The id of the newest step; undefined before the first. */
  get #lastId() {
    return this.#seen.findLast(entry => entry.id)?.id;
  }

  get #isFinished() {
    return this.#lastId?.endsWith(".end");
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
