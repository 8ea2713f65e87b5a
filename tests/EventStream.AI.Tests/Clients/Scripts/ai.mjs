// The chat of the AI SDK on which useChat is built: `send` a message, or `resume` the answer that is running.
// Prints the chat as JSON when the answer has ended.
import { AbstractChat, DefaultChatTransport } from '../lib/ai.mjs';

class State {
  status = 'ready';
  error = undefined;
  messages = [];
  pushMessage = message => { this.messages = [...this.messages, message]; };
  popMessage = () => { this.messages = this.messages.slice(0, -1); };
  replaceMessage = (index, message) => { this.messages[index] = this.snapshot(message); };
  snapshot = value => structuredClone(value);
}

class Chat extends AbstractChat {
  constructor(init) { super({ ...init, state: new State() }); }
}

const [address, what, id, text] = process.argv.slice(2);
const data = [];
let finish = {};
const chat = new Chat({
  id,
  transport: new DefaultChatTransport({ api: `${address}/api/chat` }),
  onData: part => data.push(part),
  onFinish: ({ isAbort, isError, isDisconnect, finishReason }) => { finish = { isAbort, isError, isDisconnect, finishReason }; },
});

if (what === 'send') await chat.sendMessage({ text });
else await chat.resumeStream();

console.log(JSON.stringify({
  status: chat.status, error: chat.error?.message, answer: chat.messages.findLast(message => message.role === 'assistant'), data, finish,
}));
