import { signatureOf } from '../domain/signature.js';
import { basicAuthOf } from '../domain/endpoint-url.js';
import type { ClaimedDelivery } from '../domain/delivery.js';

export type SignatureHeaders = 'webhook' | 'svix' | 'both';

/** One request as it goes out: header names keep the letter case they were given. */
export interface Outgoing {
  url: URL;
  /** Alternating names and values. */
  headers: string[];
  body: Buffer;
}

const PREFIXES: Record<SignatureHeaders, readonly string[]> = { webhook: ['webhook'], svix: ['svix'], both: ['webhook', 'svix'] };

/**
 * Builds the request of one attempt, signed now with every secret that still signs
 * (Standard Webhooks: the id stays the same for all attempts, the timestamp is the attempt's own).
 */
export function outgoing(
  claimed: ClaimedDelivery,
  signatureHeaders: SignatureHeaders,
  userAgent: string,
  nowMs: number,
): Outgoing {
  const { endpoint, payload, msgId } = claimed;
  const timestamp = Math.floor(nowMs / 1000);
  const live = endpoint.keys.filter(({ expiresAt }) => expiresAt === null || expiresAt > nowMs).map(({ key }) => key);
  const signature = signatureOf(live, msgId, timestamp, payload);
  const custom = new Set(endpoint.headers.map(([name]) => name.toLowerCase()));
  const url = new URL(endpoint.url);
  const headers: string[] = [];
  const add = (name: string, value: string) => {
    if (!custom.has(name)) headers.push(name, value);
  };
  add('accept', '*/*');
  add('content-type', claimed.contentType ?? 'application/json');
  add('user-agent', userAgent);
  for (const prefix of PREFIXES[signatureHeaders]) {
    headers.push(`${prefix}-id`, msgId, `${prefix}-timestamp`, String(timestamp), `${prefix}-signature`, signature);
  }
  for (const [name, value] of endpoint.headers) headers.push(name, value);
  const basicAuth = basicAuthOf(url);
  if (basicAuth !== null) add('authorization', basicAuth);
  return { url, headers, body: payload };
}
