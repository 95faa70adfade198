import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { parseSecret, type SigningKey } from '../domain/secrets.js';
import { signatureOf } from '../domain/signature.js';

/** How far a webhook's timestamp may be from now, by Standard Webhooks. */
const TOLERANCE_SECONDS = 5 * 60;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * A webhook receiver for development: answers 204 on any path, and reports each webhook and whether its signature is valid. A GET tells
 * that the receiver is running. `secrets` are endpoint secrets (`whsec_…`); without one signatures can't be checked.
 */
export function startReceiver(port: number, host: string, secrets: readonly string[], say: (line: string) => void): Server {
  const keys = secrets.map((secret) => parseSecret(secret));
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.end('waiting for webhooks\n');
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BYTES) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      response.writeHead(204).end();
      const body = Buffer.concat(chunks);
      say(`${headerOf(request.headers, 'id') ?? '(no id)'}  ${verdict(keys, request.headers, body)}  ${body.toString('utf8')}`);
    });
  });
  return server.listen(port, host, () => say(`Waiting for webhooks on http://${host}:${port}/hook`));
}

/** The result of checking a webhook's signature, as text. */
export function verdict(keys: readonly SigningKey[], headers: IncomingHttpHeaders, body: Buffer): string {
  const [id, timestamp, given] = [headerOf(headers, 'id'), headerOf(headers, 'timestamp'), headerOf(headers, 'signature')];
  if (!id || !timestamp || !given) return 'NOT SIGNED';
  if (keys.length === 0) return '(no secret given, signature not checked)';
  const seconds = Number(timestamp);
  if (!(Math.abs(Date.now() / 1000 - seconds) <= TOLERANCE_SECONDS)) return 'SIGNATURE TOO OLD OR TOO NEW';
  const offered = given.split(' ');
  const good = keys.some((key) => offered.some((signature) => equal(signature, signatureOf([key], id, seconds, body))));
  return good ? 'signature verified' : 'SIGNATURE REFUSED';
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[`webhook-${name}`] ?? headers[`svix-${name}`];
  return typeof value === 'string' ? value : undefined;
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
