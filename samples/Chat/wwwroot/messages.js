// The messages of a chat, part by part.
import { html } from '/lib/ai-sdk.js';

const textOf = message => message.parts.filter(part => part.type === 'text').map(part => part.text).join('');

export function Message({ message, isBeingWritten }) {
  if (message.role === 'user') return html`<li class="question"><p>${textOf(message)}</p></li>`;
  return html`<li class=${isBeingWritten ? 'answer writing' : 'answer'}>
    <${Answer} parts=${message.parts} isBeingWritten=${isBeingWritten} />
  </li>`;
}

/** The node that writes an answer, or wrote it last. */
export const writerOf = message => message?.parts?.findLast(part => part.type === 'data-node')?.data;

// Each node that writes begins with its name. A second name: that node has taken over, and begins again.
function Answer({ parts, isBeingWritten }) {
  const attempts = [];
  for (const part of parts) {
    if (part.type === 'data-node') attempts.push({ node: part.data, parts: [] });
    else attempts.at(-1)?.parts.push(part);
  }
  return attempts.map((attempt, index) => {
    const isLast = index === attempts.length - 1;
    const isOpen = place => isBeingWritten && isLast && place === attempt.parts.length - 1;
    const content = attempt.parts.map((part, place) => html`<${Part} key=${place} part=${part} isOpen=${isOpen(place)} />`);
    return isLast
      ? html`<div key=${index} class="attempt">${content}</div>`
      : html`<div key=${index} class="lost">
          <details><summary>What node ${attempt.node} had written</summary>${content}</details>
          <p class="taken-over">Node ${attempt.node} died. Node ${attempts[index + 1].node} took over, and began the answer again.</p>
        </div>`;
  });
}

function Part({ part, isOpen }) {
  if (part.type === 'text') return part.text.trim().split('\n\n').map((text, index) => html`<p key=${index}>${text}</p>`);
  if (part.type === 'reasoning') {
    return html`<details class="reasoning" open=${isOpen}><summary>Reasoning</summary><p>${part.text}</p></details>`;
  }
  if (part.type.startsWith('tool-')) return html`<${Tool} part=${part} />`;
  return null;
}

function Tool({ part }) {
  const call = `${part.type.slice('tool-'.length)}(${Object.values(part.input ?? {}).map(value => JSON.stringify(value)).join(', ')})`;
  return html`<p class="tool" data-state=${part.state}>
    <code>${call}</code>
    <output>${part.state === 'output-available' ? JSON.stringify(part.output) : 'running…'}</output>
  </p>`;
}
