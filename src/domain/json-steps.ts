import { isJsonObjectText, MAX_LEVELS } from './json-depth.js';
import { STEP_CHARS, StepSize, type Stepwise } from './stepwise.js';

/** A JSON text is nested too deeply. */
export class JsonTooDeep extends Error {}

/** Objects and lists up to this length are parsed by JSON.parse, together with their neighbours. */
const RUN_CHARS = 4_096;

/**
 * What JSON.parse makes of a text, in steps. Throws SyntaxError if it is not JSON, and JsonTooDeep if it is nested too deeply.
 *
 * Long objects and lists are taken apart here; their short items are parsed by JSON.parse, many at a time.
 */
export function* parsedInSteps(text: string, maxLevels: number): Stepwise<unknown> {
  const ends = yield* longParts(text, maxLevels);
  return yield* new Reader(text, ends).whole();
}

/** Whether a text is a JSON object. A long one is parsed in steps. */
export function* isJsonObjectInSteps(text: string): Stepwise<boolean> {
  if (text.length <= STEP_CHARS || !/^[ \t\r\n]*\{/.test(text)) return isJsonObjectText(text);
  try {
    yield* parsedInSteps(text, MAX_LEVELS);
    return true;
  } catch (error) {
    // Such a text is from a time without this limit.
    return error instanceof JsonTooDeep && isJsonObjectText(text);
  }
}

/** Where each object or list that is longer than RUN_CHARS ends, by where it begins. */
function* longParts(text: string, maxLevels: number): Stepwise<Map<number, number>> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  let isTooDeep = false;
  for (let at = 0, counted = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = stringEnd(text, at) - 1;
    else if (opens(character)) {
      if (open.push(at) > maxLevels) isTooDeep = true;
    } else if (closes(character)) {
      const start = open.pop();
      if (start === undefined) throw new SyntaxError('A bracket that was not opened');
      if (at + 1 - start > RUN_CHARS) ends.set(start, at + 1);
    }
    if (at - counted < STEP_CHARS) continue;
    counted = at;
    yield;
  }
  if (open.length > 0) throw new SyntaxError('A bracket that is not closed');
  if (isTooDeep) throw new JsonTooDeep();
  return ends;
}

/** The value of a list or an object that is being read. */
interface Target {
  value: unknown;
  /** Adds items, or members, from their source text. Answers how many there were. */
  addRun(text: string): number;
  /** @param head the text before the value: nothing, or its name and a colon */
  add(head: string, value: unknown): void;
}

/** Where a list or an object is being read. */
interface Place {
  /** Where the items begin that were not parsed yet. */
  run: number;
  /** Where the current item begins. */
  item: number;
  /** There was a comma before it. */
  follows: boolean;
}

class Reader {
  private at = 0;
  private readonly size = new StepSize();

  constructor(
    private readonly text: string,
    private readonly ends: ReadonlyMap<number, number>,
  ) {}

  *whole(): Stepwise<unknown> {
    this.skipSpace();
    if (!this.ends.has(this.at)) return JSON.parse(this.text) as unknown;
    const value = yield* this.long();
    this.skipSpace();
    if (this.at < this.text.length) throw new SyntaxError('Text after the value');
    return value;
  }

  /** Reads the long list or object that begins here, item by item. */
  private *long(): Stepwise<unknown> {
    const isList = this.text.charCodeAt(this.at) === OPEN_BRACKET;
    const last = this.ends.get(this.at)! - 1;
    if (this.text.charCodeAt(last) !== (isList ? CLOSE_BRACKET : CLOSE_BRACE)) throw new SyntaxError('A wrong bracket');
    const target = isList ? listTarget() : objectTarget();
    this.at++;
    const place: Place = { run: this.at, item: this.at, follows: false };
    while (this.at < last) {
      const character = this.text.charCodeAt(this.at);
      if (character === QUOTE) this.at = stringEnd(this.text, this.at);
      else if (opens(character) && this.ends.has(this.at)) yield* this.longItem(target, place, last);
      else if (opens(character)) this.at = shortEnd(this.text, this.at);
      else {
        this.at++;
        if (character === COMMA && this.endsRun(target, place)) yield;
      }
    }
    // What is left may be blank if the list is, or if it ends with a long item.
    if (target.addRun(this.text.slice(place.run, last)) === 0 && place.follows) throw new SyntaxError('A comma too many');
    this.at = last + 1;
    return target.value;
  }

  private *longItem(target: Target, place: Place, last: number): Stepwise<void> {
    if (place.item > place.run) this.addRun(target, place);
    const head = this.text.slice(place.item, this.at);
    target.add(head, yield* this.long());
    this.skipSpace();
    place.follows = this.text.charCodeAt(this.at) === COMMA;
    if (place.follows) this.at++;
    else if (this.at !== last) throw new SyntaxError('Items without a comma');
    place.run = place.item = this.at;
    if (this.size.isFull(head.length)) yield;
  }

  /** After a comma: whether the run before it was long enough to be parsed, and the step is full. */
  private endsRun(target: Target, place: Place): boolean {
    place.item = this.at;
    place.follows = true;
    if (place.item - place.run < RUN_CHARS) return false;
    const chars = place.item - place.run;
    this.addRun(target, place);
    place.run = place.item;
    return this.size.isFull(chars);
  }

  /** Adds the items up to the comma before the current one. */
  private addRun(target: Target, { run, item }: Place): void {
    if (target.addRun(this.text.slice(run, item - 1)) === 0) throw new SyntaxError('A comma too many');
  }

  private skipSpace(): void {
    while (isSpace(this.text.charCodeAt(this.at))) this.at++;
  }
}

function listTarget(): Target {
  const value: unknown[] = [];
  return {
    value,
    addRun: (text) => {
      const items = JSON.parse(`[${text}]`) as unknown[];
      for (const item of items) value.push(item);
      return items.length;
    },
    add: (head, item) => {
      if (/[^ \t\r\n]/.test(head)) throw new SyntaxError('Items without a comma');
      value.push(item);
    },
  };
}

function objectTarget(): Target {
  const value: Record<string, unknown> = {};
  return {
    value,
    addRun: (text) => {
      const members = Object.entries(JSON.parse(`{${text}}`) as object);
      for (const [name, member] of members) put(value, name, member);
      return members.length;
    },
    add: (head, member) => {
      const [name] = Object.keys(JSON.parse(`{${head}null}`) as object);
      if (name === undefined) throw new SyntaxError('A value without a name');
      put(value, name, member);
    },
  };
}

/** As JSON.parse does it: `__proto__` is a name like any other. */
function put(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function opens(character: number): boolean {
  return character === OPEN_BRACE || character === OPEN_BRACKET;
}

function closes(character: number): boolean {
  return character === CLOSE_BRACE || character === CLOSE_BRACKET;
}

function isSpace(character: number): boolean {
  return character === 0x20 || character === 0x09 || character === 0x0a || character === 0x0d;
}

/** The index after the closing quote of the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (at++; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) return at + 1;
    if (character === BACKSLASH) at++;
  }
  throw new SyntaxError('A text that does not end');
}

/** The index after the closing bracket of the short object or list that begins at `at`. */
function shortEnd(text: string, at: number): number {
  for (let depth = 0; ; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = stringEnd(text, at) - 1;
    else if (opens(character)) depth++;
    else if (closes(character) && --depth === 0) return at + 1;
  }
}
