// The HttpAgent of AG-UI, which verifies the order of the events: runs the agent, and prints messages, state and events as JSON.
import { HttpAgent } from '../lib/ag-ui.mjs';

const [url, text] = process.argv.slice(2);
const agent = new HttpAgent({ url, threadId: 't1' });
agent.addMessage({ id: 'u1', role: 'user', content: text });

const events = [];
let error;
try {
  await agent.runAgent({ runId: 'r1' }, {
    onEvent: ({ event }) => { events.push(event.type); },
    onRunFailed: ({ error: failure }) => { error ??= failure.message; },
    onRunErrorEvent: ({ event }) => { error ??= event.message; },
    onRunFinishedEvent: ({ event }) => { events.push(event.outcome?.type ?? 'no outcome'); },
  });
} catch (thrown) {
  error ??= thrown.message;
}

console.log(JSON.stringify({ messages: agent.messages.slice(1), state: agent.state, events, error }));
