/** How long the head of an answer may be, in bytes: 64 KB of headers, and its status line. The same for the trailer of a body in chunks. */
export const HEAD_BYTES = 65 * 1024;

/** What came is no answer. The message says what is wrong with it, for the owner of the endpoint. */
export class UnreadableAnswer extends Error {
  readonly code = 'UNREADABLE_ANSWER';
}

/** Where the body ends. `unknown`: the head contradicts itself, so nobody can say. */
export type Framing = { kind: 'none' } | { kind: 'length'; bytes: number } | { kind: 'chunked' | 'until-close' | 'unknown' };

/** The status line and the headers of an answer. */
export interface AnswerHead {
  statusCode: number;
  /** By name in lower case; more than one value where the header came more than once. */
  headers: ReadonlyMap<string, readonly string[]>;
  framing: Framing;
  /** Whether the connection may carry another request once the body has ended. */
  keepsConnection: boolean;
}

const STATUS_LINE = /^HTTP\/(\d)(?:\.(\d))?[ \t]+([1-9]\d\d)(?:[ \t].*)?$/is;
// A token (RFC 9110, 5.6.2), or one with spaces in it or after it, as curl and Go's client take them.
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]+[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*[ \t]*$/;
const PLAIN_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// What a value may hold without being odd: visible characters, spaces, tabs and Latin-1.
const PLAIN_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const FOLDED = /^[ \t]/;
const DIGITS = /^\d{1,15}$/;
const SHOWN = 60;

/**
 * Reads the head of an answer, from its status line to the empty line. It takes what the common clients take of RFC 9112's
 * sender faults (docs/adr/0049-deliveries-have-an-http-client-of-their-own.md): what counts is the status. Whatever is odd costs no more than the connection, so that bytes which were
 * understood in another way than they were meant never become the answer to another request.
 *
 * @param text the head in Latin-1, its empty line excluded
 * @throws UnreadableAnswer
 */
export function readHead(text: string): AnswerHead {
  const lines = text.split('\n');
  let odd = lines.some((line, at) => at < lines.length - 1 && !line.endsWith('\r'));
  const line = (at: number) => (lines[at]!.endsWith('\r') ? lines[at]!.slice(0, -1) : lines[at]!);
  const [, major, minor, status] = STATUS_LINE.exec(line(0)) ?? [];
  if (status === undefined) throw new UnreadableAnswer(`it begins with ${shown(line(0))}, which is no status line of HTTP/1.1`);
  odd ||= !PLAIN_VALUE.test(line(0));
  const headers = new Map<string, string[]>();
  for (let at = 1; at < lines.length;) {
    const { name, value, plain } = readLine(line(at));
    const parts = [value];
    while (++at < lines.length && FOLDED.test(lines[at]!)) parts.push(line(at).trim());
    odd ||= !plain || parts.length > 1;
    const values = headers.get(name);
    // RFC 9112, 5.2: a folded line goes on with the value, after a space.
    const whole = parts.length === 1 ? value : parts.filter((part) => part !== '').join(' ');
    if (values) values.push(whole);
    else headers.set(name, [whole]);
  }
  const statusCode = Number(status);
  const { framing, clear } = framingOf(statusCode, headers);
  const version = Number(major) * 10 + Number(minor ?? 0);
  return {
    statusCode,
    headers,
    framing,
    keepsConnection: !odd && clear && version <= 11 && staysOpen(version, headers, framing),
  };
}

function readLine(text: string): { name: string; value: string; plain: boolean } {
  if (FOLDED.test(text)) throw new UnreadableAnswer('its first header line begins with a space');
  const colon = text.indexOf(':');
  if (colon < 0) throw new UnreadableAnswer(`the header line ${shown(text)} has no colon`);
  const name = text.slice(0, colon);
  const plainName = PLAIN_NAME.test(name);
  if (!plainName && !NAME.test(name)) throw new UnreadableAnswer(`${shown(name)} is no name of a header`);
  const value = text.slice(colon + 1).trim();
  return { name: name.trimEnd().toLowerCase(), value, plain: plainName && PLAIN_VALUE.test(value) };
}

/** RFC 9112, 6.3. `clear`: there is one way alone to read it. */
function framingOf(status: number, headers: ReadonlyMap<string, string[]>): { framing: Framing; clear: boolean } {
  const lengths = listed(headers.get('content-length'));
  const codings = listed(headers.get('transfer-encoding')).map((coding) => coding.toLowerCase());
  if (status < 200 || status === 204 || status === 304) {
    // 304 may say how long the body would be.
    return {
      framing: { kind: 'none' },
      clear: codings.length === 0 && (status === 304 || lengths.every((length) => length === '0')),
    };
  }
  const named = codings.filter((coding) => coding !== 'identity');
  if (named.length > 0) {
    const chunked = named.at(-1) === 'chunked';
    return {
      framing: { kind: chunked ? 'chunked' : 'until-close' },
      clear: chunked && codings.length === 1 && lengths.length === 0,
    };
  }
  if (!headers.has('content-length')) return { framing: { kind: 'until-close' }, clear: codings.length === 0 };
  const [length] = lengths;
  if (length === undefined || !DIGITS.test(length) || lengths.some((other) => other !== length)) {
    return { framing: { kind: 'unknown' }, clear: false };
  }
  return { framing: { kind: 'length', bytes: Number(length) }, clear: lengths.length === 1 && codings.length === 0 };
}

function staysOpen(version: number, headers: ReadonlyMap<string, string[]>, framing: Framing): boolean {
  if (framing.kind === 'until-close') return false;
  const options = listed(headers.get('connection')).map((option) => option.toLowerCase());
  if (options.includes('close')) return false;
  if (version < 11) return options.includes('keep-alive') && framing.kind !== 'chunked';
  return true;
}

function listed(values: readonly string[] | undefined): string[] {
  if (values === undefined) return [];
  return values.length === 1 && !values[0]!.includes(',')
    ? [values[0]!]
    : values
        .join(',')
        .split(',')
        .map((part) => part.trim());
}

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
