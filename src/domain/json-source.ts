import { atOnce, STEP_CHARS, StepSize, type Stepwise } from './stepwise.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** The longest escape of a character is `\u0041`. */
const ESCAPE_LENGTH = 6;

/**
 * The source text of one top-level value of a JSON object, as a view of the body. Nothing is copied or formatted: large numbers, the order of
 * keys and spaces in the value stay as they were written. As in JSON.parse, a key may contain escapes, and the last of equal keys counts.
 *
 * @param body a text that JSON.parse accepts; for any other text the result has no meaning
 * @returns null if the object has no such key, or the text is not an object
 */
export function sourceOf(body: Buffer, key: string): Buffer | null {
  return atOnce(sourceInSteps(body, key));
}

/** The same, in steps. */
export function* sourceInSteps(body: Buffer, key: string): Stepwise<Buffer | null> {
  const wanted = Buffer.from(key);
  const size = new StepSize();
  let found: Buffer | null = null;
  let at = spaceEnd(body, 0);
  if (body[at] !== OPEN_BRACE) return null;
  at = spaceEnd(body, at + 1);
  while (body[at] === QUOTE) {
    const keyEnd = stringEnd(body, at);
    const isWanted = isKey(body, at, keyEnd, wanted, key);
    at = spaceEnd(body, keyEnd);
    if (body[at] !== COLON) break;
    const start = spaceEnd(body, at + 1);
    const end = yield* valueEnd(body, start);
    if (isWanted) found = body.subarray(start, end);
    if (size.isFull(end - keyEnd)) yield;
    at = spaceEnd(body, end);
    if (body[at] !== COMMA) break;
    at = spaceEnd(body, at + 1);
  }
  return found;
}

/**
 * The source texts of the items of a JSON list, as views of it.
 *
 * @param list a text that JSON.parse accepts; for any other text the result has no meaning
 * @returns an empty list if the text is not a list
 */
export function itemSourcesOf(list: Buffer): Buffer[] {
  const items: Buffer[] = [];
  let at = spaceEnd(list, 0);
  if (list[at] !== OPEN_BRACKET) return items;
  at = spaceEnd(list, at + 1);
  while (at < list.length && list[at] !== CLOSE_BRACKET) {
    const end = atOnce(valueEnd(list, at));
    items.push(list.subarray(at, end));
    at = spaceEnd(list, end);
    if (list[at] !== COMMA) break;
    at = spaceEnd(list, at + 1);
  }
  return items;
}

/**
 * The source texts of the items of a JSON list, in steps. Unlike the other functions here it takes any text.
 *
 * @returns null if the text is not a list, or not separated as a list is. The items themselves are not checked: if JSON.parse accepts each
 * of them, it accepts the list. If there are more than `max` items, the list ends after one more.
 */
export function* checkedItemSources(list: Buffer, max: number): Stepwise<Buffer[] | null> {
  const items: Buffer[] = [];
  const size = new StepSize();
  let at = jsonSpaceEnd(list, 0);
  if (list[at] !== OPEN_BRACKET) return null;
  at = jsonSpaceEnd(list, at + 1);
  let isOpen = list[at] !== CLOSE_BRACKET;
  while (isOpen) {
    const end = yield* valueEnd(list, at);
    if (end === at) return null;
    items.push(list.subarray(at, end));
    if (items.length > max) return items;
    if (size.isFull(end - at)) yield;
    at = jsonSpaceEnd(list, end);
    isOpen = list[at] === COMMA;
    if (isOpen) at = jsonSpaceEnd(list, at + 1);
  }
  return list[at] === CLOSE_BRACKET && jsonSpaceEnd(list, at + 1) === list.length ? items : null;
}

function jsonSpaceEnd(body: Buffer, at: number): number {
  for (; ; at++) {
    const byte = body[at];
    if (byte !== SPACE && byte !== TAB && byte !== LINE_FEED && byte !== CARRIAGE_RETURN) return at;
  }
}

/** Whether the string from `start` to `end`, with its quotes, means the key. An escape is always longer than its character. */
function isKey(body: Buffer, start: number, end: number, wanted: Buffer, key: string): boolean {
  const longer = end - start - 2 - wanted.length;
  if (longer === 0) return body.compare(wanted, 0, wanted.length, start + 1, end - 1) === 0;
  // A key that is too long for it is not parsed.
  if (longer < 0 || end - start - 2 > ESCAPE_LENGTH * key.length) return false;
  const spelled = body.subarray(start, end);
  return spelled.includes(BACKSLASH) && JSON.parse(spelled.toString()) === key;
}

function spaceEnd(body: Buffer, at: number): number {
  // JSON's white space is space, tab and line ends. No other byte up to 0x20 may be outside a string.
  while (body[at]! <= SPACE) at++;
  return at;
}

/** The index after the closing quote of the string that begins at `at`. */
function stringEnd(body: Buffer, at: number): number {
  for (at++; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  return body.length;
}

/** The index after the value that begins at `at`. */
function* valueEnd(body: Buffer, at: number): Stepwise<number> {
  const first = body[at];
  if (first === QUOTE) return stringEnd(body, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return yield* nestedEnd(body, at);
  while (at < body.length && !endsScalar(body[at]!)) at++;
  return at;
}

function* nestedEnd(body: Buffer, at: number): Stepwise<number> {
  let depth = 0;
  let stepEnd = at + STEP_CHARS;
  while (at < body.length) {
    if (at > stepEnd) {
      stepEnd = at + STEP_CHARS;
      yield;
    }
    const byte = body[at];
    if (byte === QUOTE) {
      at = stringEnd(body, at);
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at + 1;
    at++;
  }
  return body.length;
}

function endsScalar(byte: number): boolean {
  return byte <= SPACE || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET;
}
