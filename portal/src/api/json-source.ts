/** A string, a mark, or a word or number of JSON. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;
/** Above this, a text is shown as it is. */
const MAX_FORMATTED = 500_000;

/** A number that JavaScript has no exact value for, as it was written. JSON that is made of it has all digits too. */
export class WrittenNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(json: string): unknown }).rawJSON(this.source);
  }

  toString(): string {
    return this.source;
  }
}

/** The most digits that every number keeps. */
const EXACT_DIGITS = 15;

function isExact(value: number, source: string): boolean {
  const digits = source.replace(/e.*$/i, '').replace(/\D/g, '');
  return digits.length <= EXACT_DIGITS && Number.isFinite(value) && (value !== 0 || !/[1-9]/.test(digits));
}

/** Parsed JSON whose longest numbers are WrittenNumbers. A browser that does not tell how a number was written gives them as numbers. */
export function parsedExactly(json: string): unknown {
  const revive = (_name: string, value: unknown, context?: { source?: string }) => {
    const source = typeof value === 'number' ? context?.source : undefined;
    return source !== undefined && !isExact(value as number, source) ? new WrittenNumber(source) : value;
  };
  return JSON.parse(json, revive) as unknown;
}

/** A value within a JSON object or array, exactly as it stands there: a parsed number may have lost digits, a written one has not. */
interface Child {
  /** Its name in an object; null in an array. */
  name: string | null;
  source: string;
}

/** The members of a JSON object, or the elements of an array, in their order. None of another value. */
export function childrenOf(json: string): Child[] {
  const found: Child[] = [];
  let depth = 0;
  let name: string | null = null;
  let from = 0;
  let before = '';
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token === '}' || token === ']') depth--;
    if ((depth === 1 && token === ',') || (depth === 0 && before !== '{' && before !== '[' && before !== ''))
      found.push({ name, source: json.slice(from, index).trim() });
    if (depth === 1 && token === ':') name = JSON.parse(before) as string;
    if (token === '{' || token === '[') depth++;
    if (depth === 1 && [',', ':', '{', '['].includes(token)) from = index + 1;
    before = token;
  }
  return found;
}

/** The source text of a member of a JSON object; null if there is none. */
export function memberSource(json: string, name: string): string | null {
  return childrenOf(json).find((child) => child.name === name)?.source ?? null;
}

/** A JSON object of these members. */
export function objectSource(members: readonly (readonly [name: string, source: string])[]): string {
  return `{${members.map(([name, source]) => `${JSON.stringify(name)}:${source}`).join(',')}}`;
}

/** JSON with one member a line, its strings and numbers as they were written. Other text as it is. */
export function formatted(json: string): string {
  if (json.length > MAX_FORMATTED || !isJson(json)) return json;
  let out = '';
  let depth = 0;
  let before = '';
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '}' || token === ']') {
      depth--;
      out += before === '{' || before === '[' ? token : line() + token;
    } else {
      if (before === '{' || before === '[' || before === ',') out += line();
      out += token === ':' ? ': ' : token;
      if (token === '{' || token === '[') depth++;
    }
    before = token;
  }
  return out;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
