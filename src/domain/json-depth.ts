const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * So many objects and lists may lie within each other in what a client sends. Whoever goes through JSON by recursion, here or where it
 * arrives, has a stack that ends: JSON.stringify's after some 4,000 levels, PHP's json_decode by itself after 512, serde_json after 127.
 */
export const MAX_LEVELS = 512;

/** Why a text is refused that is nested deeper. */
export const TOO_DEEP = `Must not be nested deeper than ${MAX_LEVELS} levels`;

/**
 * Whether a JSON text is nested deeper than it may be.
 *
 * @param json text that JSON.parse accepted; for other texts the result means nothing
 */
export function isTooDeep(json: Buffer, most = MAX_LEVELS): boolean {
  // Each level has a byte where it opens and one where it closes.
  if (json.length <= 2 * most) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = closingQuote(json, at);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > most) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return false;
}

/** Whether a text is a JSON object. */
export function isJsonObjectText(text: string): boolean {
  if (!/^[ \t\r\n]*\{/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function closingQuote(json: Buffer, at: number): number {
  for (at++; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return at;
}
