import type { StreamRequest } from "./options.js";

/** How the keys of an identity begin. Text in JSON ends where its quotes end, so no identity is the beginning of another. */
export const keyOf = (identity: string | undefined): string => "event-stream:" + JSON.stringify(identity);

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
