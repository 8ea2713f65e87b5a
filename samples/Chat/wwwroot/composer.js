// Where a question is written, and the answer is stopped.
import { html, useEffect, useRef, useState } from '/lib/ai-sdk.js';

export function Composer({ chat, isBusy }) {
  const [text, setText] = useState('');
  const box = useRef(null);
  const isStopping = chat.phase === 'stopping';
  useEffect(() => { if (!isBusy) box.current.focus({ preventScroll: true }); }, [isBusy]);

  function ask(event) {
    event.preventDefault();
    if (isBusy || !text.trim()) return;
    chat.ask(text.trim());
    setText('');
  }

  const askOnEnter = event => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) ask(event);
  };
  return html`<form class="composer" onSubmit=${ask}>
    <textarea ref=${box} name="question" rows="1" aria-label="Your question" placeholder="Ask anything, or /error"
      value=${text} onChange=${event => setText(event.target.value)} onKeyDown=${askOnEnter} />
    ${isBusy && chat.messages.length > 0
      ? html`<button type="button" class="stop" onClick=${chat.stop} disabled=${isStopping}>${isStopping ? 'Stopping…' : 'Stop'}</button>`
      : html`<button class="primary" disabled=${isBusy || !text.trim()}>Ask</button>`}
  </form>`;
}
