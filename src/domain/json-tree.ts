import { atOnce, STEP_CHARS, StepSize, type Stepwise } from './stepwise.js';

/** A JSON object with its source text. Of members with the same name the last value counts, at the place of the first, as in JSON.parse. */
export interface JsonObject {
  text: string;
  members: ReadonlyMap<string, JsonNode>;
}

/** A JSON list with its source text. */
export interface JsonList {
  text: string;
  items: readonly JsonNode[];
}

/** A JSON value with its source text. A string, number, true, false or null is its source text only. */
export type JsonNode = JsonObject | JsonList | string;

/**
 * Parses a JSON text so that each value keeps its source text. JSON that is built from such values has everything as its author wrote it.
 *
 * @param text a text that JSON.parse accepts, of limited depth; for any other text the result has no meaning
 */
export function treeOf(text: string): JsonNode {
  return atOnce(treeInSteps(text));
}

/** The same, in steps. */
export function treeInSteps(text: string): Stepwise<JsonNode> {
  return new Reader(text).value();
}

/** The value of a node: what JSON.parse makes of its text. */
export function* valueInSteps(node: JsonNode, size = new StepSize()): Stepwise<unknown> {
  const text = textOf(node);
  if (typeof node === 'string' || text.length < STEP_CHARS) {
    if (size.isFull(text.length)) yield;
    return JSON.parse(text) as unknown;
  }
  if (isList(node)) {
    const items: unknown[] = [];
    for (const item of node.items) items.push(yield* valueInSteps(item, size));
    return items;
  }
  const entries: [string, unknown][] = [];
  for (const [name, member] of node.members) entries.push([name, yield* valueInSteps(member, size)]);
  return Object.fromEntries(entries);
}

export function textOf(node: JsonNode): string {
  return typeof node === 'string' ? node : node.text;
}

export function isObject(node: JsonNode | undefined): node is JsonObject {
  return typeof node === 'object' && 'members' in node;
}

export function isList(node: JsonNode | undefined): node is JsonList {
  return typeof node === 'object' && 'items' in node;
}

/** The value of a JSON string; null for any other value, and for undefined. */
export function stringIn(node: JsonNode | undefined): string | null {
  return typeof node === 'string' && node.startsWith('"') ? valueOf(node) : null;
}

export function isNumber(node: JsonNode | undefined): boolean {
  return typeof node === 'string' && /^[-\d]/.test(node);
}

/** The text of an object with these members, given as names and source texts. */
export function objectText(members: Iterable<readonly [string, string]>): string {
  // By `+` and not by `join`: so a text is copied once in the end, and not again for each object around it.
  let written = '';
  for (const [name, text] of members) written += `${written === '' ? '' : ','}${JSON.stringify(name)}:` + text;
  return '{' + written + '}';
}

/** The value of a JSON string, from its source text. */
function valueOf(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

const LAST_SPACE = 0x20;

/** Reads a text once, from left to right. */
class Reader {
  private at = 0;
  private readonly size = new StepSize();

  constructor(private readonly text: string) {}

  *value(): Stepwise<JsonNode> {
    this.skipSpace();
    const first = this.text[this.at];
    if (first === '{') return yield* this.object();
    if (first === '[') return yield* this.list();
    const scalar = first === '"' ? this.string() : this.word();
    if (this.size.isFull(scalar.length)) yield;
    return scalar;
  }

  private *object(): Stepwise<JsonObject> {
    const start = this.at;
    const members = new Map<string, JsonNode>();
    while (this.entersNext('}')) {
      const name = valueOf(this.string());
      this.skipSpace();
      this.at++;
      members.set(name, yield* this.value());
    }
    return { text: this.text.slice(start, this.at), members };
  }

  private *list(): Stepwise<JsonList> {
    const start = this.at;
    const items: JsonNode[] = [];
    while (this.entersNext(']')) items.push(yield* this.value());
    return { text: this.text.slice(start, this.at), items };
  }

  /** Steps over the bracket or comma before the next member or item and answers true; or over the closing bracket and answers false. */
  private entersNext(closing: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== closing) {
      this.at++;
      this.skipSpace();
      if (this.text[this.at] !== closing) return this.at < this.text.length;
    }
    this.at++;
    return false;
  }

  private string(): string {
    const start = this.at++;
    while (this.at < this.text.length && this.text[this.at] !== '"') this.at += this.text[this.at] === '\\' ? 2 : 1;
    return this.text.slice(start, ++this.at);
  }

  private word(): string {
    const start = this.at;
    while (this.at < this.text.length && !/[\s,\]}]/.test(this.text[this.at]!)) this.at++;
    return this.text.slice(start, this.at);
  }

  private skipSpace(): void {
    // Apart from JSON's white space, no character up to this one may be between the parts of a JSON text.
    while (this.text.charCodeAt(this.at) <= LAST_SPACE) this.at++;
  }
}
