/** A JSON object with its source text. Of members with one name the last counts, in the first one's place, as JSON.parse has it. */
export interface JsonObject {
  text: string;
  members: ReadonlyMap<string, JsonNode>;
}

/** A JSON list with its source text. */
export interface JsonList {
  text: string;
  items: readonly JsonNode[];
}

/** A JSON value that knows how it was written. Of a string, number, true, false or null there is nothing but that. */
export type JsonNode = JsonObject | JsonList | string;

/**
 * A JSON text taken apart, each value with its own source text: what is put together of them again says what its author wrote.
 *
 * @param text that JSON.parse accepted, and not nested without limit; for other texts the result means nothing
 */
export function treeOf(text: string): JsonNode {
  return new Reader(text).value();
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

/** What a JSON string says; null for any other value, and for none. */
export function stringIn(node: JsonNode | undefined): string | null {
  return typeof node === 'string' && node.startsWith('"') ? said(node) : null;
}

export function isNumber(node: JsonNode | undefined): boolean {
  return typeof node === 'string' && /^[-\d]/.test(node);
}

/** An object of these members, by their source texts. */
export function objectText(members: Iterable<readonly [string, string]>): string {
  return `{${Array.from(members, ([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

/** What a JSON string says, told by its source text. */
function said(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

const LAST_SPACE = 0x20;

/** Goes through a text once, from left to right. */
class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): JsonNode {
    this.skipSpace();
    const first = this.text[this.at];
    if (first === '{') return this.object();
    if (first === '[') return this.list();
    return first === '"' ? this.string() : this.word();
  }

  private object(): JsonObject {
    const start = this.at;
    const members = new Map<string, JsonNode>();
    while (this.entersNext('}')) {
      const name = said(this.string());
      this.skipSpace();
      this.at++;
      members.set(name, this.value());
    }
    return { text: this.text.slice(start, this.at), members };
  }

  private list(): JsonList {
    const start = this.at;
    const items: JsonNode[] = [];
    while (this.entersNext(']')) items.push(this.value());
    return { text: this.text.slice(start, this.at), items };
  }

  /** Steps over the bracket or comma before the next member or item, or over the closing bracket. */
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
    // No other character up to this one may stand between the parts of a JSON text.
    while (this.text.charCodeAt(this.at) <= LAST_SPACE) this.at++;
  }
}
