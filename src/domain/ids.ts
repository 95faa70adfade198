import { randomFillSync } from 'node:crypto';

/** Every id begins with the prefix of its kind. */
export type IdPrefix = 'org_' | 'app_' | 'ep_' | 'msg_' | 'atmpt_' | 'evtype_' | 'qtask_' | 'opevt_' | 'audit_' | 'key_';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_CHARS = 27;
const EPOCH_MS = 1_400_000_000_000;
const LAST_MS = EPOCH_MS + 0xffff_ffff * 1000 + 999;
const WORD = 0x1_0000_0000;

// Three digits at a time: the largest power of 62 for which remainder * 2^32 + word is still an exact double.
const CHUNK = 62 ** 3;
const DIGITS = Buffer.from(ALPHABET);
const DIGIT_OF = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 62; digit++) DIGIT_OF[ALPHABET.charCodeAt(digit)] = digit;

// Each call uses these two buffers only until it returns, so that all calls can share them.
const WORDS = new Float64Array(5);
const TEXT = Buffer.alloc(ID_CHARS);

const POOL = new Uint32Array(4 * 256);
let poolAt = POOL.length;

/** The 4 ms slot of the last id, and the 24 highest of its random bits. */
interface Last {
  slot: number;
  top: number;
}

// Messages apart: their time may stand still (database/database-clock.ts) while that of other ids goes on.
const LAST_MESSAGE: Last = { slot: -1, top: 0 };
const LAST_OTHER: Last = { slot: -1, top: 0 };

/**
 * A new id: the prefix and 27 base62 characters (a KSUID with a sub-second byte). They are 160 bits: the seconds since 1,400,000,000, a byte
 * that counts 4 ms steps of that second, and 15 random bytes. In byte order, ids are sorted by time, to 4 ms. Ids that one process makes
 * within the same 4 ms increase too (messages apart from the others), so that lists show them in the order in which they were made.
 *
 * @param atMs Unix milliseconds; a time out of range becomes the nearest one in range
 * @throws RangeError if atMs is NaN
 */
export function newId(prefix: IdPrefix, atMs: number = Date.now()): string {
  // One system call for 256 ids: a call for each id would cost more than the rest of this function.
  if (poolAt === POOL.length) {
    randomFillSync(POOL);
    poolAt = 0;
  }
  const id = encode(
    prefix,
    atMs,
    topBits(prefix === 'msg_' ? LAST_MESSAGE : LAST_OTHER, atMs, POOL[poolAt]!),
    POOL[poolAt + 1]!,
    POOL[poolAt + 2]!,
    POOL[poolAt + 3]!,
  );
  poolAt += 4;
  return id;
}

/** Random for the first id of a slot, below the middle of the range; then one more for each id. */
function topBits(last: Last, ms: number, random: number): number {
  const slot = Math.floor(ms / 4);
  last.top = slot === last.slot && last.top < 0xff_ffff ? last.top + 1 : random & 0x7f_ffff;
  last.slot = slot;
  return last.top;
}

/**
 * The time in an id, in Unix milliseconds, a multiple of 4 within its second.
 *
 * @throws RangeError if what follows the prefix is not 27 base62 characters of 160 bits
 */
export function timeOf(id: string): number {
  const words = decode(id.slice(id.lastIndexOf('_') + 1));
  if (words === null) throw new RangeError(`Not an id: ${JSON.stringify(id.slice(0, 64))}`);
  return EPOCH_MS + words[0]! * 1000 + (words[1]! >>> 24) * 4;
}

/** The smallest id of the 4 ms slot of `ms` (Unix milliseconds). A time out of range becomes the nearest one in range. */
export function firstIdAt(prefix: IdPrefix, ms: number): string {
  return encode(prefix, ms, 0, 0, 0, 0);
}

/** The largest id of the 4 ms slot of `ms` (Unix milliseconds). A time out of range becomes the nearest one in range. */
export function lastIdAt(prefix: IdPrefix, ms: number): string {
  return encode(prefix, ms, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff);
}

/** Whether the text is an id of this kind. For such a text `timeOf` does not throw. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.startsWith(prefix) && decode(text.slice(prefix.length)) !== null;
}

/** When the entity with this id was made: its `createdAt` or `timestamp`. Throws as `timeOf` does. */
export function entityTime(id: string): Date {
  return new Date(timeOf(id));
}

/** The 15 low bytes are the low 3 bytes of `w1` and all of `w2` to `w4`. */
function encode(prefix: IdPrefix, ms: number, w1: number, w2: number, w3: number, w4: number): string {
  if (Number.isNaN(ms)) throw new RangeError('The time of an id must be a number of milliseconds');
  const sinceEpoch = Math.min(Math.max(Math.floor(ms), EPOCH_MS), LAST_MS) - EPOCH_MS;
  const seconds = Math.floor(sinceEpoch / 1000);
  const step = Math.floor((sinceEpoch - seconds * 1000) / 4);
  return prefix + base62(seconds, ((step << 24) | (w1 & 0xff_ffff)) >>> 0, w2, w3, w4);
}

function base62(w0: number, w1: number, w2: number, w3: number, w4: number): string {
  WORDS[0] = w0;
  WORDS[1] = w1;
  WORDS[2] = w2;
  WORDS[3] = w3;
  WORDS[4] = w4;
  let top = 0;
  for (let at = ID_CHARS - 3; at >= 0; at -= 3) {
    let rest = 0;
    for (let word = top; word < 5; word++) {
      const n = rest * WORD + WORDS[word]!;
      const quotient = Math.floor(n / CHUNK);
      rest = n - quotient * CHUNK;
      WORDS[word] = quotient;
    }
    while (top < 4 && WORDS[top] === 0) top++;
    TEXT[at] = DIGITS[Math.floor(rest / 3844)]!;
    TEXT[at + 1] = DIGITS[Math.floor(rest / 62) % 62]!;
    TEXT[at + 2] = DIGITS[rest % 62]!;
  }
  return TEXT.toString('latin1');
}

/** Five big-endian 32-bit words; null if the text is not 27 base62 characters, or more than 160 bits. */
function decode(text: string): number[] | null {
  if (text.length !== ID_CHARS) return null;
  const words = [0, 0, 0, 0, 0];
  for (let at = 0; at < ID_CHARS; at += 3) {
    const [high, mid, low] = [digitAt(text, at), digitAt(text, at + 1), digitAt(text, at + 2)];
    if (high < 0 || mid < 0 || low < 0) return null;
    let carry = (high * 62 + mid) * 62 + low;
    for (let word = 4; word >= 0; word--) {
      const n = words[word]! * CHUNK + carry;
      carry = Math.floor(n / WORD);
      words[word] = n - carry * WORD;
    }
    if (carry !== 0) return null;
  }
  return words;
}

function digitAt(text: string, index: number): number {
  return DIGIT_OF[text.charCodeAt(index)] ?? -1;
}
