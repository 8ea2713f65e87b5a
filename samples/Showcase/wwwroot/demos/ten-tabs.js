// The page of the ten tabs: its frames, its switch, and what it can say of them. No stream is read here.
const $ = id => document.getElementById(id);

// The page begins with shared streams.
localStorage.setItem("ten-tabs", "shared");
$("plain").onchange = ({ target }) => localStorage.setItem("ten-tabs", target.checked ? "plain" : "shared");

for (let number = 1; number <= 10; number++) {
  const tab = document.createElement("li");
  const frame = Object.assign(document.createElement("iframe"), { src: "/demos/tab.html", title: `Tab ${number}` });
  const close = Object.assign(document.createElement("button"), { textContent: "Close", ariaLabel: `Close tab ${number}` });
  close.onclick = () => tab.remove();
  tab.append(frame, close);
  $("frames").append(tab);
}

setInterval(() => {
  const states = [...document.querySelectorAll("iframe")].map(frame => frame.contentDocument?.querySelector(".state")?.dataset.is);
  $("count").textContent = states.length;
  $("live").textContent = states.filter(state => state === "open").length;
}, 250);

// The count comes by the streams of the tabs, because this page may be unable to ask for it.
new BroadcastChannel("ten-tabs").onmessage = ({ data }) => $("connections").textContent = data;

ask();
async function ask() {
  const begun = performance.now();
  const waiting = setInterval(() => {
    $("request").textContent = `waits ${Math.floor((performance.now() - begun) / 1000)} s`;
    $("request").className = "late";
  }, 1000);
  try {
    await fetch("/demos", { cache: "no-store" });
    const time = performance.now() - begun;
    $("request").textContent = time < 1000 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(1)} s`;
    $("request").className = "";
  } catch {
    $("request").textContent = "no answer";
  }
  clearInterval(waiting);
  setTimeout(ask, 1000);
}
