import { isAlias, isMap, isScalar, isSeq, Lexer, parseDocument, type Alias, type Node, type Pair, type YAMLMap } from 'yaml';
import { MAX_LEVELS, TOO_DEEP } from '../../domain/json-depth.js';

/** The text can't be taken; says why, to a client. */
export class YamlFault extends Error {}

/**
 * Reading YAML takes microseconds a token, and holds the process up for as long. What is larger can be sent as JSON, which takes a
 * hundredth of that.
 */
const MAX_TOKENS = 100_000;
/** Of the JSON: a few lines of YAML can name each other so often that they would fill any memory. */
const MAX_CHARS = 2 * 1024 * 1024;
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * A YAML document (1.2, core schema, and merge keys) as the source text of the same document in JSON: numbers in their own words, keys in their order.
 * Throws YamlFault for what is no YAML, has no JSON, or is too large or nested too deeply, before that costs anything.
 */
export function jsonSourceOf(yaml: string): string {
  assertReadable(yaml);
  // Looking for keys that are there twice is left to us: the parser compares each with each.
  const options = { schema: 'core', intAsBigInt: true, uniqueKeys: false, prettyErrors: false } as const;
  const { contents, errors } = parseDocument(yaml, options);
  const [error] = errors;
  if (error?.code === 'RESOURCE_EXHAUSTION') throw new YamlFault(TOO_DEEP);
  if (error?.code === 'MULTIPLE_DOCS') throw new YamlFault('There are multiple documents: send them one by one');
  if (error) throw new YamlFault(`${error.message} at line ${lineAt(yaml, error.pos[0])}`);
  return new Writer().text(contents);
}

/** Counts without building anything. */
function assertReadable(yaml: string): void {
  let tokens = 0;
  let depth = 0;
  for (const token of new Lexer().lex(yaml)) {
    if (++tokens > MAX_TOKENS) throw new YamlFault('The document is too large for YAML: send it as JSON');
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > MAX_LEVELS) throw new YamlFault(TOO_DEEP);
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Writes the nodes of a document as JSON. */
class Writer {
  private chars = 0;
  /** The last node so far with each anchor, which is what a name means that comes after it. */
  private readonly anchored = new Map<string, Node>();
  private readonly meant = new Map<Alias, Node>();
  private readonly seen = new Set<Node>();

  text(node: unknown, depth = 0): string {
    if (depth > MAX_LEVELS) throw new YamlFault(TOO_DEEP);
    const target = this.resolved(node as Node | null);
    if (isMap(target)) return this.object(target, depth);
    if (isSeq(target)) {
      this.count(2 + target.items.length);
      return `[${target.items.map((item) => this.text(item, depth + 1)).join(',')}]`;
    }
    const text = scalarText(target);
    this.count(text.length);
    return text;
  }

  private object(map: YAMLMap, depth: number): string {
    return `{${[...this.members(map, depth)].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
  }

  /** The members as text, by name. What is taken over from other mappings comes first, and gives way to the mapping's own. */
  private members(map: YAMLMap, depth: number): Map<string, string> {
    if (depth > MAX_LEVELS) throw new YamlFault(TOO_DEEP);
    this.count(2 + map.items.length);
    const own = new Map<string, string>();
    const taken = new Map<string, string>();
    for (const { key, value } of map.items as Pair<Node | null, Node | null>[]) {
      if (isMergeKey(key)) this.takeOver(value, depth + 1, taken);
      else {
        const name = this.nameOf(key);
        if (own.has(name)) throw new YamlFault(`The key ${JSON.stringify(name)} is there twice in one mapping`);
        this.count(JSON.stringify(name).length + 1);
        own.set(name, this.text(value, depth + 1));
      }
    }
    return new Map([...taken, ...own]);
  }

  /** Of several mappings the first that has a key counts (https://yaml.org/type/merge.html). */
  private takeOver(value: Node | null, depth: number, taken: Map<string, string>): void {
    const target = this.resolved(value);
    for (const item of isSeq(target) ? target.items : [target]) {
      const source = this.resolved(item as Node | null);
      if (!isMap(source)) throw new YamlFault('"<<" stands for the members of a mapping, or of each in a list of mappings');
      for (const [name, text] of this.members(source, depth)) if (!taken.has(name)) taken.set(name, text);
    }
  }

  private nameOf(key: Node | null): string {
    const target = this.resolved(key);
    if (target === null) return '';
    if (!isScalar(target)) throw new YamlFault('A list or mapping can not be a key in JSON');
    return typeof target.value === 'string' ? target.value : (target.source ?? String(target.value));
  }

  /** The node itself, or what it is a name for: decided where it stands, also when it is written once more by another name. */
  private resolved(node: Node | null): Node | null {
    if (node === null || node === undefined) return null;
    if (!this.seen.has(node)) {
      this.seen.add(node);
      if (isAlias(node)) this.meant.set(node, this.target(node));
      else if (node.anchor !== undefined) this.anchored.set(node.anchor, node);
    }
    return isAlias(node) ? this.meant.get(node)! : node;
  }

  private target({ source }: Alias): Node {
    const found = this.anchored.get(source);
    if (!found) throw new YamlFault(`Nothing is called *${source} above where it is used`);
    return found;
  }

  /** Before it is put together, so that nothing large ever is. */
  private count(chars: number): void {
    this.chars += chars;
    if (this.chars > MAX_CHARS) throw new YamlFault('The document is too large once its aliases are replaced by what they name');
  }
}

/** Not of YAML 1.2, but OpenAPI documents have it, and what reads them knows it. */
function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

function scalarText(node: Node | null): string {
  if (node === null) return 'null';
  const { value, source } = node as { value?: unknown; source?: string };
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value, source);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  return JSON.stringify(source ?? '');
}

function numberText(value: number | bigint, source: string | undefined): string {
  if (source !== undefined && JSON_NUMBER.test(source)) return source;
  if (typeof value === 'bigint') return String(value);
  if (!Number.isFinite(value)) throw new YamlFault(`JSON has no number ${source ?? value}`);
  return JSON.stringify(value);
}
