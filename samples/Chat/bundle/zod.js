// Imported before the AI SDK, which checks its parts with zod. By default zod tries out `new Function` for speed, and the browser
// reports that to the console of a page whose Content-Security-Policy forbids it.
import { config } from 'zod/v4';

config({ jitless: true });
