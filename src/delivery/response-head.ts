/** The longest head of a response, in bytes: 64 KB of headers and the status line. A trailer section has the same limit. */
export const MAX_HEAD_BYTES = 65 * 1024;

/** The bytes are not an HTTP/1.1 response. The message says why, for the owner of the endpoint. */
export class InvalidResponse extends Error {
  readonly code = 'INVALID_RESPONSE';
}

/** How the end of the body is found. `unknown`: the head contradicts itself. */
export type Framing = { kind: 'none' } | { kind: 'length'; bytes: number } | { kind: 'chunked' | 'until-close' | 'unknown' };

/** The status line and the header section of a response. */
export interface ResponseHead {
  statusCode: number;
  /** Names in lower case, with one value for each field line. */
  headers: ReadonlyMap<string, readonly string[]>;
  framing: Framing;
  /** Whether the connection may carry another request after the body. */
  keepsConnection: boolean;
}

const STATUS_LINE = /^HTTP\/(\d)(?:\.(\d))?[ \t]+([1-9]\d\d)(?:[ \t].*)?$/is;
/** A field name (RFC 9110, 5.1), which may have spaces inside or behind it. curl and Go's client accept them too. */
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]+[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*[ \t]*$/;
const REGULAR_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Visible characters, spaces, tabs and Latin-1. */
const REGULAR_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The beginning of an obs-fold (RFC 9112, 5.2): the line continues the value of the line before. */
const FOLDED = /^[ \t]/;
const DIGITS = /^\d{1,15}$/;
const MAX_QUOTED_LENGTH = 60;

/**
 * Parses the head of a response. It accepts the same violations of RFC 9112 that common clients accept
 * (docs/adr/0049-deliveries-have-an-http-client-of-their-own.md), because the status decides about the delivery.
 *
 * After an irregular response the connection is not used again. Other implementations may see another end of that response, so the bytes
 * behind it could be taken for the response to the next request.
 *
 * @param text the head in Latin-1, without its empty line
 * @throws InvalidResponse
 */
export function parseHead(text: string): ResponseHead {
  const lines = text.split('\n');
  let irregular = lines.some((line, at) => at < lines.length - 1 && !line.endsWith('\r'));
  const line = (at: number) => (lines[at]!.endsWith('\r') ? lines[at]!.slice(0, -1) : lines[at]!);
  const [, major, minor, status] = STATUS_LINE.exec(line(0)) ?? [];
  if (status === undefined) throw new InvalidResponse(`it begins with ${quoted(line(0))}, which is no status line of HTTP/1.1`);
  irregular ||= !REGULAR_VALUE.test(line(0));
  const headers = new Map<string, string[]>();
  for (let at = 1; at < lines.length;) {
    const { name, value, regular } = parseFieldLine(line(at));
    const parts = [value];
    while (++at < lines.length && FOLDED.test(lines[at]!)) parts.push(line(at).trim());
    irregular ||= !regular || parts.length > 1;
    const values = headers.get(name);
    // RFC 9112, 5.2: each obs-fold counts as a space.
    const unfolded = parts.length === 1 ? value : parts.filter((part) => part !== '').join(' ');
    if (values) values.push(unfolded);
    else headers.set(name, [unfolded]);
  }
  const statusCode = Number(status);
  const { framing, unambiguous } = framingOf(statusCode, headers);
  const version = Number(major) * 10 + Number(minor ?? 0);
  return {
    statusCode,
    headers,
    framing,
    keepsConnection: !irregular && unambiguous && version <= 11 && persists(version, headers, framing),
  };
}

function parseFieldLine(text: string): { name: string; value: string; regular: boolean } {
  if (FOLDED.test(text)) throw new InvalidResponse('its first header line begins with a space');
  const colon = text.indexOf(':');
  if (colon < 0) throw new InvalidResponse(`the header line ${quoted(text)} has no colon`);
  const name = text.slice(0, colon);
  const isRegularName = REGULAR_NAME.test(name);
  if (!isRegularName && !FIELD_NAME.test(name)) throw new InvalidResponse(`${quoted(name)} is no name of a header`);
  const value = text.slice(colon + 1).trim();
  return { name: name.trimEnd().toLowerCase(), value, regular: isRegularName && REGULAR_VALUE.test(value) };
}

/** The length of the body (RFC 9112, 6.3). `unambiguous`: all implementations must see the same length. */
function framingOf(status: number, headers: ReadonlyMap<string, string[]>): { framing: Framing; unambiguous: boolean } {
  const lengths = listOf(headers.get('content-length'));
  const codings = listOf(headers.get('transfer-encoding')).map((coding) => coding.toLowerCase());
  if (status < 200 || status === 204 || status === 304) {
    // A 304 has no body, but may have the length that the body of a 200 would have.
    return {
      framing: { kind: 'none' },
      unambiguous: codings.length === 0 && (status === 304 || lengths.every((length) => length === '0')),
    };
  }
  const realCodings = codings.filter((coding) => coding !== 'identity');
  if (realCodings.length > 0) {
    const chunked = realCodings.at(-1) === 'chunked';
    return {
      framing: { kind: chunked ? 'chunked' : 'until-close' },
      unambiguous: chunked && codings.length === 1 && lengths.length === 0,
    };
  }
  if (!headers.has('content-length')) return { framing: { kind: 'until-close' }, unambiguous: codings.length === 0 };
  const [length] = lengths;
  if (length === undefined || !DIGITS.test(length) || lengths.some((other) => other !== length)) {
    return { framing: { kind: 'unknown' }, unambiguous: false };
  }
  return { framing: { kind: 'length', bytes: Number(length) }, unambiguous: lengths.length === 1 && codings.length === 0 };
}

/** Whether the server keeps the connection open after this response (RFC 9112, 9.3). */
function persists(version: number, headers: ReadonlyMap<string, string[]>, framing: Framing): boolean {
  if (framing.kind === 'until-close') return false;
  const options = listOf(headers.get('connection')).map((option) => option.toLowerCase());
  if (options.includes('close')) return false;
  if (version < 11) return options.includes('keep-alive') && framing.kind !== 'chunked';
  return true;
}

/** The members of a list-based field (RFC 9110, 5.6.1), from all its lines. */
function listOf(values: readonly string[] | undefined): string[] {
  if (values === undefined) return [];
  return values.length === 1 && !values[0]!.includes(',')
    ? [values[0]!]
    : values
        .join(',')
        .split(',')
        .map((part) => part.trim());
}

function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text);
}
