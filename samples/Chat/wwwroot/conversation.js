// useChat, and what a page adds to it: it reconnects when a node dies, and shows what the chat's other pages ask.
import { DefaultChatTransport, useChat, useEffect, useRef, useState } from '/lib/ai-sdk.js';
import { delay, load, stop, watchQuestions } from '/server.js';

const answerIn = messages => messages.at(-1)?.role === 'assistant' ? messages.at(-1) : undefined;

// The server keeps every answer that its node could end. What is not kept has died with its node.
function outcomeOf(answer, run) {
  if (answer) return answer.parts.findLast(part => part.type === 'data-end')?.data ?? null;
  return run === 'Failed' ? 'died' : 'unanswered';
}

// The response did not come, or was cut. An answer with an error in it is whole.
const isCut = error => error instanceof TypeError || error.statusCode >= 500;

/**
 * @returns useChat's `messages` and `error`;
 *   `phase`: `ready`, `reading`, `stopping`, or `lost` while the page reconnects;
 *   `reader`: the node that it reads through;
 *   `outcome`: how the newest answer ended, unless it ended well: `stopped`, `failed`, `died`, or `unanswered`.
 */
export function useConversation(id, stored, takeOver) {
  const [phase, setPhase] = useState('reading');
  const [reader, setReader] = useState(null);
  const [outcome, setOutcome] = useState(null);
  const latest = useRef({});
  const [transport] = useState(() => new DefaultChatTransport({
    body: () => ({ takeOver: latest.current.takeOver }),
    fetch: async (...request) => {
      const response = await fetch(...request);
      setReader(response.headers.get('x-node'));
      if (response.ok) setPhase(phase => phase === 'lost' ? 'reading' : phase);
      return response;
    },
  }));
  const chat = useChat({ id, messages: stored, transport, onError: error => { latest.current.isCut = isCut(error); } });
  Object.assign(latest.current, { chat, takeOver, phase });

  // Reads an answer to its end, over as many connections as it takes. Then shows it as the server has kept it.
  async function read(start) {
    Object.assign(latest.current, { isCut: false, phase: 'reading' });
    setPhase('reading');
    setOutcome(null);
    await start();
    while (latest.current.isCut) {
      setPhase('lost');
      await delay(400);
      latest.current.isCut = false;
      await chat.resumeStream();
    }

    const kept = await settled();
    const answer = answerIn(kept.messages);
    if (answer && !latest.current.chat.messages.some(message => message.id === answer.id)) chat.setMessages(kept.messages);
    if (kept.messages.length > 0 || latest.current.chat.messages.length > 0) setOutcome(outcomeOf(answer, kept.run));
    setPhase('ready');
  }

  // An answer is kept a moment before or after its readers get the end.
  async function settled() {
    let kept = await load(id);
    for (let tries = 0; tries < 10 && /Running|Stopped|Complete/.test(kept.run) && !answerIn(kept.messages); tries++) {
      await delay(200);
      kept = await load(id);
    }
    return kept;
  }

  useEffect(() => {
    read(chat.resumeStream);
    return watchQuestions(id, async () => {
      if (latest.current.phase !== 'ready') return;
      latest.current.phase = 'reading';
      chat.setMessages((await load(id)).messages);
      await read(chat.resumeStream);
    });
  }, []);

  return {
    messages: chat.messages,
    error: chat.error,
    phase,
    reader,
    outcome,
    ask: text => read(() => chat.sendMessage({ text })),
    askAgain: () => read(chat.regenerate),
    stop: () => {
      setPhase('stopping');
      return stop(id);
    },
  };
}
