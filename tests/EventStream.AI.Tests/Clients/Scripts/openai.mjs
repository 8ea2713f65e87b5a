// OpenAI's own library for JavaScript: asks, and prints the chunks, the completion that it makes of them, and the error, as JSON.
import OpenAI from '../lib/openai.mjs';

const [address, text] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'none', maxRetries: 0 });
const stream = client.chat.completions.stream({
  model: 'fake-1', messages: [{ role: 'user', content: text }], stream_options: { include_usage: true },
});

const chunks = [];
let completion, error;
try {
  for await (const chunk of stream) chunks.push(chunk);
  completion = await stream.finalChatCompletion();
} catch (thrown) {
  error = { name: thrown.constructor.name, message: thrown.message, type: thrown.type, code: thrown.code };
}

console.log(JSON.stringify({ chunks: chunks.length, text: chunks.map(c => c.choices[0]?.delta.content ?? '').join(''), completion, error }));
