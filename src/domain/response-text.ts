import { isUtf8 } from 'node:buffer';

/** How many bytes of an answer's body are stored with its attempt. */
export const RESPONSE_BYTES_KEPT = 20_000;

/**
 * The text that is stored for an answer's body: its first 20,000 bytes as UTF-8, or in base64 if they are not UTF-8. A body of that length
 * may have been cut within a character, here or by its reader. Then the incomplete character is dropped.
 */
export function responseText(bytes: Buffer): string {
  const kept = bytes.subarray(0, RESPONSE_BYTES_KEPT);
  const whole = kept.length < RESPONSE_BYTES_KEPT ? kept : kept.subarray(0, lastCharacterEnd(kept));
  return isUtf8(whole) ? whole.toString('utf8') : kept.toString('base64');
}

/** Where the last complete UTF-8 character ends. Only the first byte of a character is examined. */
function lastCharacterEnd(bytes: Buffer): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
