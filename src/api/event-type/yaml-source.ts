import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type Alias,
  type CST,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { MAX_LEVELS, TOO_DEEP } from '../../domain/json-depth.js';
import { quoted, shortened } from '../../domain/quoted.js';
import { atOnce, type Stepwise } from '../../domain/stepwise.js';

/** A YAML text can not be used. The message is shown to the client. */
export class YamlFault extends Error {}

/**
 * The library composes the document from its tokens in one call, which blocks the event loop for up to 45 ms for so many of them. JSON is
 * parsed in small steps, so larger documents must be sent as JSON.
 */
const MAX_TOKENS = 75_000;
const TOKENS_PER_STEP = 2_000;
/** The library also reads each text of several lines at once, which takes up to 0.2 µs a character. */
const MAX_YAML_CHARS = 262_144;
/** The time for a number grows with the square of its digits. */
const MAX_TOKEN_CHARS = 65_536;
const TOO_LARGE = 'The document is too large for YAML: send it as JSON';
/** Limit on the resulting JSON. A few lines of YAML with aliases of aliases could fill the memory. */
const MAX_CHARS = 2 * 1024 * 1024;
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Converts a YAML document (1.2, core schema, with merge keys) to JSON text. Numbers keep their text and keys their order. Throws
 * YamlFault if the text is not YAML, can not be expressed in JSON, is too large or nested too deeply. Limits are checked early, so
 * that a bad document costs little.
 */
export function jsonSourceOf(yaml: string): string {
  return atOnce(jsonSourceInSteps(yaml));
}

/** The same, in steps. */
export function* jsonSourceInSteps(yaml: string): Stepwise<string> {
  const { contents, errors } = yield* documentIn(yaml);
  const [error] = errors;
  if (error?.code === 'RESOURCE_EXHAUSTION') throw new YamlFault(TOO_DEEP);
  if (error) throw new YamlFault(`${shortened(error.message)} at line ${lineAt(yaml, error.pos[0])}`);
  yield;
  return new Writer().text(contents);
}

/** What `parseDocument` of the library does at once. */
function* documentIn(yaml: string): Stepwise<Document.Parsed> {
  if (yaml.length > MAX_YAML_CHARS) throw new YamlFault(TOO_LARGE);
  const tokens = yield* readableTokens(yaml);
  // The library would compare all keys with each other to find duplicates. `members` finds them faster.
  const composer = new Composer({ schema: 'core', intAsBigInt: true, uniqueKeys: false, prettyErrors: false });
  const documents: Document.Parsed[] = [];
  for (const token of tokens) {
    documents.push(...composer.next(token));
    if (documents.length > 1) break;
  }
  documents.push(...composer.end(true, yaml.length));
  if (documents.length > 1) throw new YamlFault('There are multiple documents: send them one by one');
  return documents[0]!;
}

function* readableTokens(yaml: string): Stepwise<CST.Token[]> {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  let depth = 0;
  for (const lexeme of new Lexer().lex(yaml)) {
    if (++count > MAX_TOKENS || lexeme.length > MAX_TOKEN_CHARS) throw new YamlFault(TOO_LARGE);
    if (lexeme === '[' || lexeme === '{') depth++;
    else if (lexeme === ']' || lexeme === '}') depth--;
    if (depth > MAX_LEVELS) throw new YamlFault(TOO_DEEP);
    tokens.push(...parser.next(lexeme));
    if (count % TOKENS_PER_STEP === 0) yield;
  }
  tokens.push(...parser.end());
  return tokens;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Writes the nodes of a document as JSON. */
class Writer {
  private chars = 0;
  /** The last node with each anchor so far. An alias refers to the last anchor before it. */
  private readonly anchored = new Map<string, Node>();
  private readonly targets = new Map<Alias, Node>();
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

  /** The members as text, by name. Members from merge keys come first; the mapping's own members override them. */
  private members(map: YAMLMap, depth: number): Map<string, string> {
    if (depth > MAX_LEVELS) throw new YamlFault(TOO_DEEP);
    this.count(2 + map.items.length);
    const own = new Map<string, string>();
    const taken = new Map<string, string>();
    for (const { key, value } of map.items as Pair<Node | null, Node | null>[]) {
      if (isMergeKey(key)) this.merge(value, depth + 1, taken);
      else {
        const name = this.nameOf(key);
        if (own.has(name)) throw new YamlFault(`The key ${quoted(name)} is there twice in one mapping`);
        this.count(JSON.stringify(name).length + 1);
        own.set(name, this.text(value, depth + 1));
      }
    }
    return new Map([...taken, ...own]);
  }

  /** Adds the members of a merge key. If several mappings have a key, the first one counts (https://yaml.org/type/merge.html). */
  private merge(value: Node | null, depth: number, taken: Map<string, string>): void {
    const target = this.resolved(value);
    for (const item of isSeq(target) ? target.items : [target]) {
      const source = this.resolved(item as Node | null);
      if (!isMap(source))
        throw new YamlFault('"<<" takes over the members of a mapping, or of a list of mappings: it can have no other value');
      for (const [name, text] of this.members(source, depth)) if (!taken.has(name)) taken.set(name, text);
    }
  }

  private nameOf(key: Node | null): string {
    const target = this.resolved(key);
    if (target === null) return '';
    if (!isScalar(target)) throw new YamlFault('A list or mapping can not be a key in JSON');
    return typeof target.value === 'string' ? target.value : (target.source ?? String(target.value));
  }

  /** The node itself, or the target of an alias. The target is found when the alias is seen first, and stays the same later. */
  private resolved(node: Node | null): Node | null {
    if (node === null || node === undefined) return null;
    if (!this.seen.has(node)) {
      this.seen.add(node);
      if (isAlias(node)) this.targets.set(node, this.target(node));
      else if (node.anchor !== undefined) this.anchored.set(node.anchor, node);
    }
    return isAlias(node) ? this.targets.get(node)! : node;
  }

  private target({ source }: Alias): Node {
    const found = this.anchored.get(source);
    if (!found) throw new YamlFault(`The alias *${shortened(source)} has no anchor before it`);
    return found;
  }

  /** Counts characters before the text is built, so that no large text is ever built. */
  private count(chars: number): void {
    this.chars += chars;
    if (this.chars > MAX_CHARS) throw new YamlFault('The document is too large when its aliases are expanded');
  }
}

/** Merge keys are not part of YAML 1.2, but OpenAPI documents use them and tools support them. */
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
  if (!Number.isFinite(value)) throw new YamlFault(`JSON has no number ${shortened(source ?? String(value))}`);
  return JSON.stringify(value);
}
