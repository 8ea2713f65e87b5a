// Which node writes, how to kill it, and what shall happen then.
import { html } from '/lib/ai-sdk.js';
import { kill } from '/server.js';

export function Nodes({ isAlone, writer, reader, phase, takeOver, setTakeOver }) {
  return html`<div class="nodes">
    <p class="state" role="status" data-is=${{ ready: 'done', lost: 'waiting' }[phase] ?? 'open'}>
      ${stateOf(isAlone, writer, reader, phase)}
    </p>
    ${!isAlone && html`
      ${writer && phase !== 'lost' && html`<button class="kill" onClick=${() => kill(writer)}>Kill node ${writer}</button>`}
      <fieldset>
        <legend>If its node dies, the next answer</legend>
        ${choice('ends with a fault', false)}
        ${choice('is taken over', true)}
      </fieldset>`}
  </div>`;

  function choice(text, value) {
    const isChosen = takeOver === value;
    return html`<label><input type="radio" name="takeOver" checked=${isChosen} onChange=${() => setTakeOver(value)} /> ${text}</label>`;
  }
}

function stateOf(isAlone, writer, reader, phase) {
  if (phase === 'lost') return 'Reconnecting…';
  if (phase === 'ready') return isAlone ? 'One node, in memory' : 'Two nodes are ready';
  if (!writer) return 'Asking…';
  if (isAlone) return 'The model writes';
  return `Node ${writer} writes, you read through ${writer === reader ? 'it' : `node ${reader}`}`;
}
