import { keyOf } from "./persistence.js";

/** Ends every shared stream of an identity in all tabs. Each of them forgets the position that it has kept, and so does this page. */
export async function logout(identity: string): Promise<void> {
  const prefix = keyOf(identity);
  try {
    // For the pages that are in the back/forward cache.
    localStorage.setItem(prefix, "" + Date.now());
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
  } catch {
    // Even looking at a forbidden storage throws.
  }
  const channel = logoutsOf(identity);
  channel?.postMessage("");
  channel?.close();
}

/** Listens for logouts of an identity in any tab; undefined where the browser has no channels. */
export function logoutsOf(identity: string | undefined, onLogout: () => void = () => {}): BroadcastChannel | undefined {
  try {
    const channel = new BroadcastChannel(keyOf(identity));
    channel.onmessage = onLogout;
    return channel;
  } catch {
    return undefined;
  }
}

/** When an identity was last logged out, in milliseconds; 0 if that is not known. */
export function loggedOutAt(identity: string | undefined): number {
  try {
    return +localStorage.getItem(keyOf(identity))!;
  } catch {
    return 0;
  }
}
