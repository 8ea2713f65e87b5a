// The page.
import { html, useEffect, useRef, useState } from '/lib/ai-sdk.js';
import { useConversation } from '/conversation.js';
import { Composer } from '/composer.js';
import { Message, writerOf } from '/messages.js';
import { Nodes } from '/nodes.js';

const suggestions = [
  ['What happens when I reload?', 'Reload in the middle of the answer.'],
  ['How does stop work?', 'Open a second tab, and stop it there.'],
  ['What if a node dies?', 'With two nodes, kill the one that writes.'],
  ['/error', 'See how an error arrives.'],
];

export function Chat({ id, stored, storedTakeOver, isAlone }) {
  const [takeOver, setTakeOver] = useState(storedTakeOver);
  const chat = useConversation(id, stored, takeOver);
  const isBusy = chat.phase !== 'ready';
  const newest = chat.messages.at(-1);
  const writer = newest?.role === 'assistant' ? writerOf(newest) : undefined;
  useScrolling(chat.messages);
  const asked = chat.messages.length > 0;
  return html`
    <header>
      <a class="brand" href="/">EventStream</a>
      <nav><a href=${location.href} target="_blank">Second tab</a><a href="/">New chat</a></nav>
    </header>
    <main>
      ${asked
        ? html`<ol class="messages" role="log" aria-label="Chat">
            ${chat.messages.map(message => html`
              <${Message} key=${message.id} message=${message} isBeingWritten=${isBusy && message === newest} />`)}
          </ol>
          <${Outcome} chat=${chat} writer=${writer} />`
        : html`<${Welcome} ask=${chat.ask} isBusy=${isBusy} />`}
    </main>
    <footer>
      <${Composer} chat=${chat} isBusy=${isBusy} />
      <${Nodes} isAlone=${isAlone} writer=${isBusy ? writer : undefined} reader=${isBusy ? chat.reader : undefined}
        phase=${asked ? chat.phase : 'ready'} takeOver=${takeOver} setTakeOver=${setTakeOver} />
    </footer>`;
}

function Welcome({ ask, isBusy }) {
  return html`<div class="welcome">
    <h1>Ask, and try to lose the answer</h1>
    <p class="lead">Reload, close the tab, open it twice, stop it from elsewhere, or kill the server that writes.
      The model is a fake. The rest is real.</p>
    <ul>${suggestions.map(([question, hint]) => html`
      <li key=${question}>
        <button disabled=${isBusy} onClick=${() => ask(question)}><strong>${question}</strong><span>${hint}</span></button>
      </li>`)}
    </ul>
  </div>`;
}

// What happened to the newest answer, unless all is well.
function Outcome({ chat, writer }) {
  const text = chat.phase === 'lost' ? 'The connection broke. Looking for another node…'
    : chat.phase === 'ready' ? outcomes[chat.outcome]?.(chat, writer)
    : null;
  const isCalm = chat.phase !== 'ready' || chat.outcome === 'stopped';
  return html`<div class="outcome" role="status" data-is=${isCalm ? 'calm' : 'bad'}>
    ${text && html`<p>${text}</p>`}
    ${text && chat.phase === 'ready' && html`<button onClick=${chat.askAgain}>Ask again</button>`}
  </div>`;
}

const outcomes = {
  stopped: () => 'Stopped. The words above are kept.',
  failed: ({ error }) => error?.message ?? 'The model has failed.',
  died: (_, writer) => `Node ${writer ?? 'that wrote the answer'} died, and the answer ended with it.`,
  unanswered: () => 'This question has no answer.',
};

// Follows the answer, unless the reader has scrolled up.
function useScrolling(messages) {
  const follows = useRef(true);
  useEffect(() => {
    const look = () => { follows.current = innerHeight + scrollY > document.documentElement.scrollHeight - 80; };
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);
  useEffect(() => {
    if (messages.length > 0 && follows.current) scrollTo(0, document.documentElement.scrollHeight);
  }, [messages]);
}
