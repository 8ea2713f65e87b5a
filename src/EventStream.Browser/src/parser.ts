/** The reconnection time until the server sets one, in milliseconds. */
export const DEFAULT_RETRY = 3_000;

/** A block has ended, so `id` is the position. Without `data` the block is no event. */
export type OnBlock = (id: string, type: string, data: string | undefined) => void;

/** The server has set the reconnection time, in milliseconds. */
export type OnRetry = (milliseconds: number) => void;

/**
 * Makes a parser of the text of one stream (HTML, section 9.2.6).
 *
 * It reads the text as it arrives, and returns something truthy if the text so far stops inside an event: a stream that ends there was cut,
 * even if its connection ended cleanly. The text is decoded already, and the decoder has taken the byte order mark away.
 * A stream begins with the position of the one before it, as in browsers (decision 34).
 */
export function parserOf(id: string, onBlock: OnBlock, onRetry: OnRetry): (text: string) => unknown {
  let type = "";
  let data: string | undefined;
  let rest = "";
  let cr = "";
  let hasField: boolean | undefined;

  function readField(line: string): void {
    const [, name, value] = line.match(/([^:]*):? ?(.*)/s)!;
    if (name === "data") data = data === undefined ? value : data + "\n" + value;
    else if (name === "event") type = value;
    else if (name === "id") id = value.includes("\0") ? id : value;
    else {
      // A number of more than 64 bits is ignored, and an empty value restores the default, as in browsers (decision 33).
      if (name === "retry" && !/\D/.test(value) && (value as unknown as bigint) < 2n ** 64n) onRetry(+(value || DEFAULT_RETRY));
      return;
    }
    hasField = true;
  }

  return text => {
    // CR and LF are one line end, also where they come apart. So the CR at the end of a text is read once more, with the next one.
    text = cr + text;
    const lines = text.split(/\r\n?|\n/);
    if (cr) lines.shift();
    cr = text.endsWith("\r") ? "\r" : "";
    lines[0] = rest + lines[0];
    rest = lines.pop()!;
    for (const line of lines) {
      if (line) {
        readField(line);
      } else {
        onBlock(id, type || "message", data);
        type = "";
        data = hasField = undefined;
      }
    }
    return hasField || rest;
  };
}
