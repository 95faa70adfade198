import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#http-header-limits
const MAX_REQUEST_LINE = 16 * 1024;
/** All headers of a request; AWS's limit. */
export const MAX_REQUEST_HEADERS = 64 * 1024;
/** All headers of a target's answer; AWS's limit. */
export const MAX_RESPONSE_HEADERS = 32 * 1024;
const MAX_FORWARDED_FOR = 30;
/** Of answers that no target gave. */
const SERVER = 'awselb/2.0';
const REQUEST_TIMEOUT = 408;
const BAD_REQUEST = 400;
const CODINGS = new Set(['chunked', 'identity']);
/** After these the connection is closed: where the next request begins is not known. */
const LAST = new Set([REQUEST_TIMEOUT, 501]);

/**
 * The status of a request that is not forwarded at all, or null.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#load-balancer-http-error-codes
 */
export function refusalOf({ method, url = '', headers }: IncomingMessage): number | null {
  if (method === 'TRACE') return 405;
  if (url.length > MAX_REQUEST_LINE) return 414;
  if (!CODINGS.has(headers['transfer-encoding']?.toLowerCase() ?? 'identity')) return 501;
  const addresses = headers['x-forwarded-for'];
  if (addresses !== undefined && String(addresses).split(',').length > MAX_FORWARDED_FOR) return 463;
  return null;
}

/** The status of a request that could not be read; null if there is nobody to tell. */
export function statusOfError(code: string | undefined): number | null {
  if (code === 'ECONNRESET' || code === 'EPIPE') return null;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? REQUEST_TIMEOUT : BAD_REQUEST;
}

/** Answers in the load balancer's name. */
export function answer(response: ServerResponse, status: number, closes: boolean): void {
  if (response.headersSent || response.destroyed) return;
  const body = bodyOf(status);
  const connection = closes || LAST.has(status) ? 'close' : 'keep-alive';
  response.writeHead(status, reasonOf(status), [...headersOf(body), 'Connection', connection]);
  response.end(body);
}

/** The same as text, for a connection whose request could not be read. */
export function rawAnswer(status: number): string {
  const body = bodyOf(status);
  const headers = [...headersOf(body), 'Connection', 'close'];
  const lines = headers.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${headers[at + 1]}`] : []));
  return [`HTTP/1.1 ${status} ${reasonOf(status)}`, ...lines, '', body].join('\r\n');
}

function headersOf(body: string): string[] {
  return ['Server', SERVER, 'Content-Type', 'text/html', 'Content-Length', String(body.length)];
}

function bodyOf(status: number): string {
  return `<html><body><h1>${status} ${reasonOf(status)}</h1></body></html>\n`;
}

function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? '';
}
