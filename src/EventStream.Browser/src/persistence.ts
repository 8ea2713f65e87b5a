import type { StreamRequest } from "./options.js";

/**
 * How the names of an identity begin, in the storage and between tabs. Text in JSON ends where its quotes end, so no identity is the
 * beginning of another. The number is that of the protocol between tabs, which another version of the module may not speak.
 */
export const keyOf = (identity: unknown): string => "event-stream/1:" + JSON.stringify(identity && "" + identity);

/**
 * Keeps the position of a stream in `sessionStorage`, so that it outlives a reload and a navigation.
 * The function that it returns calls the storage for the stream's key. Where the storage is missing, forbidden or full, nothing happens.
 */
export function persistenceOf({ persist, identity, method, url }: StreamRequest) {
  return (action: "getItem" | "setItem" | "removeItem", position?: string): string | null | void => {
    try {
      if (persist) return sessionStorage[action](keyOf(identity) + method + url, position!);
    } catch {
      // Even looking at a forbidden storage throws.
    }
  };
}
