import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What the headers for a target need beside the request. */
export interface Origin {
  /** The listener's port. */
  port: number;
  dropsInvalidHeaders: boolean;
}

/** Of one connection only (RFC 9110, 7.6.1), and what the load balancer answers itself. */
const OF_CONNECTION = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const OWN = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port', 'x-amzn-trace-id']);
const USUALLY_WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
const VALID_NAME = /^[-A-Za-z0-9]+$/;
const ID_BYTES = 12;

/**
 * The headers that a target gets, name and value in turn. Names keep their case: only those of HTTP/2 clients are documented as lower case. The
 * host is in lower case, and `Expect` is not passed on.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#http-headers
 */
export function forTarget(request: IncomingMessage, origin: Origin): string[] {
  const { headers, rawHeaders, method = '' } = request;
  const dropped = (name: string) => OWN.has(name) || (origin.dropsInvalidHeaders && !VALID_NAME.test(name));
  const sent = kept(rawHeaders, headers.connection, dropped);
  if (headers.host === undefined) sent.push('Host', `127.0.0.1:${origin.port}`);
  if (headers['transfer-encoding'] !== undefined) sent.push('Transfer-Encoding', 'chunked');
  else if (headers['content-length'] === undefined && USUALLY_WITH_BODY.has(method)) sent.push('Content-Length', '0');
  const client = request.socket.remoteAddress ?? '';
  const before = headers['x-forwarded-for'];
  sent.push('X-Forwarded-For', before === undefined ? client : `${String(before)}, ${client}`);
  sent.push('X-Forwarded-Proto', 'http', 'X-Forwarded-Port', String(origin.port));
  sent.push('X-Amzn-Trace-Id', traceId(headers['x-amzn-trace-id'], newId()));
  return sent;
}

/**
 * The headers that a client gets. The load balancer keeps and closes clients' connections by its own rules, so what the target says about its
 * connection is not passed on.
 */
export function forClient(answer: IncomingMessage, closes: boolean): string[] {
  const sent = kept(answer.rawHeaders, answer.headers.connection, () => false);
  sent.push('Connection', closes ? 'close' : 'keep-alive');
  return sent;
}

/**
 * The header for tracing: a new root, or a `Self` before the root that came; other fields stay.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 * Assumption: fields without a root get a root.
 */
export function traceId(given: string | string[] | undefined, id: string): string {
  const fields = String(given ?? '')
    .split(';')
    .map((field) => field.trim())
    .filter((field) => field !== '' && !field.startsWith('Self='));
  const own = fields.some((field) => field.startsWith('Root=')) ? 'Self' : 'Root';
  return [`${own}=${id}`, ...fields].join(';');
}

function newId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `1-${seconds}-${randomBytes(ID_BYTES).toString('hex')}`;
}

function kept(raw: readonly string[], connection: string | undefined, dropped: (name: string) => boolean): string[] {
  const nominated = new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const sent: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    const lower = name.toLowerCase();
    if (OF_CONNECTION.has(lower) || nominated.has(lower) || dropped(lower)) continue;
    sent.push(name, lower === 'host' ? value.toLowerCase() : value);
  }
  return sent;
}
