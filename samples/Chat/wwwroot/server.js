// What the page asks of the server, beside what useChat asks by itself.
const addressOf = id => `/api/chat/${encodeURIComponent(id)}`;

/** The chat as the server has kept it, and the state of its newest answer. Asks until a node answers. */
export async function load(id) {
  for (;;) {
    try {
      const response = await fetch(addressOf(id));
      if (response.ok) return await response.json();
    } catch { /* No node answers now. */ }
    await delay(500);
  }
}

/** Stops the answer, on whichever node it is. */
export const stop = id => fetch(`${addressOf(id)}/stream`, { method: 'DELETE' });

/** Calls back when a page has asked a question in this chat. */
export function watchQuestions(id, act) {
  const source = new EventSource(`${addressOf(id)}/questions`);
  source.onmessage = act;
  return () => source.close();
}

/** Kills a node. The node cannot answer, so nginx says 502. */
export const kill = node => fetch(`/nodes/${node}/kill`, { method: 'POST' });

export const delay = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
