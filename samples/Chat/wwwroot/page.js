// Opens the chat that the address names; without a name it is a new one.
import { createRoot, html } from '/lib/ai-sdk.js';
import { Chat } from '/chat.js';
import { load } from '/server.js';

const address = new URL(location);
if (!address.searchParams.get('chat')) {
  address.searchParams.set('chat', Array.from(crypto.getRandomValues(new Uint8Array(8)), byte => byte.toString(36)).join(''));
  history.replaceState(null, '', address);
}

const id = address.searchParams.get('chat');
const { messages, takeOver, isAlone } = await load(id);
createRoot(document.body).render(html`<${Chat} id=${id} stored=${messages} storedTakeOver=${takeOver} isAlone=${isAlone} />`);
