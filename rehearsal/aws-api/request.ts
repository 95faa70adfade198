import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzipped = promisify(gunzip);

/** A request to an API: which protocol it speaks, which service and action it means, and what it says. */
export interface ApiRequest {
  protocol: 'json' | 'query' | 'other';
  /** Prefix of X-Amz-Target, version of a query API, or empty. */
  key: string;
  action: string;
  input: Record<string, any>;
  /** The service that the request was signed for, such as `ecs`. */
  signedFor: string;
  contentType: string;
}

/**
 * Reads a request in one of the protocols that the installed SDK clients speak.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const text = await bodyOf(request);
  const contentType = String(request.headers['content-type'] ?? '');
  const signedFor = /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)/.exec(String(request.headers.authorization))?.[1] ?? 'unsigned';
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const [key = '', action = ''] = target.split('.');
    return { protocol: 'json', key, action, input: text === '' ? {} : JSON.parse(text), signedFor, contentType };
  }
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    const { Action = '', Version = '', ...input } = inputOf(new URLSearchParams(text));
    return { protocol: 'query', key: String(Version), action: String(Action), input, signedFor, contentType };
  }
  return { protocol: 'other', key: '', action: `${request.method} ${request.url}`, input: {}, signedFor, contentType };
}

/** `Names.member.1=a` → `{ Names: ['a'] }`. All values are texts. */
export function inputOf(form: URLSearchParams): Record<string, any> {
  const input: Record<string, any> = {};
  for (const [name, value] of form) {
    const path = name.split('.').filter((part) => part !== 'member');
    let place: Record<string, any> = input;
    for (const [at, part] of path.entries()) {
      const key = Array.isArray(place) ? String(Number(part) - 1) : part;
      const next = path[at + 1];
      if (next === undefined) place[key] = value;
      else place = place[key] ??= /^\d+$/.test(next) ? [] : {};
    }
  }
  return input;
}

/** Clients compress large requests of PutMetricData. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const plain = request.headers['content-encoding'] === 'gzip' ? await unzipped(body) : body;
  return plain.toString('utf8');
}
