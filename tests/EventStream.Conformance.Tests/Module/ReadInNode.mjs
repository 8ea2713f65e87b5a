// node ReadInNode.mjs MODULE: reads {"address", "requests"} from its input, and prints what the module at that path made of them.
import { setMaxListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { readAll } from './ModuleReader.mjs';

// Node has no event `online`: this stands for the window. Each stream listens to it.
const window = new EventTarget();
setMaxListeners(Infinity, window);
globalThis.addEventListener = window.addEventListener.bind(window);
globalThis.dispatchEvent = window.dispatchEvent.bind(window);

const { EventStream } = await import(pathToFileURL(process.argv[2]));
const { address, requests } = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await readAll(EventStream, address, requests)));
