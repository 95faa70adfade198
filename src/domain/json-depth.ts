const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * How deeply objects and lists may be nested in JSON from clients. Programs that read JSON by recursion, here and at the receivers, have a
 * limited stack: JSON.stringify fails after about 4,000 levels, PHP's json_decode allows 512, serde_json 127.
 */
export const MAX_LEVELS = 512;

/** The error for a text that is nested deeper. */
export const TOO_DEEP = `Must not be nested deeper than ${MAX_LEVELS} levels`;

/**
 * Whether a JSON text is nested too deeply.
 *
 * @param json a text that JSON.parse accepts; for any other text the result has no meaning
 */
export function isTooDeep(json: Buffer, maxLevels = MAX_LEVELS): boolean {
  // Each level has a byte where it opens and one where it closes.
  if (json.length <= 2 * maxLevels) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = closingQuote(json, at);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > maxLevels) return true;
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
